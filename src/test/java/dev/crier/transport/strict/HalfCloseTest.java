package dev.crier.transport.strict;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.testing.Eventually;
import dev.crier.testing.RawClient;
import dev.crier.testing.RunningCrier;
import dev.crier.testing.Scrape;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A client may send its last request and shut down its sending side at once, as {@code nc -N} does. */
class HalfCloseTest {

    private static final String TOKEN = "a-token-of-the-tests";
    private static final String POST =
            "POST /news HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer " + TOKEN + "\r\nContent-Length: 5\r\n\r\n";
    private static final String STREAM = "GET /news HTTP/1.1\r\nHost: a\r\n\r\n";

    private RunningCrier crier;

    @BeforeEach
    void start() throws Exception {
        var news = new JsonObject()
                .put("keep", new JsonObject().put("events", 100))
                .put("publish", true);
        crier = new RunningCrier(new JsonObject()
                .put("channels", new JsonObject().put("/news", news))
                .put("heartbeat", "PT1H")
                .put("management", new JsonObject().put("port", 0))
                .put("publish", new JsonObject().put("tokens", new JsonArray().add(TOKEN))));
    }

    @AfterEach
    void stop() throws Exception {
        crier.close();
    }

    private String answerTo(String requests) throws Exception {
        try (var client = new RawClient(crier.port())) {
            client.send(requests);
            client.shutdownOutput();
            return client.rest();
        }
    }

    private void subscribers(int count) throws Exception {
        Eventually.until(() -> crier.subscribers() + " subscribers", () -> crier.subscribers() == count);
    }

    private static int count(String answers, String status) {
        return answers.split("HTTP/1.1 " + status, -1).length - 1;
    }

    @Test
    void aPublicationIsAnsweredBeforeTheConnectionCloses() throws Exception {
        String answer = answerTo(POST + "hello");
        assertEquals(1, count(answer, "201"), answer);
    }

    @Test
    void allPipelinedRequestsAreAnswered() throws Exception {
        String answers = answerTo((POST + "hello").repeat(50) + "GET /news.js HTTP/1.1\r\nHost: a\r\n\r\n");
        assertEquals(50, count(answers, "201"), answers);
        assertEquals(1, count(answers, "200"), answers);
    }

    @Test
    void anIncompleteBodyOrHeadIsRejected() throws Exception {
        String answer = answerTo(POST + "hell");
        assertTrue(answer.startsWith("HTTP/1.1 400 Bad Request\r\n"), answer);
        answer = answerTo("POST /news HTTP/1.1\r\nHost");
        assertTrue(answer.startsWith("HTTP/1.1 400 Bad Request\r\n"), answer);
        answer = answerTo((POST + "hello").repeat(3) + POST + "hell");
        assertEquals(3, count(answer, "201"), answer);
        assertEquals(1, count(answer, "400"), answer);
    }

    @Test
    void aHalfClosedConnectionWithoutARequestIsClosed() throws Exception {
        assertEquals("", answerTo(""));
    }

    /** A closed socket looks the same until something is sent. */
    @Test
    void aSubscriberThatShutsDownItsSendingSideHasLeft() throws Exception {
        try (var client = new RawClient(crier.port())) {
            client.send(STREAM);
            client.head();
            subscribers(1);
            client.shutdownOutput();
            client.rest();
            subscribers(0);
        }
        for (String requests : new String[] {STREAM, (POST + "hello").repeat(3) + STREAM}) {
            String answers = answerTo(requests);
            assertEquals(1, count(answers, "200"), answers);
            subscribers(0);
        }
    }

    /** No request follows that of a stream, because the stream's end is that of the connection. */
    @Test
    void bytesAfterTheRequestOfAStreamAreDropped() throws Exception {
        for (String rest : new String[] {POST + "hello", POST, "no HTTP", "\r\n", "x".repeat(100_000)}) {
            try (var client = new RawClient(crier.port())) {
                client.send(STREAM + rest);
                client.head();
                subscribers(1);
                client.send(rest);
                crier.publish("/news", "still");
                String read = client.readThrough("data: still\n");
                assertEquals(1, read.split("data: (?!\\{)", -1).length - 1, read);
            }
            subscribers(0);
        }
    }

    @Test
    void aSubscriberThatClosesHasLeft() throws Exception {
        try (var client = new RawClient(crier.port())) {
            client.send(STREAM);
            client.head();
            subscribers(1);
        }
        subscribers(0);
    }

    /** The response is larger than the buffers of the sockets. */
    @Test
    void aSlowClientGetsTheWholeResponse() throws Exception {
        int requests = 1500;
        try (var client = RawClient.slow(crier.port())) {
            client.send("GET /news.js HTTP/1.1\r\nHost: a\r\n\r\n".repeat(requests));
            client.shutdownOutput();
            String answers = client.rest();
            assertEquals(requests, count(answers, "200"));
            assertTrue(answers.endsWith("\n"));
        }
        Eventually.until("the connection is closed", () -> Scrape.of(crier).value("crier_connections") == 0);
    }

    @Test
    void noConnectionStaysOpen() throws Exception {
        for (int i = 0; i < 50; i++) {
            answerTo(POST + "hello");
            answerTo(STREAM);
            try (var client = new RawClient(crier.port())) {
                client.send(POST + "hello" + POST);
                client.shutdownOutput();
                client.reset();
            }
            try (var client = RawClient.slow(crier.port())) {
                client.send("GET /news.js HTTP/1.1\r\nHost: a\r\n\r\n".repeat(100));
                client.shutdownOutput();
                client.reset();
            }
        }
        subscribers(0);
        Eventually.until("all connections are closed", () -> Scrape.of(crier).value("crier_connections") == 0);
    }
}
