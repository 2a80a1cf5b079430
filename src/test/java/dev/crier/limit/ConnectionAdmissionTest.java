package dev.crier.limit;

import static dev.crier.limit.LimitsFixture.assertClosed;
import static dev.crier.limit.LimitsFixture.close;
import static dev.crier.limit.LimitsFixture.crier;
import static dev.crier.limit.LimitsFixture.halfRequest;
import static dev.crier.limit.LimitsFixture.subscribe;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import dev.crier.testing.Eventually;
import dev.crier.testing.RawClient;
import dev.crier.testing.RawHttp2Client;
import dev.crier.testing.RunningCrier;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Threat: strangers hold connections and memory that others need, without requests or without reading responses. */
class ConnectionAdmissionTest {

    private static final long MORE_THAN_SOCKETS_TAKE = 64 << 20;

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
