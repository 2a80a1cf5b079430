package dev.crier.http;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.crier.testing.Eventually;
import dev.crier.testing.RawClient;
import dev.crier.testing.RedisServer;
import dev.crier.testing.RunningCrier;
import dev.crier.testing.StreamParser;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.client.HttpResponse;
import io.vertx.ext.web.client.WebClient;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A producer sends a streamed body again, with the same key, after its connection was cut or while it is still open. */
class PublishStreamRetryTest {

    private static final String TOKEN = "a-token-of-the-tests";
    private static final String[] CHARACTERS = {"a", " ", ":", "é", "€", "😀", "\uFEFF", "data: ", "\t"};

    @TempDir
    private Path folder;

    private RunningCrier crier;

    /** Another node, if they share a log in Redis; otherwise the same one. */
    private RunningCrier other;

    private RedisServer redis;
    private WebClient web;

    private void start(String store, String window) throws Exception {
        var log = new JsonObject().put("store", store);
        if (store.equals("sqlite")) {
            log.put("file", folder.resolve("crier.db").toString());
        } else if (store.equals("redis")) {
            redis = RedisServer.start(folder);
            log.put("redis", new JsonObject().put("url", redis.url()));
        }
        crier = crier(log, window);
        other = redis == null ? crier : crier(log, window);
        web = WebClient.create(crier.vertx());
    }

    private static RunningCrier crier(JsonObject log, String window) throws Exception {
        return new RunningCrier(new JsonObject()
                .put("log", log)
                .put("publish", new JsonObject().put("tokens", List.of(TOKEN)).put("idempotencyWindow", window))
                .put(
                        "channels",
                        new JsonObject()
                                .put(
                                        "/runs/:id",
                                        new JsonObject()
                                                .put("publish", true)
                                                .put("keep", new JsonObject().put("events", 1_000_000)))));
    }

    @AfterEach
    void stop() throws Exception {
        if (web != null) {
            web.close();
            crier.close();
        }
        if (redis != null) {
            other.close();
            redis.close();
        }
    }

    /** A body, and the events that it has. */
    private record Body(boolean lines, byte[] bytes, List<String> events) {

        static Body random(boolean lines, int events, Random random) {
            var text = new StringBuilder(random.nextBoolean() ? "\uFEFF" : "");
            var all = new ArrayList<String>();
            for (int i = 0; i < events; i++) {
                var data = new StringBuilder(
                        "x"); // a space at the start of a line would be part of an event stream's syntax
                random.ints(random.nextInt(20), 0, CHARACTERS.length).forEach(c -> data.append(CHARACTERS[c]));
                String lineEnd = random.nextBoolean() ? "\r\n" : random.nextBoolean() ? "\n" : "\r";
                if (lines) {
                    text.append(data).append(lineEnd);
                    all.add("message " + data);
                } else {
                    String type = random.nextInt(3) == 0 ? "" : "type" + i;
                    text.append(type.isEmpty() ? "" : "event:" + type + lineEnd);
                    text.append("data: ").append(data).append(lineEnd).append(lineEnd);
                    all.add((type.isEmpty() ? "message" : type) + " " + data);
                }
            }
            return new Body(lines, text.toString().getBytes(StandardCharsets.UTF_8), all);
        }
    }

    private static RawClient open(RunningCrier at, String channel, boolean lines) throws IOException {
        return RawClient.request(
                at.port(),
                "POST " + channel + (lines ? "?lines" : ""),
                "Authorization: Bearer " + TOKEN,
                "Content-Type: " + (lines ? "text/plain" : "text/event-stream"),
                "Idempotency-Key: key",
                "Transfer-Encoding: chunked");
    }

    private static void sendChunk(RawClient client, byte[] bytes, int begin, int end) throws IOException {
        String chunk = new String(bytes, begin, end - begin, StandardCharsets.ISO_8859_1);
        client.sendBytes(Integer.toHexString(end - begin) + "\r\n" + chunk + "\r\n");
    }

    /** Sends the first bytes in parts of any size. */
    private static void send(RawClient client, byte[] bytes, int length, Random random) throws IOException {
        int most = random.nextBoolean() ? 10 : 2_000;
        for (int begin = 0; begin < length; ) {
            int end = Math.min(length, begin + 1 + random.nextInt(most));
            sendChunk(client, bytes, begin, end);
            begin = end;
        }
    }

