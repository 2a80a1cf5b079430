package dev.crier.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class StreamScannerTest {

    private static final String BODY = "event: crier.start\ndata: {}\nid: 1-0\n\n" + event(7, 700) + event(8, 800);
    private static final List<String> TOLD = List.of("head", "id 1-0", "event 7 700", "event 8 800");

    private static String event(long number, long nanoTime) {
        return "data: " + Payload.of(number, nanoTime) + "\n\n";
    }

    private static List<String> scan(String answer, int pieceLength) {
        var told = new ArrayList<String>();
        var scanner = new StreamScanner(
                new StreamScanner.Sink() {
                    @Override
                    public void head(String head) {
                        told.add("head");
                    }

                    @Override
                    public void id(String id) {
                        told.add("id " + id);
                    }

                    @Override
                    public void event(long number, long nanoTime) {
                        told.add("event " + number + " " + nanoTime);
                    }
                },
                true);
        byte[] bytes = answer.getBytes(StandardCharsets.US_ASCII);
        for (int start = 0; start < bytes.length; start += pieceLength) {
            scanner.scan(Unpooled.wrappedBuffer(bytes, start, Math.min(pieceLength, bytes.length - start)));
        }
        return told;
    }

    @Test
    void findsTheEventsOfAStreamWithoutChunksHoweverItIsCut() {
        String answer = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n" + BODY;
        for (int length = 1; length <= answer.length(); length++) {
            assertEquals(TOLD, scan(answer, length), "pieces of " + length);
        }
    }

    @Test
    void findsTheEventsHoweverTheyAreCutIntoChunksAndPieces() {
        for (int chunk : List.of(1, 3, 50, 119, 1000)) {
            var answer = new StringBuilder("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
            for (int start = 0; start < BODY.length(); start += chunk) {
                String content = BODY.substring(start, Math.min(BODY.length(), start + chunk));
                answer.append(Integer.toHexString(content.length()))
                        .append("\r\n")
                        .append(content)
                        .append("\r\n");
            }
            for (int length : List.of(1, 2, 7, 64, 10_000)) {
                assertEquals(TOLD, scan(answer.toString(), length), "chunks of " + chunk + ", pieces of " + length);
            }
        }
    }

    @Test
    void aPayloadHasItsLengthWhateverItsNumbers() {
        assertEquals(Payload.LENGTH, Payload.of(0, 1).length());
        assertEquals(
                Payload.LENGTH,
                Payload.of(9_999_999_999_999_999L, Long.MAX_VALUE).length());
    }
}
