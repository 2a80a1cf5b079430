package dev.crier.limit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import dev.crier.testing.Eventually;
import dev.crier.testing.RawClient;
import dev.crier.testing.RawHttp2Client;
import dev.crier.testing.RunningCrier;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Threat: strangers hold connections and memory, or use rates, that others need. */
class LimitsTest {

    private static final long MORE_THAN_SOCKETS_TAKE = 64 << 20;

    private static final String TOKEN = "Authorization: Bearer a-token-of-the-tests";
    private static final String OTHER_TOKEN = "Authorization: Bearer another-token-of-the-tests";

    private static RunningCrier crier(JsonObject limits, String... trusted) throws Exception {
        return new RunningCrier(new JsonObject()
                .put("limits", new JsonObject().put("refuse", "status").mergeIn(limits))
                .put("trustedProxies", new JsonArray(List.of(trusted)))
                .put(
                        "publish",
                        new JsonObject()
                                .put(
                                        "tokens",
                                        new JsonArray()
                                                .add("a-token-of-the-tests")
                                                .add("another-token-of-the-tests")))
                .put("channels", new JsonObject().put("/news", new JsonObject().put("publish", true))));
    }

    private static RawClient halfRequest(RunningCrier crier) throws IOException {
        var client = new RawClient(crier.port());
        client.send("GET /news HTTP/1.1\r\nHost: a\r\n");
        return client;
    }

    /** The server resets the connection if it has not read everything. */
    private static void assertClosed(RawClient client) throws IOException {
        try {
            assertEquals("", client.rest());
        } catch (SocketException reset) {
            assertEquals("Connection reset", reset.getMessage());
        }
    }

    /** Subscribes, keeps the client in the list, and returns the status of the response. */
    private static String subscribe(RunningCrier crier, List<RawClient> open, String... headers) throws IOException {
        var client = RawClient.request(crier.port(), "GET /news", headers);
        open.add(client);
        return client.head().get(0).split(" ")[1];
    }

    private static void close(List<RawClient> clients) throws IOException {
        for (RawClient client : clients) {
            client.close();
        }
    }

    @Test
    void connectionsWithoutARequestAreClosedAndSubscribersStay() throws Exception {
        try (var crier = crier(new JsonObject().put("headTimeout", "PT0.3S"));
                var subscriber = RawClient.request(crier.port(), "GET /news");
                var silent = new RawClient(crier.port());
                var half = halfRequest(crier);
                var idle = RawClient.request(crier.port(), "HEAD /news")) {
            subscriber.head();
            idle.head();
            assertEquals("", silent.rest());
            assertEquals("", half.rest());
            assertEquals("", idle.rest(), "a kept-alive connection without another request");
            crier.publish("/news", "still");
            assertEquals("retry: 2000\n", subscriber.chunk());
            assertEquals("data: still\n\n", subscriber.chunk());
        }
    }

    @Test
    void theLongestIdleConnectionIsClosedForANewOneIfAllAreInUse() throws Exception {
        try (var crier = crier(new JsonObject().put("connections", 10).put("headTimeout", "PT1H"));
                var subscriber = RawClient.request(crier.port(), "GET /news")) {
            subscriber.head();
            var half = new ArrayList<RawClient>();
            for (int i = 0; i < 200; i++) {
                half.add(halfRequest(crier));
            }
            for (int i = 0; i < 100; i++) {
                assertClosed(half.get(i));
            }
            var others = new ArrayList<RawClient>();
            assertEquals("200", subscribe(crier, others));
            crier.publish("/news", "still");
            assertEquals("retry: 2000\n", subscriber.chunk());
            assertEquals("data: still\n\n", subscriber.chunk());
            close(half);
            close(others);
        }
    }

    @Test
    void anIdleConnectionOfAnyEventLoopIsClosedForANewOne() throws Exception {
        try (var crier = crier(new JsonObject().put("connections", 3))) {
            var idle = new ArrayList<RawClient>();
            for (int i = 0; i < 3; i++) {
                var client = RawClient.request(crier.port(), "HEAD /news");
                client.head();
                idle.add(client);
            }
            var subscribers = new ArrayList<RawClient>();
            for (int i = 0; i < 3; i++) {
                assertEquals("200", subscribe(crier, subscribers));
            }
            for (RawClient client : idle) {
                assertClosed(client);
            }
            close(subscribers);
        }
    }

