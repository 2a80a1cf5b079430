package dev.crier.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.testing.Eventually;
import dev.crier.testing.RawClient;
import dev.crier.testing.RawHttp2Client;
import dev.crier.testing.RunningCrier;
import dev.crier.testing.SigningKey;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Threat: a producer is silent or slow, publishes too fast, stays after its token has expired, or is open when Crier stops. */
class PublishStreamLimitsTest {

    private static final String TOKEN = "Authorization: Bearer a-token-of-the-tests";
    private static final String CHUNKED = "Transfer-Encoding: chunked";
    private static final SigningKey KEY = SigningKey.secret("a secret of the tests, of 32 bytes and more");
    private static final int RATE = 20;

    private RunningCrier crier;
    private RawClient subscriber;

    @BeforeEach
    void start() throws Exception {
        crier = new RunningCrier(new JsonObject()
                .put("http", new JsonObject().put("h2c", true))
                .put("shutdown", new JsonObject().put("drain", "PT1M"))
                .put(
                        "limits",
                        new JsonObject()
                                .put("publicationsPerSecond", RATE)
                                .put("headTimeout", "PT2S")
                                .put("answerTimeout", "PT0.2S"))
                .put("jwt", new JsonObject().put("secrets", List.of(KEY.text())).put("leeway", "PT0S"))
                .put(
                        "publish",
                        new JsonObject().put("idleTimeout", "PT1S").put("tokens", List.of("a-token-of-the-tests")))
                .put(
                        "channels",
                        new JsonObject()
                                .put(
                                        "/news",
                                        new JsonObject()
                                                .put("publish", true)
                                                .put("keep", new JsonObject().put("events", 1000)))));
        subscriber = RawClient.request(crier.port(), "GET /news");
        subscriber.head();
        subscriber.chunk();
    }

    @AfterEach
    void stop() throws Exception {
        subscriber.close();
        crier.close();
    }

    private RawClient open(String... headers) throws Exception {
        return RawClient.request(crier.port(), "POST /news?lines", headers);
    }

    private static void sendChunk(RawClient client, String text) throws Exception {
        client.send(Integer.toHexString(text.length()) + "\r\n" + text + "\r\n");
    }

    private static JsonObject assertProblem(String status, RawClient client) throws Exception {
        List<String> head = client.head();
        assertEquals("HTTP/1.1 " + status, head.get(0));
        assertEquals("close", client.header(head, "Connection").orElseThrow());
        return new JsonObject(client.readThrough("}"));
    }

    @Test
    void aSilentProducerGets408WithTheCount() throws Exception {
        try (var publisher = open(TOKEN, CHUNKED)) {
            sendChunk(publisher, "one\ntwo\nthr");
            JsonObject problem = assertProblem("408 Request Timeout", publisher);
            assertEquals(2, problem.getInteger("count"));
            assertTrue(problem.getString("detail").contains("publish.idleTimeout"));
            assertEquals("", publisher.rest(), "the connection is closed");
        }
    }

    @Test
    void aProducerThatDribblesWithoutEndingALineGets408() throws Exception {
        try (var publisher = open(TOKEN, CHUNKED)) {
            publisher.timeout(20);
            Eventually.until("the response arrives", () -> {
                sendChunk(publisher, "x");
                return publisher.hasMore();
            });
            assertEquals(0, assertProblem("408 Request Timeout", publisher).getInteger("count"));
        }
    }

    /** The lines have fewer bytes than other bodies must send in that time, and the response takes longer than the timeout. */
    @ParameterizedTest
    @ValueSource(strings = {"line\n", "\n"})
    void aProducerThatEndsALineInEachPeriodMayBeSlow(String line) throws Exception {
        try (var publisher = open(TOKEN, CHUNKED)) {
            long begin = System.nanoTime();
            for (int i = 1; i <= 8; i++) {
                sendChunk(publisher, line);
                subscriber.chunk();
                long next = begin + i * 400_000_000L;
                Eventually.until("it is time for the next line", () -> System.nanoTime() > next);
            }
            publisher.send("0\r\n\r\n");
            assertEquals("HTTP/1.1 201 Created", publisher.head().get(0));
            assertEquals(8, new JsonObject(publisher.readThrough("}")).getInteger("count"));
        }
    }

    /** A second's events may be published at once. The rest takes longer than the idle timeout, which does not count here. */
    @Test
    void theRateOfTheTokenSlowsTheReadingAndRefusesNothing() throws Exception {
        int events = 4 * RATE;
        try (var publisher = open(TOKEN, CHUNKED)) {
            long begin = System.nanoTime();
            sendChunk(publisher, "x\n".repeat(events));
            publisher.send("0\r\n\r\n");
            assertEquals("HTTP/1.1 201 Created", publisher.head().get(0));
            assertEquals(events, new JsonObject(publisher.readThrough("}")).getInteger("count"));
            long millis = (System.nanoTime() - begin) / 1_000_000;
            assertTrue(millis >= 2_900, "at the rate of the token: " + millis + " ms");
        }
    }

