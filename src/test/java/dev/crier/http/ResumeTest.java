package dev.crier.http;

import static dev.crier.testing.Answers.assertProblem;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.testing.RawClient;
import dev.crier.testing.RunningCrier;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.client.WebClient;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Where a stream starts, and what it reports as a gap. Which requests ask for which position: {@code LastEventIdTest}. */
class ResumeTest {

    private RunningCrier crier;

    @BeforeEach
    void start() throws Exception {
        crier = new RunningCrier(new JsonObject()
                .put(
                        "channels",
                        new JsonObject()
                                .put("/news", keep(1000))
                                .put("/three", keep(3))
                                .put("/state", new JsonObject().put("keep", "latest")))
                .put("retry", "PT3S"));
    }

    private static JsonObject keep(int events) {
        return new JsonObject().put("keep", new JsonObject().put("events", events));
    }

    @AfterEach
    void stop() throws Exception {
        crier.close();
    }

    private RawClient get(String path, String... headers) throws Exception {
        var client = RawClient.request(crier.port(), "GET " + path, headers);
        client.head();
        return client;
    }

    private static void assertStream(String expected, RawClient client) throws Exception {
        try (client) {
            var stream = new StringBuilder();
            while (stream.length() < expected.length()) {
                stream.append(client.chunk());
            }
            assertEquals(expected, stream.toString());
        }
    }

    private static String event(String id, String data) {
        return "data: " + data + "\nid: " + id + "\n\n";
    }

    /** The first block, which has the position where the stream starts. */
    private static String start(String id) {
        return "retry: 3000\nevent: crier.start\ndata: {}\nid: " + id + "\n\n";
    }

    private static String gap(String asked, String oldest, String position) {
        return "retry: 3000\nevent: crier.gap\ndata: {\"asked\":\"" + asked + "\",\"oldest\":\"" + oldest + "\"}\nid: "
                + position + "\n\n";
    }

    /** Returns the id of the stream's first block. */
    private static String startPosition(RawClient client) throws Exception {
        return client.chunk().split("id: ")[1].split("\n")[0];
    }

    private static Instant instant(String id) {
        return Instant.ofEpochMilli(Long.parseLong(id.split("-")[0]));
    }

    /** Publishes five events, of which the channel keeps three. */
    private List<String> publishFive() throws Exception {
        var ids = new ArrayList<String>();
        for (String data : List.of("a", "b", "c", "d", "e")) {
            ids.add(crier.publish("/three", data));
        }
        return ids;
    }

    @Test
    void aNewSubscriberGetsItsPositionBeforeAnyEvent() throws Exception {
        String before = crier.publish("/news", "before");
        var client = get("/news");
        assertEquals(start(before), client.chunk());
        String id = crier.publish("/news", "after");
        assertStream(event(id, "after"), client);
    }

    @Test
    void aSubscriberResumesAfterItsLastEvent() throws Exception {
        String one = crier.publish("/news", "one");
        String two = crier.publish("/news", "two");
        String three = crier.publish("/news", "three");
        String stream = start(one) + event(two, "two") + event(three, "three");
        assertStream(stream, get("/news", "Last-Event-ID: " + one));
        assertStream(stream, get("/news?lastEventId=" + one));
        assertStream(start(two) + event(three, "three"), get("/news?lastEventId=" + one, "Last-Event-ID: " + two));
    }

    @Test
    void aSubscriberThatLeftBeforeItsFirstEventMissesNothing() throws Exception {
        crier.publish("/news", "before");
        String position;
        try (var client = get("/news")) {
            position = startPosition(client);
        }
        String missed = crier.publish("/news", "missed");
        assertStream(start(position) + event(missed, "missed"), get("/news", "Last-Event-ID: " + position));
    }

    @Test
    void earliestStartsWithTheOldestEvent() throws Exception {
        List<String> ids = publishFive();
        assertStream(
                start(ids.get(1)) + event(ids.get(2), "c") + event(ids.get(3), "d") + event(ids.get(4), "e"),
                get("/three?lastEventId=earliest"));
    }

    @Test
    void anInstantStartsWithTheEventsOfItsMillisecond() throws Exception {
        String id = crier.publish("/news", "a");
        var client = get("/news?lastEventId=" + instant(id));
        assertTrue(client.chunk().contains("\nid: " + (instant(id).toEpochMilli() - 1) + "-"));
        assertStream(event(id, "a"), client);
    }