    private static JsonObject answer(RawClient client) throws IOException {
        client.send("0\r\n\r\n");
        assertEquals("HTTP/1.1 201 Created", client.head().get(0));
        return new JsonObject(client.readThrough("}"));
    }

    private HttpResponse<Buffer> lines(String channel, String key, String body) throws Exception {
        return post(channel + "?lines", key, body);
    }

    private HttpResponse<Buffer> post(String path, String key, String body) throws Exception {
        return RunningCrier.await(web.post(crier.port(), "127.0.0.1", path)
                .bearerTokenAuthentication(TOKEN)
                .putHeader("Idempotency-Key", key)
                .sendBuffer(Buffer.buffer(body)));
    }

    private static void assertStored(int count, HttpResponse<Buffer> answer) {
        assertEquals(201, answer.statusCode(), answer::bodyAsString);
        assertEquals(count, answer.bodyAsJsonObject().getInteger("count"));
    }

    private static void assertUnprocessable(int count, String detail, HttpResponse<Buffer> answer) {
        assertEquals(422, answer.statusCode());
        assertEquals(
                new JsonObject()
                        .put("title", "Unprocessable Content")
                        .put("status", 422)
                        .put("detail", detail)
                        .put("count", count),
                answer.bodyAsJsonObject());
    }

    /** Publishes a last event, and returns the type and the data of all events before it. */
    private List<String> stored(String channel) throws Exception {
        String last = crier.publish(channel, "last");
        try (var client = RawClient.request(crier.port(), "GET " + channel + "?lastEventId=earliest")) {
            client.head();
            var stream = new StringBuilder();
            while (stream.indexOf("id: " + last + "\n") < 0) {
                stream.append(client.chunk());
            }
            List<String> events = StreamParser.parse(stream.toString()).stream()
                    .map(fired -> fired.type() + " " + fired.data())
                    .toList();
            return events.subList(1, events.size() - 1); // after crier.start
        }
    }

    /** A new attempt often begins before Crier has noticed that the connection of the last one is gone. */
    @ParameterizedTest
    @ValueSource(strings = {"memory", "sqlite", "redis"})
    void aBodyThatIsCutAnywhereAndSentAgainIsStoredOnce(String store) throws Exception {
        start(store, "PT10M");
        for (int seed = 0; seed < 40; seed++) {
            var random = new Random(seed);
            String channel = "/runs/" + seed;
            Body body = Body.random(seed % 2 == 0, 200, random);
            for (int cut = random.nextInt(8); cut > 0; cut--) {
                try (var client = open(any(random), channel, body.lines())) {
                    send(client, body.bytes(), random.nextInt(body.bytes().length), random);
                    if (random.nextBoolean()) {
                        client.reset();
                    }
                }
            }
            JsonObject first;
            try (var client = open(any(random), channel, body.lines())) {
                send(client, body.bytes(), body.bytes().length, random);
                first = answer(client);
            }
            assertEquals(body.events().size(), first.getInteger("count"), "seed " + seed);
            try (var client = open(any(random), channel, body.lines())) {
                send(client, body.bytes(), body.bytes().length, random);
                assertEquals(first, answer(client), "seed " + seed);
            }
            assertEquals(body.events(), stored(channel), "seed " + seed);
        }
    }

    private RunningCrier any(Random random) {
        return random.nextBoolean() ? crier : other;
    }