    @Test
    void whatWaitsForTheRateIsDroppedWhenTheClientLeaves() throws Exception {
        try (var publisher = open(TOKEN, CHUNKED)) {
            sendChunk(publisher, "x\n".repeat(4 * RATE) + "last\n");
            subscriber.readThrough("data: x\n");
            publisher.reset();
        }
        try (var publisher = open("Authorization: Bearer " + token(60), CHUNKED)) {
            for (int i = 0; i < 6; i++) { // longer than the rest would take
                sendChunk(publisher, "tick\n");
                long next = System.nanoTime() + 700_000_000L;
                Eventually.until("a while has passed", () -> System.nanoTime() > next);
            }
            sendChunk(publisher, "done\n");
            assertFalse(subscriber.readThrough("data: done\n").contains("data: last\n"));
        }
    }

    @Test
    void aSilentProducerOverHttp2Gets408WithTheCount() throws Exception {
        try (var client = RawHttp2Client.withWindow(crier.port(), 1 << 16)) {
            int stream = client.open("POST", "/news?lines", TOKEN);
            client.data(stream, "one\ntwo", false);
            assertEquals("408", client.status(stream));
            String problem = new String(client.next(RawHttp2Client.DATA, stream).payload(), StandardCharsets.UTF_8);
            assertEquals(1, new JsonObject(problem).getInteger("count"));
            client.next(RawHttp2Client.RST_STREAM, stream);
        }
    }

    /** Threat: a producer that is not read fills the window of a connection, which may be a proxy's. */
    @Test
    void aProducerThatWaitsDoesNotStopOtherRequestsOfItsHttp2Connection() throws Exception {
        try (var client = RawHttp2Client.withWindow(crier.port(), 1 << 16)) {
            int waiting = client.open("POST", "/news?lines", TOKEN);
            for (int i = 0; i < 4; i++) {
                client.data(waiting, "x\n".repeat((1 << 13) - 1), false);
            }
            int other = client.open("POST", "/news", "Authorization: Bearer " + token(60));
            client.data(other, "x".repeat(1_000), true);
            assertEquals("201", client.status(other));
        }
    }

    @Test
    void eventsOverHttp2AreDeliveredWhenTheyArrive() throws Exception {
        try (var client = RawHttp2Client.withWindow(crier.port(), 1 << 16)) {
            int stream = client.open("POST", "/news", TOKEN, "Content-Type: text/event-stream");
            client.data(stream, "data: one\n\ndata: t", false);
            assertTrue(subscriber.chunk().startsWith("data: one\n"));
            client.data(stream, "wo\n\n", false);
            assertTrue(subscriber.chunk().startsWith("data: two\n"));
            client.data(stream, "", true);
            assertEquals("201", client.status(stream));
            String body = new String(client.next(RawHttp2Client.DATA, stream).payload(), StandardCharsets.UTF_8);
            assertEquals(2, new JsonObject(body).getInteger("count"));
        }
    }

    /** The token is verified on another thread while the request ends. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void anEmptyBodyOverHttp2PublishesNothing(boolean jwt) throws Exception {
        try (var client = RawHttp2Client.withWindow(crier.port(), 1 << 16)) {
            int stream = client.request("POST", "/news?lines", jwt ? "Authorization: Bearer " + token(60) : TOKEN);
            assertEquals("201", client.status(stream));
        }
    }

    private static String token(double seconds) throws Exception {
        return KEY.sign(new JsonObject()
                .put("exp", System.currentTimeMillis() / 1000.0 + seconds)
                .put("crier", new JsonObject().put("publish", new JsonArray().add("/news"))));
    }

    @Test
    void aProducerWhoseTokenExpiresGets401WithTheCount() throws Exception {
        try (var publisher = open("Authorization: Bearer " + token(2), CHUNKED)) {
            publisher.timeout(20);
            Eventually.until("the response arrives", () -> {
                sendChunk(publisher, ":\n");
                return publisher.hasMore();
            });
            List<String> head = publisher.head();
            assertEquals("HTTP/1.1 401 Unauthorized", head.get(0));
            assertTrue(publisher.header(head, "WWW-Authenticate").orElseThrow().contains("invalid_token"));
            assertTrue(new JsonObject(publisher.readThrough("}")).getInteger("count") > 0);
        }
    }

    @Test
    void aProducerGets503WithTheCountWhenCrierStops() throws Exception {
        try (var publisher = open(TOKEN, CHUNKED)) {
            sendChunk(publisher, "one\ntwo");
            subscriber.readThrough("data: one\n");
            Future<Void> closed = crier.vertx().close();
            JsonObject problem = assertProblem("503 Service Unavailable", publisher);
            assertEquals("Crier is stopping.", problem.getString("detail"));
            assertEquals(1, problem.getInteger("count"));
            assertEquals("", publisher.rest(), "the connection is closed");
            subscriber.reset();
            RunningCrier.await(closed);
        }
    }
}
