package dev.crier.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.testing.Eventually;
import dev.crier.testing.RawClient;
import dev.crier.testing.RunningCrier;
import dev.crier.testing.SigningKey;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The bytes of a stream of several channels over HTTP. Which requests get one is shown by {@code SubscribeSetRequestTest}. */
class SubscribeSetTest {

    private static final String FORM = "Content-Type: application/x-www-form-urlencoded";
    private static final SigningKey KEY = SigningKey.secret("a secret of the tests, of 32 bytes and more");

    private RunningCrier crier;

    @BeforeEach
    void start() throws Exception {
        crier = new RunningCrier(conf());
    }

    private static JsonObject conf() {
        return new JsonObject()
                .put("retry", "PT3S")
                .put("http", new JsonObject().put("h2c", true))
                .put(
                        "channels",
                        new JsonObject()
                                .put("/news", keep(1_000))
                                .put("/three", keep(3))
                                .put("/ä b%", keep(1_000))
                                .put("/state", new JsonObject())
                                .put("/orders/:id", keep(1_000))
                                .put("/prices/:id", new JsonObject())
                                .put("/secret", keep(1_000).put("read", "token")))
                .put("jwt", new JsonObject().put("secrets", List.of(KEY.text())).put("leeway", "PT0S"));
    }

    private static JsonObject keep(int events) {
        return new JsonObject().put("keep", new JsonObject().put("events", events));
    }

    @AfterEach
    void stop() throws Exception {
        crier.close();
    }

    private static String query(String channels) {
        return "/events?channel=" + channels.replace(" ", "&channel=");
    }

    private RawClient get(String channels, String... headers) throws Exception {
        var client = RawClient.request(crier.port(), "GET " + query(channels), headers);
        assertEquals("HTTP/1.1 200 OK", client.head().get(0));
        return client;
    }

    private static void assertNext(String expected, RawClient client) throws Exception {
        var stream = new StringBuilder();
        while (stream.length() < expected.length()) {
            stream.append(client.chunk());
        }
        assertEquals(expected, stream.toString());
    }

    private static void assertStream(String expected, RawClient client) throws Exception {
        try (client) {
            assertNext(expected, client);
        }
    }

    private static final String RETRY = "retry: 3000\n";

    private static String start(String position) {
        return "event: crier.start\ndata: {}\nid: " + position + "\n\n";
    }

    private static String event(String id, String channel, String data) {
        return "data: " + data + "\nid: " + id + " " + channel + "\n\n";
    }

    /** A gap without an id. */
    private static String gap(String channel, String asked, String oldest) {
        return "event: crier.gap\ndata: {\"channel\":\"" + channel + "\",\"asked\":\"" + asked + "\",\"oldest\":\""
                + oldest + "\"}\n\n";
    }

    @Test
    void aStreamHasExactlyTheseBytes() throws Exception {
        String state = crier.publish("/state", "on");
        String before = crier.publish("/news", "before");
        try (var client = RawClient.request(crier.port(), "GET " + query("/news /state /%C3%A4%20b%25 /orders/:id"))) {
            assertEquals(
                    List.of(
                            "HTTP/1.1 200 OK",
                            "date: now",
                            "access-control-allow-origin: *",
                            "access-control-expose-headers: Date, Retry-After",
                            "content-type: text/event-stream;charset=utf-8",
                            "cache-control: no-cache, no-transform",
                            "X-Content-Type-Options: nosniff",
                            "X-Accel-Buffering: no",
                            "transfer-encoding: chunked"),
                    client.head().stream()
                            .map(line -> line.startsWith("date: ") ? "date: now" : line)
                            .toList());
            assertNext(RETRY + event(state, "/state", "on") + RETRY + start(before), client);
            String typed = crier.publish(new JsonObject()
                    .put("channel", "/ä b%")
                    .put("event", "alert")
                    .put("data", "two\r\nlines"));
            assertNext("event: alert\ndata: two\ndata: lines\nid: " + typed + " /%C3%A4%20b%25\n\n", client);
            assertNext(event(crier.publish("/orders/42", "a"), "/orders/42", "a"), client);
            assertNext(event(crier.publish("/state", "off"), "/state", "off"), client);
        }
    }