    @Test
    void theStartPositionOfAnInstantCanBeResumedFrom() throws Exception {
        String id = crier.publish("/news", "a");
        String position;
        try (var client = get("/news?lastEventId=" + instant(id))) {
            position = startPosition(client);
        }
        assertStream(start(position) + event(id, "a"), get("/news", "Last-Event-ID: " + position));
    }

    @Test
    void anInstantInTheFutureStartsNow() throws Exception {
        String id = crier.publish("/news", "before");
        var client = get("/news?lastEventId=2999-01-01T00:00:00Z");
        assertEquals(start(id), client.chunk());
        String after = crier.publish("/news", "after");
        assertStream(event(after, "after"), client);
    }

    @Test
    void aGapIsReportedAndTheStreamContinuesAfterIt() throws Exception {
        List<String> ids = publishFive();
        String rest = event(ids.get(2), "c") + event(ids.get(3), "d") + event(ids.get(4), "e");
        assertStream(gap(ids.get(0), ids.get(2), ids.get(1)) + rest, get("/three", "Last-Event-ID: " + ids.get(0)));
        assertStream(start(ids.get(1)) + rest, get("/three", "Last-Event-ID: " + ids.get(1)));
        assertStream(
                gap("2001-01-01T00:00:00Z", ids.get(2), ids.get(1)) + rest,
                get("/three?lastEventId=2001-01-01T00:00:00Z"));
    }

    /** The second is an id that no event has yet. */
    @ParameterizedTest
    @ValueSource(strings = {"rubbish", "99999999999999-0"})
    void aHeaderThatCrierDidNotSendIsAGap(String header) throws Exception {
        String id = crier.publish("/news", "a");
        try (var client = get("/news", "Last-Event-ID: " + header)) {
            String first = client.chunk();
            assertTrue(
                    first.contains("event: crier.gap\ndata: {\"asked\":\"" + header + "\",\"oldest\":\"" + id), first);
            assertEquals(event(id, "a"), client.chunk());
        }
    }

    @Test
    void aQueryThatIsNotAPositionIsABadRequest() throws Exception {
        var web = WebClient.create(crier.vertx());
        var answer = RunningCrier.await(
                web.get(crier.port(), "127.0.0.1", "/news?lastEventId=rubbish").send());
        assertProblem(400, "Bad Request", answer);
        assertEquals(
                "lastEventId: not a position (expected: an event id, \"earliest\" or an instant of RFC 3339)",
                answer.bodyAsJsonObject().getString("detail"));
    }

    @Test
    void aLatestChannelIgnoresPositions() throws Exception {
        crier.publish("/state", "now");
        assertStream("retry: 3000\ndata: now\n\n", get("/state", "Last-Event-ID: rubbish"));
        assertStream("retry: 3000\ndata: now\n\n", get("/state?lastEventId=earliest"));
    }

    @Test
    void aSubscriberThatFallsTooFarBehindGetsAGapInMidStream() throws Exception {
        try (var client = RawClient.slow(crier.port())) {
            client.send("GET /three HTTP/1.1\r\nHost: a\r\n\r\n");
            client.head();
            client.chunk();
            String filler = "x".repeat(50_000);
            int published = 400; // 20 MB, far more than the kernel's buffers take
            for (int i = 1; i <= published; i++) {
                crier.publish("/three", i + " " + filler);
            }
            var received = new ArrayList<Integer>(); // 0 stands for a gap
            var stream = new StringBuilder();
            while (!received.contains(published)) {
                stream.append(client.chunk());
                for (int end = stream.indexOf("\n\n"); end >= 0; end = stream.indexOf("\n\n")) {
                    String block = stream.substring(0, end);
                    stream.delete(0, end + 2);
                    int data = block.indexOf("data: ");
                    received.add(
                            block.contains("crier.gap")
                                    ? 0
                                    : Integer.parseInt(block.substring(data + 6, block.indexOf(' ', data + 6))));
                }
            }
            assertTrue(received.contains(0), () -> "no gap in " + received);
            for (int i = 1; i < received.size(); i++) {
                int before = received.get(i - 1);
                int number = received.get(i);
                assertTrue(number == 0 || before == 0 || number == before + 1, before + ", then " + number);
            }
        }
    }
}