    /** Sends requests and reads no response until the server closes the connection. */
    private static void flood(RunningCrier crier) throws IOException {
        String requests = "GET /nothing HTTP/1.1\r\nHost: a\r\n\r\n".repeat(1_000);
        try (var client = RawClient.slow(crier.port())) {
            for (long sent = 0; sent < MORE_THAN_SOCKETS_TAKE; sent += requests.length()) {
                client.send(requests);
            }
        } catch (SocketException closed) {
            return;
        }
        fail("the connection is still open");
    }

    @Test
    @Timeout(60)
    void aClientThatSendsRequestsAndReadsNoResponseIsClosed() throws Exception {
        try (var crier = crier(new JsonObject());
                var subscriber = RawClient.request(crier.port(), "GET /news")) {
            subscriber.head();
            flood(crier);
            crier.publish("/news", "still");
            assertEquals("retry: 2000\n", subscriber.chunk());
            assertEquals("data: still\n\n", subscriber.chunk());
        }
    }

    @Test
    void clientsThatReadNoResponseAreClosedAfterTheHeadTimeout() throws Exception {
        try (var crier = crier(new JsonObject().put("connections", 2).put("headTimeout", "PT0.3S"))) {
            var clients = new ArrayList<RawClient>();
            for (int i = 0; i < 2; i++) {
                var client = RawClient.slow(crier.port());
                client.send("GET /nothing HTTP/1.1\r\nHost: a\r\n\r\n".repeat(1_000));
                clients.add(client);
            }
            for (RawClient client : clients) {
                Eventually.until("it is closed", () -> isClosed(client));
            }
            close(clients);
        }
    }

    private static boolean isClosed(RawClient client) {
        try {
            client.send("GET /nothing HTTP/1.1\r\nHost: a\r\n");
            return false;
        } catch (IOException e) {
            return true;
        }
    }

    @Test
    void aRequestIsRefusedIfSubscribersUseAllConnections() throws Exception {
        try (var crier = crier(new JsonObject().put("connections", 3))) {
            var subscribers = new ArrayList<RawClient>();
            for (int i = 0; i < 3; i++) {
                assertEquals("200", subscribe(crier, subscribers));
            }
            try (var surplus = RawClient.request(crier.port(), "GET /news")) {
                List<String> head = surplus.head();
                assertEquals("HTTP/1.1 503 Service Unavailable", head.get(0));
                assertEquals("5", surplus.header(head, "Retry-After").orElseThrow());
                assertEquals(
                        "application/problem+json",
                        surplus.header(head, "Content-Type").orElseThrow());
                assertTrue(surplus.rest().contains("limits.connections"));
            }
            subscribers.remove(0).close();
            Eventually.until("one has left", () -> crier.subscribers() == 2);
            Eventually.until(
                    "another is admitted", () -> subscribe(crier, subscribers).equals("200"));
            close(subscribers);
        }
    }

    @Test
    void subscribersAreLimitedInAll() throws Exception {
        try (var crier = crier(new JsonObject().put("subscribers", 2))) {
            var subscribers = new ArrayList<RawClient>();
            assertEquals("200", subscribe(crier, subscribers));
            assertEquals("200", subscribe(crier, subscribers));
            assertEquals("503", subscribe(crier, subscribers));
            subscribers.remove(0).close();
            Eventually.until("one has left", () -> crier.subscribers() == 1);
            Eventually.until(
                    "another is admitted", () -> subscribe(crier, subscribers).equals("200"));
            close(subscribers);
        }
    }