    @Test
    void withoutALatestEventTheStartBlockComesAtOnce() throws Exception {
        String before = crier.publish("/news", "before");
        try (var client = get("/news /state /prices/:id")) {
            assertNext(RETRY + start(before), client);
            assertNext(event(crier.publish("/prices/eur", "1"), "/prices/eur", "1"), client);
        }
    }

    @Test
    void theNewestLatestEventsComeFirstTheOldestOfThemFirst() throws Exception {
        crier.publish("/prices/usd", "0");
        String eur = crier.publish("/prices/eur", "1");
        String state = crier.publish("/state", "on");
        String usd = crier.publish("/prices/usd", "2");
        String last = crier.publish("/news", "not shown");
        try (var client = get("/news /state /prices/:id /prices/eur")) {
            assertNext(
                    RETRY
                            + event(eur, "/prices/eur", "1")
                            + event(state, "/state", "on")
                            + event(usd, "/prices/usd", "2")
                            + RETRY
                            + start(last),
                    client);
            assertNext(event(crier.publish("/prices/eur", "3"), "/prices/eur", "3"), client);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"%s /news", "%s", "%s /%%C3%%A4%%20b", "%s /undeclared"})
    void anyIdOfTheStreamResumesAllChannels(String id) throws Exception {
        crier.publish("/state", "old");
        String first = crier.publish("/news", "first");
        String order = crier.publish("/orders/1", "second");
        String other = crier.publish("/three", "not followed");
        String news = crier.publish("/news", "third");
        String state = crier.publish("/state", "new");
        String expected = RETRY
                + start(first)
                + event(order, "/orders/1", "second")
                + event(news, "/news", "third")
                + event(state, "/state", "new");
        String lastId = id.formatted(first);
        assertTrue(other.compareTo(news) < 0);
        assertStream(expected, get("/news /state /orders/:id", "Last-Event-ID: " + lastId));
        assertStream(expected, get("/news /state /orders/:id&lastEventId=" + lastId.replace(" ", "%20")));
    }

    @Test
    void aLatestEventBeforeThePositionIsNotRepeated() throws Exception {
        String state = crier.publish("/state", "on");
        try (var client = get("/news /state", "Last-Event-ID: " + state + " /state")) {
            assertNext(RETRY + start(state), client);
            assertNext(event(crier.publish("/news", "a"), "/news", "a"), client);
        }
    }

    @Test
    void earliestAndAnInstantStartThere() throws Exception {
        String a = crier.publish("/news", "a");
        String b = crier.publish("/orders/7", "b");
        String c = crier.publish("/state", "c");
        String events = event(a, "/news", "a") + event(b, "/orders/7", "b") + event(c, "/state", "c");
        for (String position : List.of("earliest", "2020-01-01T00:00:00Z")) {
            try (var client = get("/news /state /orders/:id&lastEventId=" + position)) {
                String stream = client.readThrough("id: " + c + " /state\n\n").replaceAll("\r\n[0-9a-f]+\r\n", "");
                assertTrue(stream.contains("event: crier.start\n"), stream);
                assertTrue(stream.endsWith(events), stream);
            }
        }
    }

    /** A page that moves from several channels to one, and back. */
    @Test
    void anIdOfSeveralChannelsResumesOneChannel() throws Exception {
        String first = crier.publish("/news", "first");
        String second = crier.publish("/news", "second");
        try (var client = RawClient.request(crier.port(), "GET /news", "Last-Event-ID: " + first + " /orders/42")) {
            client.head();
            assertNext(RETRY + start(first) + "data: second\nid: " + second + "\n\n", client);
        }
    }

