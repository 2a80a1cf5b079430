package dev.crier.http;

import static dev.crier.testing.RawHttp2Client.DATA;
import static dev.crier.testing.RawHttp2Client.GO_AWAY;
import static dev.crier.testing.RawHttp2Client.HEADERS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.crier.event.Event;
import dev.crier.testing.Eventually;
import dev.crier.testing.Pem;
import dev.crier.testing.RawClient;
import dev.crier.testing.RawHttp2Client;
import dev.crier.testing.RunningCrier;
import dev.crier.testing.Scrape;
import dev.crier.testing.StreamParser;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.DriverManager;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/** The stream of a channel that ends, and the responses to clients that come back after the end. */
class ChannelEndTest extends ChannelEndFixture {

    private static final int NUMBER_OF_EVENTS = 5_000;

    private static void assertEnded(List<String> head) {
        assertEquals("HTTP/1.1 204 No Content", head.get(0));
        assertTrue(head.contains("cache-control: no-store"), head::toString);
        assertTrue(head.stream().noneMatch(line -> line.matches("(?i)(content-|transfer-).*")), head::toString);
    }

    @ParameterizedTest
    @ValueSource(strings = {"memory", "sqlite"})
    void aSubscriberReceivesTheEndAndComesBackToNothing(String store) throws Exception {
        try (var crier = new RunningCrier(configuration(store))) {
            var live = get(crier, RUN);
            live.head();
            live.chunk();
            String one = crier.publish(RUN, "one");
            String end = crier.end(RUN);
            String whole = event(one, "one") + end(end);
            String received = "";
            for (String chunk = live.chunk(); !chunk.isEmpty(); chunk = live.chunk()) {
                received += chunk;
            }
            assertEquals(whole, received);
            assertEquals("", live.rest(), "the connection is still open");
            assertEquals(whole, text(get(crier, RUN)));
            assertEquals(whole, text(get(crier, RUN + "?lastEventId=earliest")));
            assertEquals(end(end), text(get(crier, RUN, "Last-Event-ID: " + one)));
            try (var back = get(crier, RUN, "Last-Event-ID: " + end, "Origin: https://example.com")) {
                List<String> head = back.head();
                assertEnded(head);
                assertEquals(
                        "*", back.header(head, "Access-Control-Allow-Origin").orElse(""));
                // on the same connection, so no byte of a body has come
                back.send("HEAD " + RUN + "?lastEventId=" + end + " HTTP/1.1\r\nHost: a\r\n\r\n");
                assertEnded(back.head());
                back.send("HEAD " + RUN + "?lastEventId=" + one + " HTTP/1.1\r\nHost: a\r\n\r\n");
                assertEquals("HTTP/1.1 200 OK", back.head().get(0));
                String later = crier.publish("/news", "later");
                back.send("GET " + RUN + " HTTP/1.1\r\nHost: a\r\nLast-Event-ID: " + later + " /news\r\n\r\n");
                assertEnded(back.head());
                back.send("GET " + RUN + "?lastEventId=2999-01-01T00:00:00Z HTTP/1.1\r\nHost: a\r\n\r\n");
                assertEnded(back.head());
            }
            Eventually.until("no subscriber", () -> crier.subscribers() == 0);
            Scrape metrics = Scrape.of(crier);
            assertEquals(4, metrics.value("crier_streams_ended_total{reason=\"channel_ended\"}"));
            assertEquals(0, metrics.value("crier_streams_ended_total{reason=\"left\"}"));
            assertEquals(0, metrics.value("crier_subscribers{channel=\"/runs/:id\"}"));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"memory", "sqlite"})
    void afterTheEndHasExpiredTheChannelIsAsNew(String store) throws Exception {
        try (var crier = new RunningCrier(configuration(store))) {
            String one = crier.publish("/short/1", "one");
            String end = crier.end("/short/1");
            Eventually.until("not 204", () -> {
                try (var client = get(crier, "/short/1", "Last-Event-ID: " + end)) {
                    return client.head().get(0).equals("HTTP/1.1 200 OK");
                }
            });
            try (var before = get(crier, "/short/1", "Last-Event-ID: " + one);
                    var after = get(crier, "/short/1", "Last-Event-ID: " + end);
                    var bare = get(crier, "/short/1")) {
                for (var client : List.of(before, after, bare)) {
                    assertEquals("HTTP/1.1 200 OK", client.head().get(0));
                    client.chunk();
                }
                String again = crier.publish("/short/1", "again");
                for (var client : List.of(before, after, bare)) {
                    assertEquals(event(again, "again"), client.chunk());
                }
            }
        }
    }

