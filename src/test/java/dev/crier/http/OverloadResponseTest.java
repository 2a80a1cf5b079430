package dev.crier.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.crier.testing.Eventually;
import dev.crier.testing.RawClient;
import dev.crier.testing.RunningCrier;
import dev.crier.testing.Scrape;
import dev.crier.testing.StreamParser;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpResponseExpectation;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** A refused subscriber gets a retry stream with status 200, because browsers reconnect after no other status. */
@SuppressWarnings("try") // the first subscriber only uses up the limit
class OverloadResponseTest {

    private static final Pattern REFUSED = Pattern.compile(": ((?:The|All) .*)\nretry: (\\d+)\n");

    private static RunningCrier crier(JsonObject limits) throws Exception {
        return new RunningCrier(new JsonObject()
                .put("limits", limits)
                .put("http", new JsonObject().put("h2c", true))
                .put("console", new JsonObject().put("access", true))
                .put("management", new JsonObject().put("port", 0))
                .put("publish", new JsonObject().put("tokens", List.of("a-token-of-the-tests")))
                .put("channels", new JsonObject().put("/news", new JsonObject().put("publish", true))));
    }

    /** Opens the subscriber that uses up the limit. */
    private static RawClient first(RunningCrier crier) throws IOException {
        var first = RawClient.request(crier.port(), "GET /news");
        assertEquals("HTTP/1.1 200 OK", first.head().get(0));
        return first;
    }

    /** Asserts a retry stream that names this limit, and returns its wait in milliseconds. The connection stays usable. */
    private static int assertRefused(RawClient client, String limit) throws IOException {
        List<String> head = client.head();
        assertEquals("HTTP/1.1 200 OK", head.get(0));
        assertEquals(
                "text/event-stream;charset=utf-8",
                client.header(head, "Content-Type").orElse(""));
        assertEquals("no-store", client.header(head, "Cache-Control").orElse(""));
        assertEquals("*", client.header(head, "Access-Control-Allow-Origin").orElse(""));
        String stream = client.read(
                Integer.parseInt(client.header(head, "Content-Length").orElseThrow()));
        Matcher refused = REFUSED.matcher(stream);
        assertTrue(refused.matches(), stream);
        assertTrue(stream.contains(limit), stream);
        assertEquals(List.of(), StreamParser.parse(stream));
        return Integer.parseInt(refused.group(2));
    }

    private static double refusals(RunningCrier crier, int status) throws IOException {
        return Scrape.of(crier).value("crier_refusals_total{status=\"" + status + "\"}");
    }

    @Test
    void aSubscriberAboveTheLimitGetsARetryStreamAndIsAcceptedLater() throws Exception {
        try (var crier = crier(new JsonObject().put("subscribers", 1));
                var first = first(crier);
                var second = RawClient.request(crier.port(), "GET /news", "Origin: https://example.com")) {
            int wait = assertRefused(second, "limits.subscribers)");
            assertTrue(wait >= 5_000 && wait <= 10_000, "5 to 10 seconds: " + wait);
            assertEquals(1, refusals(crier, 503));
            second.send("GET /news HTTP/1.1\r\nHost: a\r\n\r\n");
            assertNotEquals(wait, assertRefused(second, "limits.subscribers)"), "the wait is not random");
            assertEquals(2, refusals(crier, 503));
            first.close();
            Eventually.until("the first has left", () -> crier.subscribers() == 0);
            second.send("GET /news HTTP/1.1\r\nHost: a\r\n\r\n");
            second.head();
            crier.publish("/news", "at last");
            assertTrue(second.readThrough("at last\n").contains("data: at last\n"));
        }
    }

    @Test
    void aSubscriberAboveTheLimitOfItsAddressGetsARetryStream() throws Exception {
        try (var crier = crier(new JsonObject().put("subscribersPerAddress", 1));
                var first = first(crier);
                var second = RawClient.request(crier.port(), "GET /news")) {
            assertRefused(second, "limits.subscribersPerAddress");
            assertEquals(1, refusals(crier, 429));
            assertEquals(0, refusals(crier, 503));
        }
    }

    @Test
    void whenAllConnectionsAreInUseASubscriberGetsARetryStreamAndAPublisherTheStatus() throws Exception {
        try (var crier = crier(new JsonObject().put("connections", 1));
                var first = first(crier)) {
            try (var second = RawClient.request(crier.port(), "GET /news?lastEventId=earliest")) {
                assertRefused(second, "limits.connections");
                assertEquals("", second.rest(), "the connection is still open");
            }
            for (String request : List.of("GET /events?channel=/news", "POST /events")) {
                try (var second = RawClient.request(crier.port(), request)) {
                    assertRefused(second, "limits.connections");
                }
            }
            for (String request : List.of(
                    "POST /news", "GET /index.html", "HEAD /news", "GET /nothing", "HEAD /events", "PUT /events")) {
                try (var other = RawClient.request(crier.port(), request)) {
                    assertEquals(
                            "HTTP/1.1 503 Service Unavailable", other.head().get(0), request);
                }
            }
        }
    }

