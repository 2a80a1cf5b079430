package dev.crier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.testing.CrierProcess;
import dev.crier.testing.Eventually;
import dev.crier.testing.RawClient;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Threat: publishers with a token fill the heap with events. Each kind of publication fills it in its own way. */
class FullLogIT {

    private static final String TOKEN = "a-token-of-the-tests";

    /** The number of requests that are sent before their responses are read. */
    private static final int PIPELINED = 32;

    private static final String EMPTY_EVENTS = "{\"data\":\"\"}\n".repeat(20_000);

    /** Publications that are repeated until one is rejected. */
    enum Load {
        LARGE_EVENTS {
            @Override
            String request(int i) {
                return post("/news", "", "x".repeat(1_100_000));
            }
        },
        EVENTS {
            @Override
            String request(int i) {
                return post("/news", "", "x".repeat(60_000));
            }
        },
        BATCHES_OF_EMPTY_EVENTS {
            @Override
            String request(int i) {
                return post("/news", "Content-Type: application/x-ndjson\r\n", EMPTY_EVENTS);
            }
        },
        BATCHES_WITH_KEYS {
            @Override
            String request(int i) {
                String headers = "Content-Type: application/x-ndjson\r\nIdempotency-Key: " + i + "\r\n";
                return post("/news", headers, "{\"data\":\"\"}\n".repeat(1_000));
            }
        },
        MEMBERS_OF_A_FAMILY {
            @Override
            String request(int i) {
                return post("/orders/" + "x".repeat(230) + i, "Idempotency-Key: " + "k".repeat(240) + i + "\r\n", "x");
            }
        };

        abstract String request(int i);
    }

    @TempDir
    private Path folder;

    private static String post(String path, String headers, String body) {
        return "POST " + path + " HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer " + TOKEN + "\r\n" + headers
                + "Content-Length: " + body.length() + "\r\n\r\n" + body;
    }

    /** Starts Crier with half the heap of the systemd unit, which fills faster. */
    private CrierProcess crier(String retention, int channels) throws IOException {
        return CrierProcess.start(
                folder, CrierProcess.jarWith("-Xmx128m"), "-conf", """
                {
                  "port": 0,
                  "management": {"port": 0},
                  "publish": {"tokens": ["%s"], "maxBytes": 2000000, "maxBatchEvents": 100000},
                  "limits": {"channels": %d},
                  "channels": {
                    "/news": {"keep": {"age": "%s"}, "publish": true},
                    "/orders/:id": {"publish": true},
                    "/state": {"publish": true}
                  }
                }""".formatted(TOKEN, channels, retention));
    }

    /** Reads a response and returns its status. Checks the rejection of a full log. */
    private static String status(RawClient client) throws IOException {
        List<String> head = client.head();
        Optional<String> length = client.header(head, "Content-Length");
        String body = client.read(Integer.parseInt(length.orElseThrow()));
        String status = head.get(0).split(" ")[1];
        if (status.equals("503")) {
            assertEquals(Optional.of("5"), client.header(head, "Retry-After"));
            assertTrue(body.contains("log.memoryBytes: the event log holds "), body);
        }
        return status;
    }

    private static String publish(RawClient client, String path, String data) throws IOException {
        client.send(post(path, "", data));
        return status(client);
    }

    /** Publishes until a publication is rejected, and then ten more times, as other publishers would. */
    private static void fill(RawClient client, Load load) throws IOException {
        int pipelined = load == Load.MEMBERS_OF_A_FAMILY ? PIPELINED : 1;
        int more = 10;
        for (int i = 0; more > 0; i += pipelined) {
            var requests = new StringBuilder();
            for (int next = i; next < i + pipelined; next++) {
                requests.append(load.request(next));
            }
            client.send(requests.toString());
            boolean rejected = false;
            for (int next = i; next < i + pipelined; next++) {
                String status = status(client);
                assertTrue(status.equals("201") || status.equals("503"), status);
                rejected |= status.equals("503");
            }
            more -= rejected ? 1 : 0;
        }
    }

    private static String health(int port) throws IOException {
        try (var client = RawClient.request(port, "GET /health/ready", "Connection: close")) {
            return client.rest();
        }
    }

    @ParameterizedTest
    @EnumSource
    void aFullLogRefusesPublicationsServesSubscribersAndStops(Load load) throws Exception {
        try (var crier = crier(load == Load.EVENTS ? "PT15S" : "PT1H", 10_000_000);
                var subscriber = RawClient.request(crier.port(), "GET /state");
                var publisher = new RawClient(crier.port())) {
            subscriber.head();
            assertEquals("201", publish(publisher, "/state", "before"));
            subscriber.readThrough("data: before\n\n");
            fill(publisher, load);
            assertTrue(health(crier.managementPort()).contains("the event log is full (log.memoryBytes)"));
            assertEquals("201", publish(publisher, "/state", "fuller"));
            subscriber.readThrough("data: fuller\n\n");
            try (var late = RawClient.request(crier.port(), "GET /state")) {
                late.head();
                late.readThrough("data: fuller\n\n");
            }
            if (load == Load.EVENTS) {
                Eventually.until(
                        "retention frees memory",
                        () -> publish(publisher, "/news", "again").equals("201")
                                && health(crier.managementPort()).contains("UP"));
            }
            crier.terminate();
            assertEquals(0, crier.exitStatus());
            List<String> full = crier.lines().stream()
                    .filter(line -> line.contains("log.memoryBytes: the event log holds"))
                    .toList();
            assertEquals(1, full.size(), crier.output());
            assertTrue(full.get(0).startsWith("WARN "), full.get(0));
        }
    }

    @Test
    void aChannelAboveTheLimitIsRefused() throws Exception {
        try (var crier = crier("PT1H", 1_000);
                var publisher = new RawClient(crier.port())) {
            int accepted = 0;
            publisher.send(post("/orders/first", "", "x"));
            List<String> head = publisher.head();
            while (head.get(0).equals("HTTP/1.1 201 Created")) {
                publisher.readThrough("}");
                accepted++;
                publisher.send(post("/orders/" + accepted, "", "x"));
                head = publisher.head();
            }
            assertEquals("HTTP/1.1 503 Service Unavailable", head.get(0));
            assertEquals(Optional.of("5"), publisher.header(head, "Retry-After"));
            publisher.readThrough("limits.channels: ");
            publisher.readThrough(" channels exist, and this would be one more");
            publisher.readThrough("}");
            assertTrue(accepted >= 990 && accepted <= 1_000, "accepted: " + accepted);
            assertEquals("201", publish(publisher, "/orders/first", "x"));
            assertEquals("201", publish(publisher, "/state", "x"));
        }
    }
}