    @Test
    void eachChannelThatLostEventsGetsAGapBeforeAllEventsAndTheOthersGoOn() throws Exception {
        String first = crier.publish("/three", "0");
        String news = crier.publish("/news", "n");
        var ids = new ArrayList<String>();
        for (int i = 1; i <= 5; i++) {
            ids.add(crier.publish("/three", String.valueOf(i)));
        }
        String last = crier.publish("/news", "m");
        assertStream(
                RETRY
                        + start(first)
                        + gap("/three", first, ids.get(2))
                        + event(news, "/news", "n")
                        + event(ids.get(2), "/three", "3")
                        + event(ids.get(3), "/three", "4")
                        + event(ids.get(4), "/three", "5")
                        + event(last, "/news", "m"),
                get("/three /news", "Last-Event-ID: " + first + " /three"));
    }

    @Test
    void anUnknownIdIsAGapInEachChannelAndFamilyThatKeepsEvents() throws Exception {
        String news = crier.publish("/news", "n");
        String state = crier.publish("/state", "s");
        try (var client = get("/news /state /orders/:id /prices/:id", "Last-Event-ID: rubbish")) {
            String stream = client.readThrough("id: " + state + " /state\n\n").replaceAll("\r\n[0-9a-f]+\r\n", "");
            assertTrue(stream.contains("event: crier.gap\ndata: {\"channel\":\"/news\",\"asked\":\"rubbish\""), stream);
            assertTrue(stream.contains("event: crier.gap\ndata: {\"channel\":\"/orders/:id\",\"asked\":\""), stream);
            assertEquals(2, stream.split("crier.gap", -1).length - 1, stream);
            assertTrue(stream.endsWith(event(news, "/news", "n") + event(state, "/state", "s")), stream);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "/events?lastEventId=FIRST, channel=%2Fnews&channel=%2Forders%2F%3Aid",
        "/events, channel=/news&channel=/orders/:id&lastEventId=FIRST+/news",
        "/events?channel=/news, channel=/orders/:id&lastEventId=FIRST"
    })
    void aFormIsTheSameSubscription(String target, String form) throws Exception {
        String first = crier.publish("/news", "first");
        String second = crier.publish("/orders/1", "second");
        String request = "POST " + target.replace("FIRST", first);
        String body = form.replace("FIRST", first);
        try (var client = RawClient.request(crier.port(), request, FORM, "Content-Length: " + body.length());
                var chunked = RawClient.request(crier.port(), request, FORM, "Transfer-Encoding: chunked")) {
            client.send(body);
            chunked.send(Integer.toHexString(body.length()) + "\r\n" + body + "\r\n0\r\n\r\n");
            for (RawClient one : List.of(client, chunked)) {
                List<String> head = one.head();
                assertEquals("HTTP/1.1 200 OK", head.get(0));
                assertEquals(
                        "no-cache, no-transform",
                        one.header(head, "Cache-Control").orElse(""));
                assertEquals(
                        "*", one.header(head, "Access-Control-Allow-Origin").orElse(""));
                assertNext(RETRY + start(first) + event(second, "/orders/1", "second"), one);
            }
            String live = crier.publish("/news", "live");
            assertNext(event(live, "/news", "live"), client);
            assertNext(event(live, "/news", "live"), chunked);
        }
        Eventually.until("both have left", () -> crier.subscribers() == 0);
    }

    @Test
    void aStreamOverHttp10IsNotChunked() throws Exception {
        String id = crier.publish("/state", "s");
        for (String request : List.of(
                "GET " + query("/state") + " HTTP/1.0\r\n\r\n",
                "POST /events HTTP/1.0\r\n" + FORM + "\r\nContent-Length: 14\r\n\r\nchannel=/state")) {
            try (var client = new RawClient(crier.port())) {
                client.send(request);
                assertTrue(client.header(client.head(), "Transfer-Encoding").isEmpty());
                String first = RETRY + event(id, "/state", "s");
                assertEquals(first, client.read(first.length()));
            }
        }
    }