    @ParameterizedTest
    @ValueSource(strings = {"memory", "sqlite", "redis"})
    void requestsThatSendTheSameBodyAtOnceStoreItOnceAndAllGetTheSameResponse(String store) throws Exception {
        start(store, "PT10M");
        for (int seed = 0; seed < 10; seed++) {
            var random = new Random(seed);
            String channel = "/runs/" + seed;
            Body body = Body.random(seed % 2 == 0, 300, random);
            int length = body.bytes().length;
            try (var one = open(crier, channel, body.lines());
                    var another = open(other, channel, body.lines())) {
                int sent = 0;
                int sentByAnother = 0;
                while (sent < length || sentByAnother < length) {
                    int end = Math.min(length, sent + random.nextInt(200));
                    if (end > sent) {
                        sendChunk(one, body.bytes(), sent, end);
                        sent = end;
                    }
                    end = Math.min(length, sentByAnother + random.nextInt(200));
                    if (end > sentByAnother) {
                        sendChunk(another, body.bytes(), sentByAnother, end);
                        sentByAnother = end;
                    }
                }
                JsonObject answer = answer(one);
                assertEquals(body.events().size(), answer.getInteger("count"));
                assertEquals(answer, answer(another));
            }
            assertEquals(body.events(), stored(channel), "seed " + seed);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"memory", "sqlite", "redis"})
    void aBodyWithOtherContentOrLessIsRefusedAndALongerOneGoesOn(String store) throws Exception {
        start(store, "PT10M");
        var first = lines("/runs/1", "k", "a\nb\nc\n");
        assertStored(3, first);
        assertEquals(
                first.bodyAsJsonObject(), lines("/runs/1", "k", "a\r\nb\nc").bodyAsJsonObject());
        String other = "body: not the content that is stored under the Idempotency-Key, within the first 3 events"
                + " (expected: the same body again, or another key)";
        assertUnprocessable(0, other, lines("/runs/1", "k", "a\nB\nc\nd\n"));
        assertUnprocessable(0, other, post("/runs/1?lines&event=x", "k", "a\nb\nc\n"));
        assertUnprocessable(
                2,
                "body: ended after 2 of 3 events that are stored under the Idempotency-Key (expected: the whole body"
                        + " again)",
                lines("/runs/1", "k", "a\nb\n"));
        assertStored(5, lines("/runs/1", "k", "a\nb\nc\nd\ne\n"));
        assertStored(1, lines("/runs/1", "another", "f\n"));
        assertStored(1, lines("/runs/2", "k", "elsewhere\n"));
        assertEquals(
                List.of("message a", "message b", "message c", "message d", "message e", "message f"),
                stored("/runs/1"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"memory", "sqlite", "redis"})
    void aKeyIsForAPlainPublicationOrForAStreamedBody(String store) throws Exception {
        start(store, "PT10M");
        assertEquals(201, post("/runs/1", "plain", "a").statusCode());
        assertUnprocessable(
                0,
                "key: used for something else (expected: a key of its own for each publication)",
                lines("/runs/1", "plain", "a"));
        assertStored(1, lines("/runs/1", "streamed", "b"));
        assertEquals(422, post("/runs/1", "streamed", "b").statusCode());
        assertEquals(List.of("message a", "message b"), stored("/runs/1"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"memory", "sqlite", "redis"})
    void aKeyIsForgottenAfterItsTime(String store) throws Exception {
        start(store, "PT1S");
        String first = lines("/runs/1", "k", "a\n").bodyAsJsonObject().getString("id");
        Eventually.until("the event is stored again", () -> {
            var again = lines("/runs/1", "k", "a\n");
            assertStored(1, again);
            return !again.bodyAsJsonObject().getString("id").equals(first);
        });
        assertEquals(List.of("message a", "message a"), stored("/runs/1"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"memory", "sqlite", "redis"})
    void aFaultIsReportedWithTheNumberOfEventsThatAreStoredOrSkipped(String store) throws Exception {
        start(store, "PT10M");
        assertStored(2, lines("/runs/1", "k", "a\nb\n"));
        var invalid = Buffer.buffer("a\nb\nc\nd").appendByte((byte) 0xe9).appendString("\ne\n");
        var answer = RunningCrier.await(web.post(crier.port(), "127.0.0.1", "/runs/1?lines")
                .bearerTokenAuthentication(TOKEN)
                .putHeader("Idempotency-Key", "k")
                .sendBuffer(invalid));
        assertEquals(400, answer.statusCode());
        assertEquals(3, answer.bodyAsJsonObject().getInteger("count"));
        assertStored(4, lines("/runs/1", "k", "a\nb\nc\nd\n"));
        assertEquals(List.of("message a", "message b", "message c", "message d"), stored("/runs/1"));
    }

    @Test
    void aLongBodyIsSkippedWithoutStoringItAgain() throws Exception {
        start("memory", "PT10M");
        String body = "0123456789012345678\n".repeat(500_000);
        var first = lines("/runs/1", "k", body);
        assertStored(500_000, first);
        assertEquals(first.bodyAsJsonObject(), lines("/runs/1", "k", body).bodyAsJsonObject());
    }
}
