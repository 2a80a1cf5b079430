package dev.crier.http.request;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AcceptTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "text/event-stream",
                "TEXT/Event-Stream",
                "*/*",
                "*",
                "text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2",
                "text/*",
                "text/html, */*;q=0.1",
                "application/json;q=0, text/event-stream;q=0.1",
                "*/*;q=0, text/event-stream",
                "text/event-stream;a=\"",
                "text/html;q=1, text/event-stream; q=0.001"
            })
    void aMatchingRangeAllowsEventStreams(String header) {
        assertTrue(Accept.allowsEventStream(List.of(header)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "application/json",
                "text/html, application/xhtml+xml",
                "text/event-stream;q=0",
                "text/event-stream; q=0, */*",
                "text/*;q=0, */*",
                "*/*;q=0.0",
                "*;q=0",
                "*, */*;q=0",
                "rubbish",
                "text/html;a=\"",
                ";;;,,,/"
            })
    void otherRangesExcludeEventStreams(String header) {
        assertFalse(Accept.allowsEventStream(List.of(header)));
    }

    @Test
    void aRequestWithoutTheHeaderAllowsEventStreams() {
        assertTrue(Accept.allowsEventStream(List.of()));
    }

    @Test
    void severalHeadersCountAsOneList() {
        assertTrue(Accept.allowsEventStream(List.of("text/html", "text/event-stream")));
        assertFalse(Accept.allowsEventStream(List.of("*/*", "text/event-stream;q=0")));
    }
}
