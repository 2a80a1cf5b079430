package dev.crier.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.testing.RawClient;
import dev.crier.testing.RunningCrier;
import io.vertx.core.eventbus.ReplyException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The responses, readiness and log lines of a full log. */
class FullLogTest {

    private static final String TOKEN = "a-token-of-the-tests";

    private RunningCrier crier;

    @BeforeEach
    void start() throws Exception {
        var news = new JsonObject()
                .put("keep", new JsonObject().put("age", "PT1H"))
                .put("publish", true);
        crier = new RunningCrier(new JsonObject()
                .put("management", new JsonObject().put("port", 0))
                .put("log", new JsonObject().put("memoryBytes", 1 << 20))
                .put(
                        "publish",
                        new JsonObject()
                                .put("tokens", new JsonArray().add(TOKEN))
                                .put("maxBytes", 2_000_000))
                .put("channels", new JsonObject().put("/news", news)));
    }

    @AfterEach
    void stop() throws Exception {
        crier.close();
    }

    private String publish(int bytes) throws IOException {
        try (var client = RawClient.request(
                crier.port(),
                "POST /news",
                "Authorization: Bearer " + TOKEN,
                "Connection: close",
                "Content-Length: " + bytes)) {
            client.send("x".repeat(bytes));
            return client.rest();
        }
    }

    private String ready() throws IOException {
        try (var client = RawClient.request(crier.managementPort(), "GET /health/ready", "Connection: close")) {
            return client.rest();
        }
    }

    @Test
    void anEventThatNeverFitsInTheLogIsTooLarge() throws Exception {
        String answer = publish(1_500_000);
        assertTrue(answer.startsWith("HTTP/1.1 413 "), answer);
        assertTrue(answer.contains("log.memoryBytes: this takes "), answer);
        assertTrue(ready().startsWith("HTTP/1.1 200 "));
    }

    @Test
    void aFullLogIsReportedWithItsRemedyAndIsNotReady() throws Exception {
        String answer = publish(100_000);
        while (answer.startsWith("HTTP/1.1 201 ")) {
            answer = publish(100_000);
        }
        assertTrue(answer.startsWith("HTTP/1.1 503 "), answer);
        assertTrue(answer.toLowerCase().contains("\r\nretry-after: 5\r\n"), answer);
        assertTrue(answer.contains("log.memoryBytes: the event log holds "), answer);
        assertTrue(
                answer.contains("(expected: shorter retention, fewer channels, or a larger value and heap)"), answer);
        var refused = assertThrows(ReplyException.class, () -> crier.publish("/news", "x".repeat(100_000)));
        assertEquals(503, refused.failureCode());
        assertTrue(ready().contains("the event log is full (log.memoryBytes)"));
    }
}
