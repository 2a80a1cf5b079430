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

/** What strangers may send and hold, and who pays for it. */
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

    /** With a reset, if it sent something that nobody has read. */
    private static void assertClosed(RawClient client) throws IOException {
        try {
            assertEquals("", client.rest());
        } catch (SocketException reset) {
            assertEquals("Connection reset", reset.getMessage());
        }
    }

    /** Its status; the connection stays. */
    private static String status(RunningCrier crier, List<RawClient> open, String... headers) throws IOException {
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
    void whoSendsHalfARequestAndWaitsIsClosedAndWhoReadsStays() throws Exception {
        try (var crier = crier(new JsonObject().put("headTimeout", "PT0.3S"));
                var reader = RawClient.request(crier.port(), "GET /news");
                var silent = new RawClient(crier.port());
                var half = halfRequest(crier);
                var idle = RawClient.request(crier.port(), "HEAD /news")) {
            reader.head();
            idle.head();
            assertEquals("", silent.rest());
            assertEquals("", half.rest());
            assertEquals("", idle.rest(), "a connection that is kept for later is not kept for ever");
            crier.publish("/news", "still");
            assertEquals("retry: 2000\n", reader.chunk());
            assertEquals("data: still\n\n", reader.chunk());
        }
    }

    @Test
    void whereAllPlacesAreTakenWhoHasWaitedLongestGivesItsPlaceToWhoComes() throws Exception {
        try (var crier = crier(new JsonObject().put("connections", 10).put("headTimeout", "PT1H"));
                var reader = RawClient.request(crier.port(), "GET /news")) {
            reader.head();
            var half = new ArrayList<RawClient>();
            for (int i = 0; i < 200; i++) {
                half.add(halfRequest(crier));
            }
            for (int i = 0; i < 100; i++) {
                assertClosed(half.get(i));
            }
            var others = new ArrayList<RawClient>();
            assertEquals("200", status(crier, others));
            crier.publish("/news", "still");
            assertEquals("retry: 2000\n", reader.chunk());
            assertEquals("data: still\n\n", reader.chunk());
            close(half);
            close(others);
        }
    }

    @Test
    void aPlaceIsGivenWhicheverEventLoopThatIsOf() throws Exception {
        try (var crier = crier(new JsonObject().put("connections", 3))) {
            var idle = new ArrayList<RawClient>();
            for (int i = 0; i < 3; i++) {
                var client = RawClient.request(crier.port(), "HEAD /news");
                client.head();
                idle.add(client);
            }
            var readers = new ArrayList<RawClient>();
            for (int i = 0; i < 3; i++) {
                assertEquals("200", status(crier, readers));
            }
            for (RawClient client : idle) {
                assertClosed(client);
            }
            close(readers);
        }
    }

    /** Asks on and on, and reads no answer, until it is cut off. */
    private static void flood(RunningCrier crier) throws IOException {
        String requests = "GET /nothing HTTP/1.1\r\nHost: a\r\n\r\n".repeat(1_000);
        try (var client = RawClient.slow(crier.port())) {
            for (long sent = 0; sent < MORE_THAN_SOCKETS_TAKE; sent += requests.length()) {
                client.send(requests);
            }
        } catch (SocketException cut) {
            return;
        }
        fail("it was not cut off");
    }

    @Test
    @Timeout(60)
    void whoAsksOnAndOnAndReadsNoAnswerIsCutOff() throws Exception {
        try (var crier = crier(new JsonObject());
                var reader = RawClient.request(crier.port(), "GET /news")) {
            reader.head();
            flood(crier);
            crier.publish("/news", "still");
            assertEquals("retry: 2000\n", reader.chunk());
            assertEquals("data: still\n\n", reader.chunk());
        }
    }

    @Test
    void whoReadsNoAnswerKeepsNoPlace() throws Exception {
        try (var crier = crier(new JsonObject().put("connections", 2).put("headTimeout", "PT0.3S"))) {
            var clients = new ArrayList<RawClient>();
            for (int i = 0; i < 2; i++) {
                var client = RawClient.slow(crier.port());
                client.send("GET /nothing HTTP/1.1\r\nHost: a\r\n\r\n".repeat(1_000));
                clients.add(client);
            }
            for (RawClient client : clients) {
                Eventually.until("it is closed", () -> isCut(client));
            }
            close(clients);
        }
    }

    private static boolean isCut(RawClient client) {
        try {
            client.send("GET /nothing HTTP/1.1\r\nHost: a\r\n");
            return false;
        } catch (IOException e) {
            return true;
        }
    }

    @Test
    void whereAllPlacesAreReadersOneMoreIsTurnedAwayUntilOneLeaves() throws Exception {
        try (var crier = crier(new JsonObject().put("connections", 3))) {
            var readers = new ArrayList<RawClient>();
            for (int i = 0; i < 3; i++) {
                assertEquals("200", status(crier, readers));
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
            readers.remove(0).close();
            Eventually.until("a place is free", () -> crier.subscribers() == 2);
            Eventually.until("it is given", () -> status(crier, readers).equals("200"));
            close(readers);
        }
    }

    @Test
    void thereAreOnlySoManyReadersInAll() throws Exception {
        try (var crier = crier(new JsonObject().put("subscribers", 2))) {
            var readers = new ArrayList<RawClient>();
            assertEquals("200", status(crier, readers));
            assertEquals("200", status(crier, readers));
            assertEquals("503", status(crier, readers));
            readers.remove(0).close();
            Eventually.until("one has left", () -> crier.subscribers() == 1);
            Eventually.until("its seat is free", () -> status(crier, readers).equals("200"));
            close(readers);
        }
    }

    @Test
    void thereAreOnlySoManyReadersOfOneAddress() throws Exception {
        try (var crier = crier(new JsonObject().put("subscribersPerAddress", 2))) {
            var readers = new ArrayList<RawClient>();
            assertEquals("200", status(crier, readers));
            assertEquals("200", status(crier, readers));
            try (var third =
                    RawClient.request(crier.port(), "GET /news", "X-Forwarded-For: 192.0.2.1", "Connection: close")) {
                List<String> head = third.head();
                assertEquals("HTTP/1.1 429 Too Many Requests", head.get(0), "anyone may say such a thing");
                assertEquals("5", third.header(head, "Retry-After").orElseThrow());
                assertTrue(third.rest().contains("limits.subscribersPerAddress"));
            }
            readers.remove(0).reset();
            Eventually.until("one has left", () -> crier.subscribers() == 1);
            Eventually.until("its seat is free", () -> status(crier, readers).equals("200"));
            close(readers);
        }
    }

    @Test
    void aTrustedProxySaysForWhomItAsksAndTheClientsOwnWordCountsForNothing() throws Exception {
        try (var crier = crier(new JsonObject().put("subscribersPerAddress", 1), "127.0.0.0/8", "10.0.0.1")) {
            var readers = new ArrayList<RawClient>();
            assertEquals("200", status(crier, readers, "X-Forwarded-For: 192.0.2.1"));
            assertEquals("429", status(crier, readers, "X-Forwarded-For: 192.0.2.1"));
            assertEquals("429", status(crier, readers, "X-Forwarded-For: 198.51.100.7, 192.0.2.1"), "invented");
            assertEquals("429", status(crier, readers, "X-Forwarded-For: 192.0.2.1, 10.0.0.1"), "two proxies");
            assertEquals("429", status(crier, readers, "Forwarded: for=192.0.2.1;proto=https"));
            assertEquals("429", status(crier, readers, "Forwarded: proto=https;For=\"192.0.2.1:4711\""));
            assertEquals(
                    "429",
                    status(
                            crier,
                            readers,
                            "Forwarded: for=198.51.100.7",
                            "Forwarded: for=192.0.2.1, for=\"10.0.0.1\""));
            assertEquals("200", status(crier, readers, "Forwarded: for=\"[2001:db8::1]:4711\""));
            assertEquals("429", status(crier, readers, "X-Forwarded-For: 2001:db8::2"), "of the same network");
            assertEquals("200", status(crier, readers, "X-Forwarded-For: 2001:db8:0:1::2"));
            assertEquals("200", status(crier, readers, "X-Forwarded-For: unknown"), "the proxy's own seat");
            assertEquals("429", status(crier, readers, "Forwarded: for=_hidden"));
            assertEquals("429", status(crier, readers, "X-Forwarded-For: rubbish%%"));
            assertEquals(
                    "429",
                    status(crier, readers, "X-Forwarded-For: 192.0.2.50", "Forwarded: for=192.0.2.51"),
                    "they differ");
            close(readers);
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
    void aTokenPublishesOnlySoManyEventsASecond() throws Exception {
        try (var crier = crier(new JsonObject().put("publicationsPerSecond", 1))) {
            assertEquals("HTTP/1.1 201 Created", publish(crier, TOKEN).get(0));
            List<String> refused = publish(crier, TOKEN);
            assertEquals("HTTP/1.1 429 Too Many Requests", refused.get(0));
            assertTrue(refused.stream().anyMatch(line -> line.equalsIgnoreCase("Retry-After: 1")), refused.toString());
            assertEquals("HTTP/1.1 201 Created", publish(crier, OTHER_TOKEN).get(0), "each for itself");
            Eventually.until("it may again", () -> publish(crier, TOKEN).get(0).endsWith("201 Created"));
        }
    }

    @Test
    void aBatchCountsAsManyEventsAsItHas() throws Exception {
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

    private static RunningCrier impatientOfBodies() throws Exception {
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
        try (var crier = impatientOfBodies();
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
        try (var crier = impatientOfBodies();
                var client = RawClient.request(crier.port(), "POST /news", TOKEN, "Transfer-Encoding: chunked")) {
            client.timeout(20);
            Eventually.until("it is answered", () -> {
                client.send("1\r\nx\r\n");
                return client.hasMore();
            });
            assertEquals("HTTP/1.1 408 Request Timeout", client.head().get(0));
        }
    }

    @Test
    void aBodyThatArrivesSlowlyIsPublished() throws Exception {
        try (var crier = impatientOfBodies();
                var client = RawClient.request(
                        crier.port(), "POST /news", TOKEN, "Connection: close", "Content-Length: 40000")) {
            for (int i = 1; i <= 20; i++) {
                client.send("x".repeat(2_000));
                long pause = System.nanoTime() + 150_000_000;
                Eventually.until("a while", () -> System.nanoTime() > pause);
            }
            assertEquals("HTTP/1.1 201 Created", client.head().get(0));
        }
    }

    @Test
    void aBodyThatDoesNotArriveOverHttp2Gets408() throws Exception {
        try (var crier = impatientOfBodies();
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

    /** Answered before its body is read, and none of it is part of a head. */
    @Test
    void bytesOfABodyThatNobodyReadsCountForNoHead() throws Exception {
        long heads = Runtime.getRuntime().maxMemory() / 256;
        try (var crier = crier(new JsonObject().put("headTimeout", "PT1H"));
                var half = halfRequest(crier)) {
            String part = "y".repeat(1 << 20);
            long bytes = heads + (4 << 20);
            try (var client = RawClient.request(crier.port(), "GET /nothing", "Content-Length: " + bytes)) {
                client.head();
                for (long sent = 0; sent < bytes; sent += part.length()) {
                    client.send(part);
                }
                client.send("x".repeat((int) (bytes % part.length())));
                half.send("Connection: close\r\n\r\n");
                assertEquals("HTTP/1.1 200 OK", half.head().get(0));
            }
        }
    }

    /** More of them than heads may take, in chunks, on connections that have to be kept until they have all come. */
    @Test
    void publishersWhoseBodiesComeInPartsAreNotTakenForHalfHeads() throws Exception {
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
            assertEquals("200", status(crier, subscribers));
            close(subscribers);
            close(half);
        }
    }

    @Test
    void aRequestLineAndItsHeadersMayBeOnlySoLong() throws Exception {
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
