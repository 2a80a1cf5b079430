package dev.crier.bench.load;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class StreamScannerTest {

    private static final String BODY = "event: crier.start\ndata: {}\nid: 1-0\n\n" + event(7, 700) + event(8, 800);
    private static final List<String> EXPECTED = List.of("head", "id 1-0", "event 7 700", "event 8 800");

    private static String event(long number, long nanoTime) {
        return "data: " + Payload.of(number, nanoTime) + "\n\n";
    }

    private static List<String> scan(String response, int bufferLength) {
        var parts = new ArrayList<String>();
        var scanner = new StreamScanner(
                new StreamScanner.Sink() {
                    @Override
                    public void head(String head) {
                        parts.add("head");
                    }

                    @Override
                    public void id(String id) {
                        parts.add("id " + id);
                    }

                    @Override
                    public void event(long number, long nanoTime) {
                        parts.add("event " + number + " " + nanoTime);
                    }
                },
                true);
        byte[] bytes = response.getBytes(StandardCharsets.US_ASCII);
        for (int start = 0; start < bytes.length; start += bufferLength) {
            scanner.scan(Unpooled.wrappedBuffer(bytes, start, Math.min(bufferLength, bytes.length - start)));
        }
        return parts;
    }

    @Test
    void eventsAreFoundInAnUnchunkedStreamWhateverTheSizeOfTheBuffers() {
        String response = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n" + BODY;
        for (int length = 1; length <= response.length(); length++) {
            assertEquals(EXPECTED, scan(response, length), "buffers of " + length);
        }
    }

    @Test
    void eventsAreFoundInAChunkedStreamWhateverTheSizeOfChunksAndBuffers() {
        for (int chunk : List.of(1, 3, 50, 119, 1000)) {
            var response = new StringBuilder("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
            for (int start = 0; start < BODY.length(); start += chunk) {
                String content = BODY.substring(start, Math.min(BODY.length(), start + chunk));
                response.append(Integer.toHexString(content.length()))
                        .append("\r\n")
                        .append(content)
                        .append("\r\n");
            }
            for (int length : List.of(1, 2, 7, 64, 10_000)) {
                assertEquals(
                        EXPECTED, scan(response.toString(), length), "chunks of " + chunk + ", buffers of " + length);
            }
        }
    }

    @Test
    void eventsOfLiveStreamsHaveNoTime() {
        String response = "HTTP/1.1 200 OK\r\n\r\ndata: {}\n\ndata: " + Payload.shortOf(7) + "\nid: 2-0\n\n";
        for (int length = 1; length <= response.length(); length++) {
            assertEquals(List.of("head", "event 7 " + StreamScanner.UNKNOWN_TIME, "id 2-0"), scan(response, length));
        }
    }

    @Test
    void aPayloadHasAFixedLength() {
        assertEquals(
                Payload.SHORT_LENGTH, Payload.shortOf(9_999_999_999_999_999L).length());
        assertEquals(Payload.LENGTH, Payload.of(0, 1).length());
        assertEquals(
                Payload.LENGTH,
                Payload.of(9_999_999_999_999_999L, Long.MAX_VALUE).length());
    }
}
