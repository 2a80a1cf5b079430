package dev.crier.limit;

import static dev.crier.limit.LimitsFixture.OTHER_TOKEN;
import static dev.crier.limit.LimitsFixture.TOKEN;
import static dev.crier.limit.LimitsFixture.close;
import static dev.crier.limit.LimitsFixture.crier;
import static dev.crier.limit.LimitsFixture.halfRequest;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.testing.Eventually;
import dev.crier.testing.RawClient;
import dev.crier.testing.RawHttp2Client;
import dev.crier.testing.RunningCrier;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Threat: a publisher uses the rate of others, or holds connections and memory with bodies that do not arrive. */
class PublishLimitsTest {

    private static List<String> publish(RunningCrier crier, String token, String... more) throws IOException {
        String type = more.length == 0 ? "text/plain" : "application/x-ndjson";
        String body = more.length == 0 ? "hello" : String.join("\n", more);
        try (var client = RawClient.request(
                crier.port(),
                "POST /news",
                token,
                "Content-Type: " + type,
                "Content-Length: " + body.length(),
                "Connection: close")) {
            client.send(body);
            return client.head();
        }
    }

    @Test
    void eachTokenHasARateOfItsOwn() throws Exception {
        try (var crier = crier(new JsonObject().put("publicationsPerSecond", 1))) {
            assertEquals("HTTP/1.1 201 Created", publish(crier, TOKEN).get(0));
            List<String> refused = publish(crier, TOKEN);
            assertEquals("HTTP/1.1 429 Too Many Requests", refused.get(0));
            assertTrue(refused.stream().anyMatch(line -> line.equalsIgnoreCase("Retry-After: 1")), refused.toString());
            assertEquals("HTTP/1.1 201 Created", publish(crier, OTHER_TOKEN).get(0), "another token");
            Eventually.until(
                    "the token may publish again",
                    () -> publish(crier, TOKEN).get(0).endsWith("201 Created"));
        }
    }

    @Test
    void eachEventOfABatchCountsTowardsTheRate() throws Exception {
        try (var crier = crier(new JsonObject().put("publicationsPerSecond", 1))) {
            String[] batch = new String[100];
            Arrays.fill(batch, "{\"data\":\"x\"}");
            assertEquals("HTTP/1.1 201 Created", publish(crier, TOKEN, batch).get(0));
            List<String> refused = publish(crier, TOKEN);
            assertEquals("HTTP/1.1 429 Too Many Requests", refused.get(0));
            int wait = refused.stream()
                    .filter(line -> line.toLowerCase().startsWith("retry-after: "))
                    .mapToInt(line -> Integer.parseInt(line.substring("Retry-After: ".length())))
                    .findFirst()
                    .orElseThrow();
            assertTrue(wait > 60 && wait <= 100, "in " + wait + " s");
        }
    }

    private static RunningCrier withShortIdleTimeout() throws Exception {
        return new RunningCrier(new JsonObject()
                .put("http", new JsonObject().put("h2c", true))
                .put(
                        "publish",
                        new JsonObject()
                                .put("idleTimeout", "PT1S")
                                .put("tokens", new JsonArray().add("a-token-of-the-tests")))
                .put("channels", new JsonObject().put("/news", new JsonObject().put("publish", true))));
    }

    @Test
    void aBodyThatDoesNotArriveGets408() throws Exception {
        try (var crier = withShortIdleTimeout();
                var client = RawClient.request(crier.port(), "POST /news", TOKEN, "Content-Length: 10")) {
            client.send("x");
            List<String> head = client.head();
            assertEquals("HTTP/1.1 408 Request Timeout", head.get(0));
            assertEquals("close", client.header(head, "Connection").orElseThrow());
            assertTrue(client.rest().contains("publish.idleTimeout"));
        }
    }

    @Test
    void aBodyThatArrivesTooSlowlyGets408() throws Exception {
        try (var crier = withShortIdleTimeout();
                var client = RawClient.request(crier.port(), "POST /news", TOKEN, "Transfer-Encoding: chunked")) {
            client.timeout(20);
            Eventually.until("the response arrives", () -> {
                client.send("1\r\nx\r\n");
                return client.hasMore();
            });
            assertEquals("HTTP/1.1 408 Request Timeout", client.head().get(0));
        }
    }

    @Test
    void aBodyThatArrivesSlowlyButSteadilyIsPublished() throws Exception {
        try (var crier = withShortIdleTimeout();
                var client = RawClient.request(
                        crier.port(), "POST /news", TOKEN, "Connection: close", "Content-Length: 40000")) {
            long begin = System.nanoTime();
            for (int i = 1; i <= 8; i++) {
                client.send("x".repeat(5_000));
                long next = begin + i * 200_000_000L;
                Eventually.until("it is time for the next part", () -> System.nanoTime() > next);
            }
            assertEquals("HTTP/1.1 201 Created", client.head().get(0));
        }
    }

    @Test
    void aBodyThatDoesNotArriveOverHttp2Gets408() throws Exception {
        try (var crier = withShortIdleTimeout();
                var client = RawHttp2Client.withWindow(crier.port(), 1 << 16)) {
            int stream = client.open("POST", "/news", TOKEN);
            client.data(stream, "x", false);
            assertEquals("408", client.status(stream));
            client.next(RawHttp2Client.RST_STREAM, stream);
        }
    }

    /** The request is answered before its body has arrived. */
    @Test
    void bytesOfABodyThatIsNotReadDoNotCountAsAHead() throws Exception {
        long heads = Runtime.getRuntime().maxMemory() / 256;
        try (var crier = crier(new JsonObject().put("headTimeout", "PT1H"));
                var half = halfRequest(crier)) {
            String part = "y".repeat(1 << 20);
            long bytes = heads + (4 << 20);
            try (var client = RawClient.request(crier.port(), "GET /nothing", "Content-Length: " + bytes)) {
                client.head();
                for (long left = bytes; left > 0; left -= part.length()) {
                    client.send(part.substring(0, (int) Math.min(left, part.length())));
                }
                half.send("Connection: close\r\n\r\n");
                assertEquals("HTTP/1.1 200 OK", half.head().get(0));
            }
        }
    }

    /** Together, the bodies have more bytes than incomplete heads may have. */
    @Test
    void chunksOfABodyDoNotCountAsAHead() throws Exception {
        try (var crier = crier(new JsonObject())) {
            int bytes = 60_000;
            int many = (int) (Runtime.getRuntime().maxMemory() / 256 / 40_000) + 10;
            var clients = new ArrayList<RawClient>();
            for (int i = 0; i < many; i++) {
                var client = RawClient.request(crier.port(), "POST /news", TOKEN, "Transfer-Encoding: chunked");
                clients.add(client);
                client.send(Integer.toHexString(bytes) + "\r\n" + "y".repeat(bytes) + "\r\n");
            }
            for (RawClient client : clients) {
                client.send("0\r\n\r\n");
                assertEquals("HTTP/1.1 201 Created", client.head().get(0));
            }
            close(clients);
        }
    }
}