    @Test
    void theIdenticalRestFollowsEachPosition() throws Exception {
        try (var crier = new RunningCrier(withoutChecks("memory"))) {
            assertIdenticalRests(crier, publishText(crier, RUN, NUMBER_OF_EVENTS), 41);
        }
    }

    /** Other events have filled the memory, so the store reads each of these streams. */
    @Test
    void theIdenticalRestFollowsEachPositionInTheStore() throws Exception {
        try (var crier = new RunningCrier(withoutChecks("sqlite"))) {
            List<String> ids = publishText(crier, RUN, NUMBER_OF_EVENTS);
            fillMemory(crier);
            assertIdenticalRests(crier, ids, 601);
            try (var back = get(crier, RUN, "Last-Event-ID: " + ids.get(NUMBER_OF_EVENTS))) {
                assertEnded(back.head());
            }
        }
    }

    /** Publishes so much that the log drops older events from memory, because the store has them too. */
    private static void fillMemory(RunningCrier crier) throws Exception {
        for (int i = 0; i < 70; i++) {
            crier.publish("/news", "x".repeat(1 << 20));
        }
    }

    /** The positions that {@code step} leaves out are those of the unit test of the fan-out. */
    private static void assertIdenticalRests(RunningCrier crier, List<String> ids, int step) throws Exception {
        String whole = text(get(crier, RUN));
        assertEquals(
                ids,
                StreamParser.parse(whole).stream()
                        .map(StreamParser.Fired::lastEventId)
                        .toList());
        for (int i = 0; i < NUMBER_OF_EVENTS; i += step) {
            String id = "\nid: " + ids.get(i) + "\n\n";
            String rest = whole.substring(whole.indexOf(id) + id.length());
            assertEquals(rest, text(get(crier, RUN, "Last-Event-ID: " + ids.get(i))));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"memory", "sqlite"})
    void aSubscriberThatIsCutAtRandomReceivesTheIdenticalTextOnce(String store) throws Exception {
        var random = new Random(42);
        try (var crier = new RunningCrier(configuration(store))) {
            int events = 400;
            var publisher = new Thread(() -> publishSlowly(crier, events));
            publisher.start();
            var received = new StringBuilder();
            String id = "";
            int cuts = 0;
            while (true) {
                try (var client = id.isEmpty() ? get(crier, RUN) : get(crier, RUN, "Last-Event-ID: " + id)) {
                    String status = client.head().get(0);
                    if (status.equals("HTTP/1.1 204 No Content")) {
                        break;
                    }
                    String part = readWithCut(client, random.nextInt(900));
                    cuts++;
                    // a client has only what has arrived as whole blocks, the first of which is the start block
                    int start = part.indexOf("\n\n") + 2;
                    int end = part.lastIndexOf("\n\n") + 2;
                    if (end > start) {
                        received.append(part, start, end);
                    }
                    id = end < 2 ? id : StreamParser.lastEventId(part.substring(0, end));
                }
            }
            publisher.join();
            assertTrue(cuts > 20, "cuts: " + cuts);
            assertEquals(text(get(crier, RUN)), received.toString());
            assertEquals(events + 1, StreamParser.parse(received.toString()).size());
        }
    }