    @Test
    void overHttp10TheRetryStreamEnds() throws Exception {
        try (var crier = crier(new JsonObject().put("subscribers", 1));
                var first = first(crier);
                var second = new RawClient(crier.port())) {
            second.send("GET /news HTTP/1.0\r\n\r\n");
            String all = second.rest();
            assertTrue(all.startsWith("HTTP/1.0 200 OK\r\n"), all);
            assertTrue(
                    REFUSED.matcher(all.substring(all.indexOf("\r\n\r\n") + 4)).matches(), all);
        }
    }

    /** Sends the request and returns the body. Listens for the response first, so that it cannot be missed. */
    private static Future<Buffer> read(HttpClientRequest request) {
        Future<Buffer> body =
                request.response().expecting(HttpResponseExpectation.SC_OK).compose(HttpClientResponse::body);
        return request.end().compose(sent -> body);
    }

    @Test
    void overHttp2TheRetryStreamEndsAndTheConnectionStaysOpen() throws Exception {
        try (var crier = crier(new JsonObject().put("subscribers", 1));
                var first = first(crier)) {
            var client = crier.vertx()
                    .createHttpClient(new HttpClientOptions()
                            .setProtocolVersion(HttpVersion.HTTP_2)
                            .setHttp2ClearTextUpgrade(false));
            for (int i = 0; i < 2; i++) {
                String stream = RunningCrier.await(client.request(HttpMethod.GET, crier.port(), "127.0.0.1", "/news")
                                .compose(OverloadResponseTest::read))
                        .toString();
                assertTrue(REFUSED.matcher(stream).matches(), stream);
            }
            assertEquals(2, Scrape.of(crier).value("crier_connections"));
        }
    }

    /** Returns the stream after its head when the store cannot read entries that are not in memory. */
    private static String readUnreadable(Path file, String refuse) throws Exception {
        var conf = new JsonObject()
                .put("heartbeat", "PT1H")
                .put("limits", new JsonObject().put("refuse", refuse))
                .put("log", new JsonObject().put("store", "sqlite").put("file", file.toString()))
                .put(
                        "channels",
                        new JsonObject()
                                .put("/news", new JsonObject().put("keep", new JsonObject().put("events", 1_000))));
        try (var crier = new RunningCrier(conf);
                var sqlite = DriverManager.getConnection("jdbc:sqlite:" + file);
                var statement = sqlite.createStatement()) {
            String first = crier.publish("/news", "first");
            for (int i = 0; i < 70; i++) {
                crier.publish("/news", "x".repeat(1 << 20));
            }
            statement.execute("ALTER TABLE entry RENAME TO gone");
            try (var subscriber = RawClient.request(crier.port(), "GET /news", "Last-Event-ID: " + first)) {
                assertEquals("HTTP/1.1 200 OK", subscriber.head().get(0));
                return subscriber.rest();
            } finally {
                statement.execute("ALTER TABLE gone RENAME TO entry");
            }
        }
    }

    @Test
    void aSubscriberWhoseEntriesCannotBeReadGetsARetryStream(@TempDir Path folder) throws Exception {
        String stream = readUnreadable(folder.resolve("crier.db"), "retry");
        assertTrue(
                stream.matches("(?s).*: The stored events cannot be read at present.\nretry: \\d+\n\r\n0\r\n\r\n"),
                stream);
        assertEquals("", readUnreadable(folder.resolve("another.db"), "status"), "the stream is not cut");
    }

    @Test
    void theAccessLogShowsTheStatusOfARefusedSubscriber() throws Exception {
        var lines = new ListAppender<ILoggingEvent>();
        var logger = (Logger) LoggerFactory.getLogger(AccessLog.class);
        lines.start();
        logger.addAppender(lines);
        try (var crier = crier(new JsonObject().put("subscribersPerAddress", 1));
                var first = first(crier);
                var second = RawClient.request(crier.port(), "GET /news")) {
            assertRefused(second, "limits.subscribersPerAddress");
            Eventually.until("an access log line", () -> !lines.list.isEmpty());
            String line = lines.list.get(0).getKeyValuePairs().toString();
            assertTrue(line.contains("status=\"200\", refused=\"429\""), line);
        } finally {
            logger.detachAppender(lines);
        }
    }
}
