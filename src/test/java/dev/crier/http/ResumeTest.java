package dev.crier.http;

import static dev.crier.testing.Answers.assertProblem;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.testing.RawClient;
import dev.crier.testing.RunningCrier;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.client.WebClient;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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

    private static String read(RawClient client, int chars) throws Exception {
        var stream = new StringBuilder();
        while (stream.length() < chars) {
            stream.append(client.chunk());
        }
        return stream.toString();
    }

    private static void assertReads(String expected, RawClient client) throws Exception {
        try (client) {
            assertEquals(expected, read(client, expected.length()));
        }
    }

    private static String event(String id, String data) {
        return "data: " + data + "\nid: " + id + "\n\n";
    }

    private static String place(String id) {
        return "retry: 3000\nevent: crier.start\ndata: {}\nid: " + id + "\n\n";
    }

    private static String gap(String asked, String oldest, String through) {
        String told = oldest == null ? "null" : "\"" + oldest + "\"";
        return "event: crier.gap\ndata: {\"asked\":\"" + asked + "\",\"oldest\":" + told + "}\nid: " + through + "\n\n";
    }

    private List<String> publishFiveOfWhichThreeAreKept() throws Exception {
        var ids = new ArrayList<String>();
        for (String data : List.of("a", "b", "c", "d", "e")) {
            ids.add(crier.publish("/three", data));
        }
        return ids;
    }

    @Test
    void aNewReaderIsGivenItsPlaceBeforeAnyEvent() throws Exception {
        String before = crier.publish("/news", "before");
        var client = get("/news");
        assertEquals(place(before), client.chunk());
        String id = crier.publish("/news", "after");
        assertReads(event(id, "after"), client);
    }

    @Test
    void whoComesBackIsGivenExactlyWhatComesAfterTheLastEventItSaw() throws Exception {
        String one = crier.publish("/news", "one");
        String two = crier.publish("/news", "two");
        String three = crier.publish("/news", "three");
        assertReads(place(one) + event(two, "two") + event(three, "three"), get("/news", "Last-Event-ID: " + one));
        assertReads(place(one) + event(two, "two") + event(three, "three"), get("/news?lastEventId=" + one));
        assertReads(place(two) + event(three, "three"), get("/news?lastEventId=" + one, "Last-Event-ID: " + two));
    }

    @Test
    void whoHasSeenOnlyItsPlaceMissesNothingEither() throws Exception {
        crier.publish("/news", "before");
        String place;
        try (var client = get("/news")) {
            place = client.chunk().split("id: ")[1].trim();
        }
        String missed = crier.publish("/news", "missed");
        assertReads(place(place) + event(missed, "missed"), get("/news", "Last-Event-ID: " + place));
    }

    @Test
    void earliestBeginsWithAllThatIsKept() throws Exception {
        List<String> ids = publishFiveOfWhichThreeAreKept();
        assertReads(
                place(ids.get(1)) + event(ids.get(2), "c") + event(ids.get(3), "d") + event(ids.get(4), "e"),
                get("/three?lastEventId=earliest"));
    }

    @Test
    void anInstantBeginsWithWhatCameThen() throws Exception {
        String id = crier.publish("/news", "a");
        long millis = Long.parseLong(id.split("-")[0]);
        Instant at = Instant.ofEpochMilli(millis);
        var client = get("/news?lastEventId=" + at);
        assertTrue(client.chunk().contains("\nid: " + (millis - 1) + "-"));
        assertReads(event(id, "a"), client);
    }

    /** Each of these is the same instant, whatever Crier's time zone. */
    @ParameterizedTest
    @ValueSource(strings = {"%2B01:00", "+01:00", "%2b01:00", "%2001:00"})
    void theOffsetOfAnInstantNeedsNoEscape(String offset) throws Exception {
        String id = crier.publish("/news", "a");
        long millis = Long.parseLong(id.split("-")[0]);
        String local = LocalDateTime.ofEpochSecond(
                        millis / 1000, (int) (millis % 1000) * 1_000_000, ZoneOffset.ofHours(1))
                .toString();
        var client = get("/news?lastEventId=" + local + offset);
        assertTrue(client.chunk().contains("\nid: " + (millis - 1) + "-"));
        assertReads(event(id, "a"), client);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "lastEventId",
                "lastEventID",
                "lasteventid",
                "last-event-id",
                "Last-Event-ID",
                "last%2Devent%2did"
            })
    void theQueryKeyMayBeSpelledAsForOtherServers(String key) throws Exception {
        String one = crier.publish("/news", "one");
        String two = crier.publish("/news", "two");
        assertReads(place(one) + event(two, "two"), get("/news?x=y&" + key + "=" + one));
    }

    @ParameterizedTest
    @ValueSource(strings = {"lastevent-id", "last-eventid", "last_event_id", "xlastEventId", "lastEventIds"})
    void anotherQueryKeyIsIgnored(String key) throws Exception {
        String id = crier.publish("/news", "before");
        try (var client = get("/news?" + key + "=earliest")) {
            assertEquals(place(id), client.chunk());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"lastEventId=", "lastEventId", "last-event-id=", "lastEventID=&x=y", ""})
    void anEmptyIdInTheQueryCountsAsNone(String query) throws Exception {
        String id = crier.publish("/news", "before");
        try (var client = get("/news?" + query)) {
            assertEquals(place(id), client.chunk());
        }
    }

    /** A polyfill appends its id to the URL that the page gave it. */
    @Test
    void theLastOfSeveralIdsInTheQueryCounts() throws Exception {
        String one = crier.publish("/news", "one");
        String two = crier.publish("/news", "two");
        for (String key : List.of("lastEventId", "Last-Event-ID")) {
            assertReads(place(one) + event(two, "two"), get("/news?lastEventId=earliest&" + key + "=" + one));
        }
    }

    @Test
    void anInstantThatIsStillToComeBeginsNow() throws Exception {
        String id = crier.publish("/news", "before");
        var client = get("/news?lastEventId=2999-01-01T00:00:00Z");
        assertEquals(place(id), client.chunk());
        String after = crier.publish("/news", "after");
        assertReads(event(after, "after"), client);
    }

    @Test
    void everyPlaceThatIsToldIsOneToComeBackTo() throws Exception {
        String id = crier.publish("/news", "a");
        long millis = Long.parseLong(id.split("-")[0]);
        String place;
        try (var client = get("/news?lastEventId=" + Instant.ofEpochMilli(millis))) {
            place = client.chunk().split("id: ")[1].split("\n")[0];
        }
        assertReads(place(place) + event(id, "a"), get("/news", "Last-Event-ID: " + place));
    }

    @Test
    void whatIsNoLongerKeptIsAGapAndReadingGoesOnBehindIt() throws Exception {
        List<String> ids = publishFiveOfWhichThreeAreKept();
        String rest = event(ids.get(2), "c") + event(ids.get(3), "d") + event(ids.get(4), "e");
        assertReads(
                "retry: 3000\n" + gap(ids.get(0), ids.get(2), ids.get(1)) + rest,
                get("/three", "Last-Event-ID: " + ids.get(0)));
        assertReads(place(ids.get(1)) + rest, get("/three", "Last-Event-ID: " + ids.get(1)));
        assertReads(
                "retry: 3000\n" + gap("2001-01-01T00:00:00Z", ids.get(2), ids.get(1)) + rest,
                get("/three?lastEventId=2001-01-01T00:00:00Z"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"rubbish", "12", "1-2-3", "-1-0", "99999999999999999999-0", "1763800000000-00", "0x1-0"})
    void aHeaderThatIsNoIdOfCriersIsAGap(String header) throws Exception {
        String id = crier.publish("/news", "a");
        try (var client = get("/news", "Last-Event-ID: " + header)) {
            String first = client.chunk();
            assertTrue(
                    first.contains("event: crier.gap\ndata: {\"asked\":\"" + header + "\",\"oldest\":\"" + id), first);
            assertEquals(event(id, "a"), client.chunk());
        }
    }

    @Test
    void anIdThatIsStillToComeIsAGapToo() throws Exception {
        String id = crier.publish("/news", "a");
        try (var client = get("/news", "Last-Event-ID: 99999999999999-0")) {
            assertTrue(client.chunk().contains("event: crier.gap"));
            assertEquals(event(id, "a"), client.chunk());
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "rubbish",
                "latest",
                "earliest+",
                "2026-01-31T12:00:00+1:00",
                "2026-01-31T12:00:00%2B25:00",
                "2026-13-01T00:00:00Z",
                "2026-01-01",
                "%00"
            })
    void aQueryThatIsNoPlaceIsABadRequest(String place) throws Exception {
        var web = WebClient.create(crier.vertx());
        var answer = RunningCrier.await(
                web.get(crier.port(), "127.0.0.1", "/news?lastEventId=" + place).send());
        assertProblem(400, "Bad Request", answer);
    }

    @Test
    void aChannelThatKeepsTheLatestKnowsNoPlaces() throws Exception {
        crier.publish("/state", "now");
        assertReads("retry: 3000\ndata: now\n\n", get("/state", "Last-Event-ID: rubbish"));
        assertReads("retry: 3000\ndata: now\n\n", get("/state?lastEventId=earliest"));
    }

    @Test
    void aReaderThatFallsTooFarBehindIsToldInMidStream() throws Exception {
        try (var client = RawClient.slow(crier.port())) {
            client.send("GET /three HTTP/1.1\r\nHost: a\r\n\r\n");
            client.head();
            client.chunk();
            String filler = "x".repeat(50_000);
            int published = 400;
            for (int i = 1; i <= published; i++) {
                crier.publish("/three", i + " " + filler);
            }
            var seen = new ArrayList<Integer>();
            int gaps = 0;
            var stream = new StringBuilder();
            while (seen.isEmpty() || seen.get(seen.size() - 1) < published) {
                stream.append(client.chunk());
                for (int end = stream.indexOf("\n\n"); end >= 0; end = stream.indexOf("\n\n")) {
                    String block = stream.substring(0, end);
                    stream.delete(0, end + 2);
                    int data = block.indexOf("data: ");
                    if (block.contains("crier.gap")) {
                        gaps++;
                        seen.add(-1);
                    } else if (data >= 0) {
                        seen.add(Integer.parseInt(block.substring(data + 6, block.indexOf(' ', data + 6))));
                    }
                }
            }
            assertTrue(gaps > 0, "no gap in " + seen);
            for (int i = 1; i < seen.size(); i++) {
                int before = seen.get(i - 1);
                int here = seen.get(i);
                assertTrue(here == -1 || before == -1 || here == before + 1, before + ", then " + here);
            }
        }
    }
}