    private static void publishSlowly(RunningCrier crier, int events) {
        try {
            for (int i = 0; i < events; i++) {
                crier.publish(RUN, "token " + i);
            }
            crier.end(RUN);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    /** Reads about this many bytes of the stream and breaks the connection. Reads less if the stream ends before. */
    private static String readWithCut(RawClient client, int bytes) throws IOException {
        var read = new StringBuilder();
        while (read.length() <= bytes) {
            String chunk = client.chunk();
            if (chunk.isEmpty()) {
                return read.toString();
            }
            read.append(chunk);
        }
        client.reset();
        return read.substring(0, Math.min(read.length(), bytes));
    }

    @Test
    void overHttp10TheStreamEndsAndAClientThatComesBackGetsNoContent() throws Exception {
        try (var crier = new RunningCrier(configuration("memory"))) {
            String one = crier.publish(RUN, "one");
            String end = crier.end(RUN);
            try (var client = new RawClient(crier.port())) {
                client.send("GET " + RUN + " HTTP/1.0\r\n\r\n");
                String all = client.rest();
                assertTrue(all.startsWith("HTTP/1.0 200 OK\r\n"), all);
                assertTrue(all.endsWith("\n\n" + event(one, "one") + end(end)), all);
            }
            try (var client = new RawClient(crier.port())) {
                client.send("GET " + RUN + " HTTP/1.0\r\nLast-Event-ID: " + end + "\r\n\r\n");
                String all = client.rest();
                assertTrue(all.startsWith("HTTP/1.0 204 No Content\r\n"), all);
                assertTrue(all.endsWith("\r\n\r\n"), all);
            }
        }
    }

    @Test
    void overHttp2TheStreamEndsAndTheConnectionStaysInUse() throws Exception {
        try (var crier = new RunningCrier(withoutChecks("memory"));
                var client = RawHttp2Client.withWindow(crier.port(), 65_535)) {
            int stream = client.request("GET", RUN);
            client.next(DATA, stream);
            String one = crier.publish(RUN, "one");
            String end = crier.end(RUN);
            assertTrue(readStream(client, stream).endsWith(event(one, "one") + end(end)));
            int back = client.request("GET", RUN, "Last-Event-ID: " + end);
            RawHttp2Client.Frame frame = client.frame();
            while (frame.stream() != back) {
                assertNotEquals(GO_AWAY, frame.type());
                frame = client.frame();
            }
            assertEquals(HEADERS, frame.type());
            assertTrue(frame.endsStream(), "204 has no body");
            assertTrue(client.headers(frame).startsWith("204\n"));
        }
    }

    @Test
    void overHttp2TheStreamEndsWhenTheClientHasOpenedItsWindowForTheEnd() throws Exception {
        try (var crier = new RunningCrier(withoutChecks("memory"));
                var client = RawHttp2Client.withWindow(crier.port(), 1_000)) {
            String big = crier.publish(RUN, "x".repeat(3_000));
            String end = crier.end(RUN);
            int stream = client.request("GET", RUN);
            var received = new StringBuilder();
            RawHttp2Client.Frame frame;
            do {
                frame = client.next(DATA, stream);
                received.append(new String(frame.payload(), StandardCharsets.UTF_8));
                if (frame.payload().length > 0 && !frame.endsStream()) {
                    client.openWindow(stream, frame.payload().length);
                }
            } while (!frame.endsStream());
            assertTrue(
                    received.toString().endsWith(event(big, "x".repeat(3_000)) + end(end)),
                    "the end is the last block");
        }
    }

    private static String readStream(RawHttp2Client client, int stream) throws IOException {
        var received = new ByteArrayOutputStream();
        RawHttp2Client.Frame frame;
        do {
            frame = client.next(DATA, stream);
            received.write(frame.payload());
        } while (!frame.endsStream());
        return received.toString(StandardCharsets.UTF_8);
    }

    @Test
    void aSlowSubscriberReceivesTheWholeTextAndTheEnd() throws Exception {
        try (var crier = new RunningCrier(withoutChecks("memory"));
                var client = RawClient.slow(crier.port())) {
            client.send("GET " + RUN + " HTTP/1.1\r\nHost: a\r\n\r\n");
            client.head();
            client.chunk();
            var ids = new ArrayList<String>();
            for (int i = 0; i < 300; i++) {
                ids.add(crier.publish(RUN, i + " " + "x".repeat(50_000)));
            }
            String end = crier.end(RUN);
            var stream = new StringBuilder();
            for (String chunk = client.chunk(); !chunk.isEmpty(); chunk = client.chunk()) {
                stream.append(chunk);
            }
            assertEquals("", client.rest());
            assertTrue(stream.toString().endsWith("\n\n" + end(end)));
            ids.add(end);
            assertEquals(
                    ids,
                    StreamParser.parse(stream.toString()).stream()
                            .map(StreamParser.Fired::lastEventId)
                            .toList());
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = HttpVersion.class,
            names = {"HTTP_1_0", "HTTP_1_1", "HTTP_2"})
    void overTlsTheStreamEndsAfterALongText(HttpVersion version) throws Exception {
        Pem pem = Pem.in(folder).write(Pem.certificate("localhost"));
        var options = new HttpClientOptions()
                .setSsl(true)
                .setTrustAll(true)
                .setVerifyHost(false)
                .setUseAlpn(version == HttpVersion.HTTP_2)
                .setProtocolVersion(version);
        try (var crier = new RunningCrier(withoutChecks("memory").mergeIn(pem.conf()))) {
            for (int i = 0; i < 100; i++) {
                crier.publish(RUN, i + " " + "x".repeat(50_000));
            }
            String end = crier.end(RUN);
            var client = crier.vertx().createHttpClient(options);
            String stream = RunningCrier.await(client.request(HttpMethod.GET, crier.port(), "localhost", RUN)
                            .compose(request -> request.send().compose(HttpClientResponse::body)))
                    .toString();
            assertTrue(stream.endsWith("\n\n" + end(end)), "the end is the last block");
            assertEquals(102, StreamParser.parse(stream).size());
        }
    }

    @Test
    void listedOriginsGetTheirCorsHeadersWithTheEnd() throws Exception {
        var cors = new JsonObject().put("origins", new JsonArray().add("https://example.com"));
        try (var crier = new RunningCrier(configuration("memory").put("cors", cors))) {
            String end = crier.end(RUN);
            try (var client = get(crier, RUN, "Last-Event-ID: " + end, "Origin: https://example.com")) {
                List<String> head = client.head();
                assertEnded(head);
                assertEquals(
                        "https://example.com",
                        client.header(head, "Access-Control-Allow-Origin").orElse(""));
                assertEquals(
                        "true",
                        client.header(head, "Access-Control-Allow-Credentials").orElse(""));
                assertEquals("Origin", client.header(head, "Vary").orElse(""));
            }
        }
    }

    @Test
    void theEndIsForClientsThatMayReadAndThatTakeEventStreams() throws Exception {
        try (var crier = new RunningCrier(configuration("memory"))) {
            String end = crier.end("/secret/1");
            String position = "Last-Event-ID: " + end;
            assertStatus("401 Unauthorized", get(crier, "/secret/1", position));
            assertStatus("204 No Content", get(crier, "/secret/1", position, "Authorization: Bearer " + TOKEN));
            assertStatus(
                    "406 Not Acceptable",
                    get(crier, "/secret/1", position, "Accept: text/html", "Authorization: Bearer " + TOKEN));
            assertStatus(
                    "400 Bad Request", get(crier, "/secret/1?lastEventId=rubbish", "Authorization: Bearer " + TOKEN));
            assertStatus("404 Not Found", get(crier, "/nothing", position));
        }
    }

    private static void assertStatus(String expected, RawClient client) throws IOException {
        try (client) {
            assertEquals("HTTP/1.1 " + expected, client.head().get(0));
        }
    }

    @Test
    void aClientAfterTheEndIsNoSubscriberSoNoLimitRefusesIt() throws Exception {
        var limits = new JsonObject().put("subscribers", 1);
        try (var crier = new RunningCrier(configuration("memory").put("limits", limits));
                var only = get(crier, "/news")) {
            only.head();
            String end = crier.end(RUN);
            assertStatus("204 No Content", get(crier, RUN, "Last-Event-ID: " + end));
            assertEquals(1, crier.subscribers());
            assertEquals(0, Scrape.of(crier).value("crier_refusals_total{status=\"503\"}"));
        }
    }

    @Test
    void theAccessLogHasTheStatusOfAClientAfterTheEnd() throws Exception {
        var lines = new ListAppender<ILoggingEvent>();
        var logger = (Logger) LoggerFactory.getLogger(AccessLog.class);
        lines.start();
        logger.addAppender(lines);
        try (var crier = new RunningCrier(configuration("memory"))) {
            String end = crier.end(RUN);
            assertStatus("204 No Content", get(crier, RUN + "?lastEventId=" + end));
            Eventually.until("a line", () -> !lines.list.isEmpty());
            String line = lines.list.get(0).getKeyValuePairs().toString();
            assertTrue(line.contains("path=\"/runs/42\", status=\"204\", bytes=\"0\""), line);
        } finally {
            logger.detachAppender(lines);
        }
    }

    @Test
    void ifTheStoreCannotBeAskedForTheEndTheClientIsRefused() throws Exception {
        var limits = new JsonObject().put("subscribers", 1);
        try (var crier = new RunningCrier(configuration("sqlite").put("limits", limits));
                var sqlite = DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("crier.db"));
                var statement = sqlite.createStatement()) {
            String end = crier.end(RUN);
            String position = "Last-Event-ID: " + end;
            fillMemory(crier);
            assertLimitedWhileItAsks(crier, position);
            statement.execute("ALTER TABLE entry RENAME TO gone");
            try (var client = get(crier, RUN, position)) {
                List<String> head = client.head();
                assertEquals("HTTP/1.1 200 OK", head.get(0));
                String stream = client.read(
                        Integer.parseInt(client.header(head, "Content-Length").orElseThrow()));
                assertTrue(stream.matches(": The stored events cannot be read at present.\nretry: \\d+\n"), stream);
                client.send("HEAD " + RUN + " HTTP/1.1\r\nHost: a\r\n" + position + "\r\n\r\n");
                assertEquals("HTTP/1.1 503 Service Unavailable", client.head().get(0));
            } finally {
                statement.execute("ALTER TABLE gone RENAME TO entry");
            }
            assertEquals(3, Scrape.of(crier).value("crier_refusals_total{status=\"503\"}"));
            assertStatus("204 No Content", get(crier, RUN, position));
        }
    }

    /** Only the store knows the end, and the place of the only subscriber is taken. */
    private static void assertLimitedWhileItAsks(RunningCrier crier, String position) throws Exception {
        try (var only = get(crier, "/news")) {
            only.head();
            try (var client = get(crier, RUN, position)) {
                List<String> head = client.head();
                assertEquals("HTTP/1.1 200 OK", head.get(0));
                String stream = client.read(
                        Integer.parseInt(client.header(head, "Content-Length").orElseThrow()));
                assertTrue(stream.startsWith(": The limit of subscribers is reached"), stream);
            }
        }
        Eventually.until("the only one has left", () -> crier.subscribers() == 0);
        assertStatus("204 No Content", get(crier, RUN, position));
    }

    @ParameterizedTest
    @ValueSource(strings = {"memory", "sqlite"})
    void inAStreamOfSeveralChannelsTheEndIsAnEventAndTheStreamGoesOn(String store) throws Exception {
        try (var crier = new RunningCrier(configuration(store))) {
            String before = crier.publish(RUN, "before");
            try (var set = get(crier, "/events?channel=/runs/:id&channel=/news")) {
                set.head();
                assertFalse(set.chunk().contains("before"), "a new subscriber starts now");
                String end = crier.end(RUN);
                assertEquals(
                        "event: crier.end\ndata: {\"reason\":\"ended\"}\nid: " + end + " /runs/42\n\n", set.chunk());
                String news = crier.publish("/news", "news");
                assertEquals("data: news\nid: " + news + " /news\n\n", set.chunk());
                try (var resumed = get(crier, "/events?channel=/runs/42", "Last-Event-ID: " + before + " /runs/42")) {
                    resumed.head();
                    resumed.chunk();
                    assertEquals(
                            "event: crier.end\ndata: {\"reason\":\"ended\"}\nid: " + end + " /runs/42\n\n",
                            resumed.chunk());
                }
                assertStatus("200 OK", get(crier, "/events?channel=/runs/42", "Last-Event-ID: " + end + " /runs/42"));
            }
        }
    }

    @Test
    void aNewSubscriberOfAChannelThatCannotBeEndedStillStartsNow() throws Exception {
        try (var crier = new RunningCrier(configuration("memory"))) {
            crier.publish("/news", List.of(Event.of("before")));
            try (var client = get(crier, "/news")) {
                client.head();
                client.chunk();
                String after = crier.publish("/news", "after");
                assertEquals(event(after, "after"), client.chunk());
            }
        }
    }
}