    @Test
    void aThousandChannelsAreFollowedOverOneConnection() throws Exception {
        String names =
                IntStream.range(0, 999).mapToObj(i -> "channel=/orders/" + i).collect(Collectors.joining("&"))
                        + "&channel=/prices/:id";
        try (var client = RawClient.request(crier.port(), "POST /events", FORM, "Content-Length: " + names.length())) {
            client.send(names);
            assertEquals("HTTP/1.1 200 OK", client.head().get(0));
            assertTrue(client.chunk().startsWith(RETRY + "event: crier.start\n"));
            var expected = new ArrayList<String>();
            for (int i = 0; i < 999; i += 37) {
                expected.add(event(crier.publish("/orders/" + i, "o" + i), "/orders/" + i, "o" + i));
                expected.add(event(crier.publish("/prices/" + i, "p" + i), "/prices/" + i, "p" + i));
            }
            crier.publish("/orders/1000", "not followed");
            expected.add(event(crier.publish("/orders/998", "last"), "/orders/998", "last"));
            assertNext(String.join("", expected), client);
        }
    }

    @Test
    void overHttp2AFormAndAQueryGetTheSameStream() throws Exception {
        String first = crier.publish("/news", "first");
        String second = crier.publish("/orders/1", "second");
        String expected = RETRY + start(first) + event(second, "/orders/1", "second");
        var client = crier.vertx()
                .createHttpClient(new HttpClientOptions()
                        .setProtocolVersion(HttpVersion.HTTP_2)
                        .setHttp2ClearTextUpgrade(false));
        for (HttpMethod method : List.of(HttpMethod.GET, HttpMethod.POST)) {
            var received = new CopyOnWriteArrayList<String>();
            String target = method == HttpMethod.GET ? query("/news /orders/:id") : "/events";
            var response = RunningCrier.await(client.request(method, crier.port(), "127.0.0.1", target)
                    .compose(request -> request.putHeader("Content-Type", "application/x-www-form-urlencoded")
                            .putHeader("Last-Event-ID", first + " /news")
                            .send(Buffer.buffer(method == HttpMethod.GET ? "" : "channel=/news&channel=/orders/:id"))
                            .onSuccess(begun -> begun.handler(part -> received.add(part.toString())))));
            assertEquals(200, response.statusCode());
            Eventually.until(
                    () -> "the stream: " + received,
                    () -> String.join("", received).equals(expected));
        }
    }

    @Test
    void aStreamEndsWhenTheTokenOfOneChannelExpires() throws Exception {
        String token = KEY.sign(new JsonObject()
                .put("exp", System.currentTimeMillis() / 1000.0 + 1.5)
                .put("crier", new JsonObject().put("read", new JsonArray().add("/secret"))));
        String id = crier.publish("/secret", "in time");
        try (var client = get("/news /secret&lastEventId=earliest", "Authorization: Bearer " + token)) {
            String stream = client.rest();
            assertTrue(stream.contains(event(id, "/secret", "in time")), stream);
            assertTrue(
                    stream.matches("(?s).*retry: 3000\nevent: crier.end\ndata: \\{}\nid: " + id + "\n\n\r\n0\r\n\r\n"),
                    stream);
        }
        assertEquals(0, crier.subscribers());
    }

    @Test
    void aSubscriberOfSeveralChannelsCountsOnceTowardsTheLimits() throws Exception {
        var conf = conf().put("limits", new JsonObject().put("subscribers", 1));
        try (var limited = new RunningCrier(conf);
                var first = RawClient.request(limited.port(), "GET " + query("/news /state"))) {
            assertEquals("HTTP/1.1 200 OK", first.head().get(0));
            Eventually.until("the first is subscribed", () -> limited.subscribers() == 1);
            try (var get = RawClient.request(limited.port(), "GET " + query("/news"));
                    var post = RawClient.request(limited.port(), "POST /events", FORM, "Content-Length: 13")) {
                post.send("channel=/news");
                for (RawClient refused : List.of(get, post)) {
                    assertEquals("HTTP/1.1 200 OK", refused.head().get(0));
                    assertTrue(refused.readThrough("retry: ").contains("(limits.subscribers)"));
                }
            }
            first.reset();
            Eventually.until("the first has left", () -> limited.subscribers() == 0);
        }
    }
}
