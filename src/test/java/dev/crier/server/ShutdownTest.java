package dev.crier.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.testing.Eventually;
import dev.crier.testing.RawClient;
import dev.crier.testing.RunningCrier;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.util.ArrayList;
import org.junit.jupiter.api.Test;

/** What subscribers, publishers and operators see when Crier stops. */
class ShutdownTest {

    private static final String TOKEN = "a-token-of-the-tests";

    private static JsonObject conf(String drain) {
        return new JsonObject()
                .put("shutdown", new JsonObject().put("drain", drain))
                .put("management", new JsonObject().put("port", 0))
                .put("publish", new JsonObject().put("tokens", new JsonArray().add(TOKEN)))
                .put(
                        "channels",
                        new JsonObject()
                                .put(
                                        "/news",
                                        new JsonObject()
                                                .put("keep", new JsonObject().put("events", 100))
                                                .put("publish", true)));
    }

    private static String get(int port, String path) throws IOException {
        try (var client = RawClient.request(port, "GET " + path, "Connection: close")) {
            return client.rest();
        }
    }

    private static boolean refuses(int port) {
        try {
            new RawClient(port).close();
            return false;
        } catch (IOException e) {
            return true;
        }
    }

    @Test
    void crierIsReadyUntilItBeginsToStop() throws Exception {
        var crier = new RunningCrier(conf("PT1M"));
        int port = crier.managementPort();
        try (var subscriber = RawClient.request(crier.port(), "GET /news")) {
            subscriber.head();
            assertTrue(get(port, "/health/live").endsWith("\r\n\r\n{\"status\":\"UP\"}"));
            String ready = get(port, "/health/ready");
            assertTrue(ready.startsWith("HTTP/1.1 200 OK\r\n") && ready.endsWith("{\"status\":\"UP\"}"), ready);
            Future<Void> closed = crier.vertx().close();
            Eventually.until("no new connections", () -> refuses(crier.port()));
            String stopping = get(port, "/health/ready");
            assertTrue(stopping.startsWith("HTTP/1.1 503 Service Unavailable\r\n"), stopping);
            assertTrue(stopping.endsWith("{\"status\":\"DOWN\",\"reason\":\"Crier is stopping\"}"), stopping);
            assertTrue(get(port, "/health/live").startsWith("HTTP/1.1 200 OK\r\n"));
            subscriber.reset();
            RunningCrier.await(closed); // before the minute is over, because no subscriber is left
            assertTrue(refuses(port));
        }
    }

    @Test
    void healthChecksAreServedOnlyByTheManagementListener() throws Exception {
        try (var crier = new RunningCrier(conf("PT0S"))) {
            assertTrue(get(crier.port(), "/health/live").startsWith("HTTP/1.1 404 "));
            assertTrue(get(crier.managementPort(), "/news").startsWith("HTTP/1.1 404 "));
        }
    }

    @Test
    void eachStreamEndsWithARetryTimeAndItsPosition() throws Exception {
        var crier = new RunningCrier(conf("PT0.5S"));
        var subscribers = new ArrayList<RawClient>();
        var positions = new ArrayList<String>();
        for (int i = 0; i < 10; i++) {
            subscribers.add(RawClient.request(crier.port(), "GET /news"));
            subscribers.get(i).head();
            positions.add(subscribers.get(i).chunk().split("id: ")[1]);
        }
        Eventually.until("all have joined", () -> crier.subscribers() == 10);
        Future<Void> closed = crier.vertx().close();
        for (int i = 0; i < subscribers.size(); i++) {
            RawClient subscriber = subscribers.get(i);
            String last = subscriber.chunk();
            assertTrue(last.matches("retry: \\d+\nevent: crier.end\ndata: \\{}\nid: \\d+-\\d+\n\n"), last);
            int wait = Integer.parseInt(last.replaceFirst("(?s)retry: (\\d+)\n.*", "$1"));
            assertTrue(
                    wait >= 2_000 && wait <= 3_000,
                    last); // the configured time, the rest of the drain, and a random part
            assertEquals(positions.get(i), last.split("id: ")[1], "the position from which to resume");
            assertEquals("0\r\n\r\n", subscriber.rest());
            subscriber.close();
        }
        RunningCrier.await(closed);
    }

