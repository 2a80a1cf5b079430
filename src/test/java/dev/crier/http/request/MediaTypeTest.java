package dev.crier.http.request;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MediaTypeTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "text/plain",
                "text/plain; charset=UTF-8",
                "Text/HTML;charset=\"utf-8\"",
                "application/json",
                "application/problem+json",
                "application/x-www-form-urlencoded",
                "application/xml",
                "application/octet-stream",
                "image/png",
                "text/plain; charset=utf8",
                "text/plain;charset=US-ASCII",
                "application/json;charset=utf-8;profile=x",
                "",
                ";",
                "text"
            })
    void aTypeThatIsNotABatchIsText(String contentType) {
        assertEquals(MediaType.TEXT, MediaType.of(contentType));
    }

    @Test
    void aBodyWithoutATypeIsText() {
        assertEquals(MediaType.TEXT, MediaType.of(null));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "application/x-ndjson",
                "application/ndjson; charset=utf-8",
                "Application/JSONL",
                "application/x-jsonl",
                "application/jsonlines",
                "application/x-jsonlines"
            })
    void aTypeOfJsonLinesIsABatch(String contentType) {
        assertEquals(MediaType.BATCH, MediaType.of(contentType));
    }

    @ParameterizedTest
    @ValueSource(strings = {"text/event-stream", "Text/Event-Stream; charset=utf-8"})
    void anEventStreamIsOne(String contentType) {
        assertEquals(MediaType.EVENT_STREAM, MediaType.of(contentType));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "multipart/form-data; boundary=x|Content-Type: multipart/form-data (expected: the data alone as the body,"
                        + " as curl sends it with --data-binary)",
                "text/plain; charset=latin1|Content-Type: charset=latin1 (expected: charset=utf-8)",
                "application/x-ndjson; charset=\"UTF-16\"|Content-Type: charset=utf-16 (expected: charset=utf-8)"
            })
    void aBodyThatIsNotUtf8DataIsRejected(String contentType, String message) {
        var e = assertThrows(IllegalArgumentException.class, () -> MediaType.of(contentType));
        assertEquals(message, e.getMessage());
    }
}
