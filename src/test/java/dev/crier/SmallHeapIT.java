package dev.crier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.testing.CrierProcess;
import dev.crier.testing.Eventually;
import dev.crier.testing.RawClient;
import dev.crier.testing.RawHttp2Client;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Threat: clients fill the heap with request bodies or responses. Each kind may take only its share of a heap of 64 MiB. */
@Timeout(120)
class SmallHeapIT {

    private static final String TOKEN = "a-token-of-the-tests";

    private static final int BODY_BYTES = 1_000_000;

    /** How many such bodies fit in an eighth of the heap. */
    private static final int BODIES = (64 << 20) / 8 / BODY_BYTES;

    /** A sixteenth of the heap, at 16 KiB a response. */
    private static final int ANSWERS = (64 << 20) / 16 / (16 << 10);

    private static final int SLOW_MILLIS = 1_000;

    @TempDir
    private Path folder;

    /** With one event loop, so that the order of events is certain. */
    private CrierProcess crier() throws IOException {
        return CrierProcess.start(
                folder,
                List.of("-Xmx64m", "-XX:+UseG1GC", "-jar", CrierProcess.JAR.toString()),
                "-options",
                "{\"eventLoopPoolSize\": 1}",
                "-conf",
                "{\"host\": \"127.0.0.1\", \"port\": 0, \"http\": {\"h2c\": true},"
                        + " \"limits\": {\"answerTimeout\": \"PT1H\"}, \"publish\": {\"maxBytes\": " + BODY_BYTES
                        + ", \"idleTimeout\": \"PT1M\", \"tokens\": [\"" + TOKEN + "\"]},"
                        + " \"channels\": {\"/news\": {\"publish\": true}}}");
    }

    /** Sends a body without its last byte. */
    private static RawClient beginBody(int port) throws IOException {
        var client = RawClient.request(
                port, "POST /news", "Authorization: Bearer " + TOKEN, "Content-Length: " + BODY_BYTES);
        client.send("x".repeat(BODY_BYTES - 1));
        return client;
    }

    private static boolean isAnswered(RawClient client) throws IOException {
        client.timeout(10);
        try {
            return client.hasMore();
        } finally {
            client.timeout(30_000);
        }
    }

    @Test
    void bodiesTogetherAreBoundedAndAnsweredOnesMakeRoom() throws Exception {
        int surplus = 4;
        var clients = new ArrayList<RawClient>();
        try (var crier = crier()) {
            for (int i = 0; i < BODIES + surplus; i++) {
                clients.add(beginBody(crier.port()));
            }
            var refused = new ArrayList<RawClient>();
            Eventually.until(() -> "refused: " + refused.size(), () -> {
                for (RawClient client : clients) {
                    if (!refused.contains(client) && isAnswered(client)) {
                        refused.add(client);
                    }
                }
                return refused.size() >= surplus;
            });
            for (RawClient client : refused) {
                List<String> head = client.head();
                assertEquals("HTTP/1.1 503 Service Unavailable", head.get(0));
                assertTrue(client.header(head, "Retry-After").isPresent(), head.toString());
            }
            clients.removeAll(refused);
            assertEquals(BODIES, clients.size());
            for (RawClient client : clients) {
                client.send("x");
                assertEquals("HTTP/1.1 201 Created", client.head().get(0));
            }
            for (int i = 0; i < 2 * BODIES; i++) {
                try (var client = beginBody(crier.port())) {
                    client.send("x");
                    assertEquals("HTTP/1.1 201 Created", client.head().get(0));
                }
            }
        } finally {
            for (RawClient client : clients) {
                client.close();
            }
        }
    }

    /**
     * Ending the responses one pass each, or looking at all for each, would stop the event loop. No answer to a PING comes
     * between resets of one pass.
     */
    @Test
    void stalledResponsesAboveTheBoundAreResetInOnePassTheSlowestFirst() throws Exception {
        int surplus = 100;
        try (var crier = crier();
                var slowest = RawHttp2Client.withWindow(crier.port(), 0);
                var slow = RawHttp2Client.withWindow(crier.port(), 0);
                var latest = RawHttp2Client.withWindow(crier.port(), 0)) {
            stall(slowest, 200);
            pause(SLOW_MILLIS);
            int second = stall(slow, ANSWERS - 200);
            pause(SLOW_MILLIS);
            assertEquals(0, resets(slowest), "no response is ended below the bound");
            int third = stall(latest, surplus);
            var passes = new ArrayList<Integer>();
            Eventually.until("responses are reset", () -> {
                int resets = resets(slowest);
                if (resets > 0) {
                    passes.add(resets);
                }
                return !passes.isEmpty();
            });
            pause(SLOW_MILLIS);
            assertEquals(0, resets(slowest));
            assertEquals(List.of(surplus), passes);
            assertIsWhole(slow, second);
            assertIsWhole(latest, third);
        }
    }

    /** Asks for responses whose bodies do not fit in the window, and returns the stream of the last one. */
    private static int stall(RawHttp2Client client, int responses) throws IOException {
        int last = client.requests(responses, "GET", "/nothing");
        assertEquals("404", client.status(last));
        return last;
    }

    /** Returns how many streams were reset before the answer to a PING. */
    private static int resets(RawHttp2Client client) throws IOException {
        client.send(RawHttp2Client.PING, 0, 0, Unpooled.buffer().writeZero(RawHttp2Client.PING_BYTES));
        int resets = 0;
        while (true) {
            RawHttp2Client.Frame frame = client.frame();
            if (frame.type() == RawHttp2Client.PING) {
                return resets;
            }
            resets += frame.type() == RawHttp2Client.RST_STREAM ? 1 : 0;
        }
    }

    private static void assertIsWhole(RawHttp2Client client, int stream) throws IOException {
        client.openWindow(stream, 10_000);
        assertTrue(client.next(RawHttp2Client.DATA, stream).payload().length > 0);
    }

    private static void pause(long millis) throws Exception {
        long end = System.nanoTime() + millis * 1_000_000;
        Eventually.until("a while", () -> System.nanoTime() > end);
    }
}