    @Test
    void aPublicationThatHasBegunIsFinishedAndDelivered() throws Exception {
        var crier = new RunningCrier(conf("PT1M"));
        try (var subscriber = RawClient.request(crier.port(), "GET /news");
                var publisher = RawClient.request(
                        crier.port(),
                        "POST /news",
                        "Authorization: Bearer " + TOKEN,
                        "Content-Length: 5",
                        "Expect: 100-continue")) {
            subscriber.head();
            subscriber.chunk();
            assertEquals("HTTP/1.1 100 Continue", publisher.head().get(0)); // the server has the head
            publisher.send("he");
            Future<Void> closed = crier.vertx().close();
            Eventually.until("no new connections", () -> refuses(crier.port()));
            publisher.send("llo");
            assertEquals("HTTP/1.1 201 Created", publisher.head().get(0));
            assertTrue(subscriber.chunk().startsWith("data: hello\nid: "));
            subscriber.reset();
            RunningCrier.await(closed);
        }
    }

    @Test
    void aPipelinedRequestAfterAStreamIsNotRun() throws Exception {
        var crier = new RunningCrier(conf("PT0.5S"));
        try (var subscriber = RawClient.request(crier.port(), "GET /news");
                var pipelining = RawClient.request(crier.port(), "GET /news")) {
            pipelining.send("POST /news HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer " + TOKEN
                    + "\r\nContent-Length: 2\r\n\r\nhi");
            pipelining.head();
            subscriber.head();
            Eventually.until("both have joined", () -> crier.subscribers() == 2);
            crier.close();
            assertTrue(pipelining.rest().endsWith("\n\n\r\n0\r\n\r\n"));
            assertFalse(subscriber.rest().contains("data: hi"));
        }
    }

    @Test
    void aCatchUpEndsBetweenTwoEvents() throws Exception {
        var crier = new RunningCrier(conf("PT0.1S"));
        try (var slow = RawClient.slow(crier.port())) {
            for (int i = 0; i < 100; i++) {
                crier.publish("/news", i + "x".repeat(600_000));
            }
            slow.send("GET /news?lastEventId=earliest HTTP/1.1\r\nHost: a\r\n\r\n");
            slow.head();
            Future<Void> closed = crier.vertx().close();
            Eventually.until("no new connections", () -> refuses(crier.port()));
            String all = slow.rest();
            assertTrue(all.endsWith("\n\n\r\n0\r\n\r\n"), "the end of the last chunk");
            assertFalse(all.contains("data: 99x"), "the catch-up was not finished");
            RunningCrier.await(closed);
        }
    }

    @Test
    void aSubscriberThatTakesNothingDoesNotDelayTheStop() throws Exception {
        var crier = new RunningCrier(conf("PT0.2S"));
        try (var stalled = RawClient.slow(crier.port())) {
            stalled.send("GET /news HTTP/1.1\r\nHost: a\r\n\r\n");
            stalled.head();
            for (int i = 0; i < 200; i++) {
                crier.publish("/news", "x".repeat(60_000));
            }
            crier.close();
        }
    }

    @Test
    void aStreamEndsAfterTheMaximumLifetime() throws Exception {
        var conf = conf("PT0S")
                .put("heartbeat", "PT0.1S")
                .put("subscriber", new JsonObject().put("maxLifetime", "PT0.2S"));
        try (var crier = new RunningCrier(conf);
                var subscriber = RawClient.request(crier.port(), "GET /news")) {
            subscriber.head();
            String all = subscriber.rest();
            assertTrue(
                    all.matches("(?s).*retry: 2000\nevent: crier.end\ndata: \\{}\nid: \\d+-\\d+\n\n\r\n0\r\n\r\n"),
                    all);
            Eventually.until("no subscriber is left", () -> crier.subscribers() == 0);
        }
    }

    @Test
    void anErrorForAPortInUseNamesItsKey() throws Exception {
        try (var crier = new RunningCrier(conf("PT0S"))) {
            var same = conf("PT0S").put("management", new JsonObject().put("port", crier.managementPort()));
            var failure = assertThrows(Exception.class, () -> new RunningCrier(same));
            assertTrue(
                    failure.getMessage().startsWith("management.port: " + crier.managementPort() + " on 127.0.0.1: "),
                    failure.getMessage());
        }
    }
}
