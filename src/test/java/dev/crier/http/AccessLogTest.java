package dev.crier.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import dev.crier.testing.Eventually;
import dev.crier.testing.RawClient;
import dev.crier.testing.RunningCrier;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** The lines of the access log, as the key-value pairs of the log events. */
class AccessLogTest {

    private static final String TOKEN = "a-token-of-the-tests";
    private static final String AUTHORIZATION = "Authorization: Bearer " + TOKEN;

    private final List<Map<String, Object>> lines = new CopyOnWriteArrayList<>();
    private final Logger logger = (Logger) LoggerFactory.getLogger(AccessLog.class);
    private final AppenderBase<ILoggingEvent> log = new AppenderBase<>() {
        @Override
        protected void append(ILoggingEvent event) {
            lines.add(
                    event.getKeyValuePairs().stream().collect(Collectors.toMap(pair -> pair.key, pair -> pair.value)));
        }
    };

    @BeforeEach
    void captureLog() {
        log.start();
        logger.addAppender(log);
    }

    @AfterEach
    void releaseLog() {
        logger.detachAppender(log);
    }

    private static RunningCrier crier(boolean access) throws Exception {
        return new RunningCrier(new JsonObject()
                .put("console", new JsonObject().put("access", access))
                .put("publish", new JsonObject().put("tokens", new JsonArray().add(TOKEN)))
                .put("channels", new JsonObject().put("/news", new JsonObject().put("publish", true))));
    }

    /** Asserts the first line and removes it. Every line has the client and a duration, which are not in the map. */
    private void assertLine(Map<String, Object> expected) throws Exception {
        Eventually.until(() -> "a line like " + expected, () -> !lines.isEmpty());
        Map<String, Object> line = lines.remove(0);
        assertTrue((long) line.remove("millis") >= 0);
        assertEquals("127.0.0.1", line.remove("client"));
        assertEquals(expected, line);
    }

    private static String exchange(RunningCrier crier, String request) throws Exception {
        try (var client = new RawClient(crier.port())) {
            client.send(request);
            return client.rest();
        }
    }

    private static long bytes(String answer) {
        return answer.substring(answer.indexOf("\r\n\r\n") + 4).getBytes(StandardCharsets.UTF_8).length;
    }

    @Test
    void aRequestHasOneLineWithItsHeadAndItsResult() throws Exception {
        try (var crier = crier(true)) {
            String answer = exchange(
                    crier,
                    "GET /index.html HTTP/1.1\r\nHost: a\r\nUser-Agent: Tests/1 (a; b)\r\nConnection: close\r\n\r\n");
            assertLine(Map.of(
                    "method", "GET",
                    "path", "/index.html",
                    "status", 200,
                    "bytes", bytes(answer),
                    "agent", "Tests/1 (a; b)"));
            assertEquals(List.of(), lines);
        }
    }

    @Test
    void aLineHasNeitherTheQueryNorTheToken() throws Exception {
        try (var crier = crier(true)) {
            exchange(
                    crier,
                    "POST /news?token=secret&event=e HTTP/1.1\r\nHost: a\r\n" + AUTHORIZATION
                            + "\r\nConnection: close\r\nContent-Length: 4\r\n\r\ndata");
            assertLine(Map.of("method", "POST", "path", "/news", "status", 201, "bytes", 24L));
        }
    }

    @Test
    void aStreamHasALineWithAllItsBytesWhenItEnds() throws Exception {
        try (var crier = crier(true)) {
            crier.publish("/news", "x");
            var first = RawClient.request(crier.port(), "GET /news?lastEventId=earliest", "User-Agent: a");
            first.head();
            int bytes = first.chunk().length() + first.chunk().length(); // the retry line, then the event
            crier.publish("/news", "x".repeat(100_000));
            bytes += first.chunk().length();
            assertEquals(List.of(), lines);
            first.close();
            assertLine(Map.of("method", "GET", "path", "/news", "status", 200, "bytes", (long) bytes, "agent", "a"));
            var second = RawClient.request(crier.port(), "GET /news");
            second.head();
            second.chunk();
            second.reset();
            Eventually.until("the line of the second stream", () -> lines.size() == 1);
            assertEquals(200, lines.remove(0).get("status"));
        }
        assertEquals(List.of(), lines);
    }

    @Test
    void aStreamOfSeveralChannelsHasALineWithoutTheirNames() throws Exception {
        String form = "channel=/news&x=secret";
        try (var crier = crier(true)) {
            var client = RawClient.request(
                    crier.port(),
                    "POST /events?y=secret",
                    "Content-Type: application/x-www-form-urlencoded",
                    "Content-Length: " + form.length());
            client.send(form);
            client.head();
            long bytes = client.chunk().length();
            client.close();
            assertLine(Map.of("method", "POST", "path", "/events", "status", 200, "bytes", bytes));
        }
    }

    @Test
    void aStreamThatTheServerEndsHasALine() throws Exception {
        try (var crier = crier(true)) {
            for (int i = 0; i < 3; i++) {
                RawClient.request(crier.port(), "GET /news").head();
            }
            Eventually.until("all have subscribed", () -> crier.subscribers() == 3);
        }
        assertEquals(3, lines.size());
    }

    /** The router rejects some requests itself, and a request that is not HTTP never reaches it. */
    @Test
    void aRequestThatIsRejectedBeforeTheRoutesHasALine() throws Exception {
        try (var crier = crier(true)) {
            String answer = exchange(crier, "GET /news HTTP/1.1\r\nConnection: close\r\n\r\n");
            assertLine(Map.of("status", 400, "bytes", bytes(answer)));
            answer = exchange(crier, "OPTIONS * HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
            assertLine(Map.of("method", "OPTIONS", "path", "*", "status", 404, "bytes", bytes(answer)));
            answer = exchange(crier, "\0\1 no HTTP\r\n\r\n");
            assertLine(Map.of("status", 400, "bytes", bytes(answer)));
        }
        assertEquals(List.of(), lines);
    }

    @Test
    void aClientThatLeavesBeforeTheResponseHasALineWithoutAStatus() throws Exception {
        try (var crier = crier(true)) {
            var client = RawClient.request(crier.port(), "POST /news", AUTHORIZATION, "Content-Length: 100");
            client.send("a part of it");
            client.reset();
            assertLine(Map.of("method", "POST", "path", "/news", "bytes", 0L));
        }
        assertEquals(List.of(), lines);
    }

    @Test
    void aRequestWithAMalformedBodyHasALineWithTheStatus() throws Exception {
        try (var crier = crier(true)) {
            String answer = exchange(
                    crier,
                    "POST /news HTTP/1.1\r\nHost: a\r\n" + AUTHORIZATION
                            + "\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nx\r\n");
            assertLine(Map.of("method", "POST", "path", "/news", "status", 400, "bytes", bytes(answer)));
        }
        assertEquals(List.of(), lines);
    }

    @Test
    void thereIsNoLineUnlessTheConfigurationAsksForIt() throws Exception {
        try (var crier = crier(false)) {
            exchange(crier, "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
            RawClient.request(crier.port(), "GET /news").close();
        }
        assertEquals(List.of(), lines);
    }
}