    @Test
    void subscribersAreLimitedForEachAddress() throws Exception {
        try (var crier = crier(new JsonObject().put("subscribersPerAddress", 2))) {
            var subscribers = new ArrayList<RawClient>();
            assertEquals("200", subscribe(crier, subscribers));
            assertEquals("200", subscribe(crier, subscribers));
            try (var third =
                    RawClient.request(crier.port(), "GET /news", "X-Forwarded-For: 192.0.2.1", "Connection: close")) {
                List<String> head = third.head();
                assertEquals("HTTP/1.1 429 Too Many Requests", head.get(0), "the header of a client is not believed");
                assertEquals("5", third.header(head, "Retry-After").orElseThrow());
                assertTrue(third.rest().contains("limits.subscribersPerAddress"));
            }
            subscribers.remove(0).reset();
            Eventually.until("one has left", () -> crier.subscribers() == 1);
            Eventually.until(
                    "another is admitted", () -> subscribe(crier, subscribers).equals("200"));
            close(subscribers);
        }
    }

    /** {@link ClientAddressTest} has all forms of the headers. */
    @Test
    void subscribersBehindATrustedProxyAreCountedByTheirOwnAddress() throws Exception {
        try (var crier = crier(new JsonObject().put("subscribersPerAddress", 1), "127.0.0.0/8")) {
            var open = new ArrayList<RawClient>();
            assertEquals("200", subscribe(crier, open, "X-Forwarded-For: 192.0.2.1"));
            assertEquals("429", subscribe(crier, open, "Forwarded: for=192.0.2.1"));
            assertEquals("200", subscribe(crier, open, "X-Forwarded-For: 2001:db8::1"));
            assertEquals("429", subscribe(crier, open, "X-Forwarded-For: 2001:db8::2"), "the same network");
            close(open);
        }
    }

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

    /** The client sends only the preface. Vert.x reports such a connection only after the client's settings. */
    @Test
    void anHttp2ConnectionWithoutSettingsIsCountedAndClosed() throws Exception {
        var limits = new JsonObject().put("headTimeout", "PT0.5S");
        try (var crier = new RunningCrier(RunningCrier.channels("/news")
                        .put("http", new JsonObject().put("h2c", true))
                        .put("limits", limits));
                var silent = new RawHttp2Client(crier.port());
                var preface = new RawHttp2Client(crier.port())) {
            preface.preface();
            silent.awaitClose();
            preface.awaitClose();
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

    @Test
    void theManagementListenerHasAConnectionLimitOfItsOwn() throws Exception {
        try (var crier = new RunningCrier(RunningCrier.channels("/news")
                .put("management", new JsonObject().put("port", 0))
                .put("limits", new JsonObject().put("connections", 5)))) {
            var half = new ArrayList<RawClient>();
            for (int i = 0; i < 3 * OpenFiles.forManagement(); i++) {
                var client = new RawClient(crier.managementPort());
                client.send("GET /health/live HTTP/1.1\r\nHost: a\r\n");
                half.add(client);
            }
            assertClosed(half.get(0));
            for (int i = 0; i < 3; i++) {
                try (var health = RawClient.request(crier.managementPort(), "GET /health/ready", "Connection: close")) {
                    assertEquals("HTTP/1.1 200 OK", health.head().get(0));
                }
            }
            var subscribers = new ArrayList<RawClient>();
            assertEquals("200", subscribe(crier, subscribers));
            close(subscribers);
            close(half);
        }
    }

    @Test
    void requestLinesAndHeadersAreLimited() throws Exception {
        try (var crier = crier(new JsonObject().put("urlBytes", 300).put("headerBytes", 500))) {
            var clients = new ArrayList<RawClient>();
            var lines = new ArrayList<String>();
            for (String request : List.of(
                    "GET /news?" + "x".repeat(200) + " HTTP/1.1\r\nHost: a\r\n\r\n",
                    "GET /news?" + "x".repeat(300) + " HTTP/1.1\r\nHost: a\r\n\r\n",
                    "GET /news HTTP/1.1\r\nHost: a\r\nX: " + "x".repeat(400) + "\r\n\r\n",
                    "GET /news HTTP/1.1\r\nHost: a\r\nX: " + "x".repeat(600) + "\r\n\r\n")) {
                var client = new RawClient(crier.port());
                clients.add(client);
                client.send(request);
                lines.add(client.head().get(0).split(" ", 2)[1]);
            }
            assertEquals(List.of("200 OK", "414 URI Too Long", "200 OK", "431 Request Header Fields Too Large"), lines);
            close(clients);
        }
    }
}
