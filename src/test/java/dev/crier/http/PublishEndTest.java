package dev.crier.http;

import static dev.crier.testing.Answers.assertProblem;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import dev.crier.testing.RawHttp2Client;
import dev.crier.testing.RunningCrier;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.client.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A publication that ends its channel, and publications after it. */
class PublishEndTest extends EndFixture {

    private static final String NDJSON = "Content-Type: application/x-ndjson";
    private static final String EVENT_STREAM = "Content-Type: text/event-stream";

    @Test
    void anEventMayBeTheLastOfItsChannel() throws Exception {
        post("/runs/1", "one");
        var answer = post("/runs/1?end&event=x", "two");
        assertEquals(201, answer.statusCode());
        Ended ended = ended("/runs/1");
        assertEquals("data: one\n\nevent: x\ndata: two\n\n" + end("ended"), ended.events());
        assertEquals(ended.id(), answer.bodyAsJsonObject().getString("id"));
    }

    @Test
    void anEmptyBodyPublishesOnlyTheEnd() throws Exception {
        for (String form :
                List.of("/runs/1?end ", "/runs/2?end " + NDJSON, "/runs/3?lines&end ", "/runs/4?end " + EVENT_STREAM)) {
            String[] parts = form.split(" ", 2);
            var answer = parts[1].isEmpty() ? post(parts[0], "") : post(parts[0], "", parts[1]);
            assertEquals(201, answer.statusCode(), form);
            Ended ended = ended(parts[0].substring(0, parts[0].indexOf('?')));
            assertEquals(end("ended"), ended.events());
            JsonObject body = answer.bodyAsJsonObject();
            assertEquals(
                    ended.id(),
                    body.containsKey("ids") ? body.getJsonArray("ids").getString(0) : body.getString("id"));
            assertEquals(
                    parts[0].contains("lines") || parts[1].equals(EVENT_STREAM) ? 0 : null, body.getInteger("count"));
        }
    }

    @Test
    void aBatchMayEndItsChannel() throws Exception {
        var answer = post("/runs/1?end", "{\"data\":\"one\"}\n{\"data\":\"two\"}\n", NDJSON);
        JsonArray ids = answer.bodyAsJsonObject().getJsonArray("ids");
        assertEquals(3, ids.size());
        assertEquals(new Ended("data: one\n\ndata: two\n\n" + end("ended"), ids.getString(2)), ended("/runs/1"));
    }

    /** The end is not counted. */
    @Test
    void aStreamedBodyMayEndItsChannel() throws Exception {
        var lines = post("/runs/1?lines&end", "one\ntwo");
        assertEquals(201, lines.statusCode());
        Ended ended = ended("/runs/1");
        assertEquals(new JsonObject().put("count", 2).put("id", ended.id()), lines.bodyAsJsonObject());
        assertEquals("data: one\n\ndata: two\n\n" + end("ended"), ended.events());

        var blocks = post("/runs/2?end", "data: one\n\ndata: never", EVENT_STREAM);
        assertEquals(1, blocks.bodyAsJsonObject().getInteger("count"));
        assertEquals("data: one\n\n" + end("ended"), ended("/runs/2").events());
    }

    /** The events are more than may wait for the log. */
    @Test
    void theEndOfALongStreamIsItsLastEvent() throws Exception {
        int events = 5_000;
        var answer = post("/runs/1?lines&end", "x\n".repeat(events));
        assertEquals(events, answer.bodyAsJsonObject().getInteger("count"));
        assertEquals(
                answer.bodyAsJsonObject().getString("id"),
                delete("/runs/1").bodyAsJsonObject().getString("id"));
    }

    @Test
    void aStreamedBodyWithAFaultDoesNotEndItsChannel() throws Exception {
        assertEquals(413, post("/runs/1?lines&end", "one\n" + "x".repeat(1001)).statusCode());
        assertEquals(201, post("/runs/1", "two").statusCode());
        var latin1 = Buffer.buffer("three\n").appendByte((byte) 0xe9);
        assertEquals(
                400,
                RunningCrier.await(request(HttpMethod.POST, "/runs/1?lines&end").sendBuffer(latin1))
                        .statusCode());
        assertEquals(201, post("/runs/1?end", "four").statusCode());
        assertEquals(
                "data: one\n\ndata: two\n\ndata: three\n\ndata: four\n\n" + end("ended"),
                ended("/runs/1").events());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "/runs/1 | Content-Type: text/plain | x",
                "/runs/1?end | Content-Type: text/plain | x",
                "/runs/1 | Content-Type: application/x-ndjson | {\"data\":1}",
                "/runs/1?lines | Content-Type: text/plain | x",
                "/runs/1?lines&end | Content-Type: text/plain | x",
                "/runs/1 | Content-Type: text/event-stream | :",
                "/runs/1 | If-None-Match: * | x",
                "/runs/1 | Idempotency-Key: new | x",
            })
    void nothingIsPublishedAfterTheEnd(String path, String header, String body) throws Exception {
        String end = post("/runs/1?end", "last").bodyAsJsonObject().getString("id");
        var answer = post(path, body, header);
        assertConflict(end, answer);
        assertEquals(
                path.contains("lines") || header.contains("event-stream") ? 0 : null,
                answer.bodyAsJsonObject().getInteger("count"));
        assertEquals("data: last\n\n" + end("ended"), ended("/runs/1").events());
    }

    @Test
    void eachChannelOfAFamilyEndsAlone() throws Exception {
        post("/runs/1?end", "last");
        assertEquals(201, post("/runs/2", "one").statusCode());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "/news?end | Content-Type: text/plain | end: not allowed here (expected: a channel that has \"ends\": true)",
                "/news?lines&end | Content-Type: text/plain | end: not allowed here (expected: a channel that has \"ends\": true)",
                "/runs/1?end=1 | Content-Type: text/plain | end: has a value (expected: none)",
                "/runs/1?end&end | Content-Type: text/plain | end: more than once (expected: once)",
            })
    void anEndThatIsNotPossibleIsABadRequest(String path, String header, String detail) throws Exception {
        var answer = post(path, "never", header);
        assertProblem(400, "Bad Request", answer);
        assertEquals(detail, answer.bodyAsJsonObject().getString("detail"));
    }

    /** Threat: a publisher forges the end of a channel, which has no id that Crier remembers as an end. */
    @Test
    void nobodyPublishesTheEndAsAnEvent() throws Exception {
        assertEquals(400, post("/runs/1?event=crier.end", "{}").statusCode());
        assertEquals(
                400,
                post("/runs/1", "{\"event\":\"crier.end\",\"data\":1}", NDJSON).statusCode());
        assertEquals(
                201,
                post("/runs/1", "event: crier.end\ndata: {}\n\n", EVENT_STREAM).statusCode());
        assertEquals(201, post("/runs/1?end", "open").statusCode());
        assertEquals("data: open\n\n" + end("ended"), ended("/runs/1").events());
    }

    @Test
    void aRetryWithItsKeyIsAnsweredAsBeforeAfterTheEnd() throws Exception {
        String key = "Idempotency-Key: k";
        for (String[] form :
                new String[][] {{"Content-Type: text/plain", "one"}, {NDJSON, "{\"data\":1}"}, {"Accept: */*", ""}}) {
            String path = "/runs/" + form[1].length();
            var first = post(path + "?end", form[1], key, form[0]);
            var retry = post(path + "?end", form[1], key, form[0]);
            assertEquals(201, first.statusCode());
            assertEquals(201, retry.statusCode());
            assertEquals(first.bodyAsString(), retry.bodyAsString());
            assertEquals(
                    422, post(path, form[1], key, form[0]).statusCode(), "without the end, it is another publication");
        }
    }

    @Test
    void anEndIsStoredOnlyIfItsPreconditionHolds() throws Exception {
        String one = post("/runs/1", "one").bodyAsJsonObject().getString("id");
        assertEquals(412, post("/runs/1?end", "never", "If-None-Match: *").statusCode());
        assertEquals(412, post("/runs/1?lines&end", "", "If-None-Match: *").statusCode());
        var end = post("/runs/1?lines&end", "two", "If-Match: \"" + one + "\"");
        assertEquals(201, end.statusCode());
        assertConflict(end.bodyAsJsonObject().getString("id"), post("/runs/1?end", "", "If-Match: \"" + one + "\""));
        assertEquals(
                "data: one\n\ndata: two\n\n" + end("ended"), ended("/runs/1").events());
    }

    @Test
    void oneOfTwoProducersWritesTheWholeChannel() throws Exception {
        for (int i = 0; i < 20; i++) {
            String path = "/runs/race" + i;
            var answers = List.of("a", "b").stream()
                    .map(name -> request(HttpMethod.POST, path + "?lines&end")
                            .putHeader("If-None-Match", "*")
                            .sendBuffer(Buffer.buffer((name + "\n").repeat(100))))
                    .toList();
            var codes = new TreeSet<Integer>();
            String winner = "";
            for (int j = 0; j < answers.size(); j++) {
                HttpResponse<Buffer> answer = RunningCrier.await(answers.get(j));
                codes.add(answer.statusCode());
                winner = answer.statusCode() == 201 ? List.of("a", "b").get(j) : winner;
                assertEquals(
                        answer.statusCode() == 201 ? 100 : 0,
                        answer.bodyAsJsonObject().getInteger("count"));
            }
            assertNotEquals("", winner, codes.toString());
            assertEquals(2, codes.size(), codes.toString());
            assertEquals(
                    ("data: " + winner + "\n\n").repeat(100) + end("ended"),
                    ended(path).events());
        }
    }

    @Test
    void producersOverHttp2EndTheirChannels() throws Exception {
        try (var client = RawHttp2Client.withWindow(crier.port(), 1 << 16)) {
            int plain = client.open("POST", "/runs/1?end", BEARER);
            client.data(plain, "one", true);
            assertEquals("201", client.status(plain));
            int empty = client.request("POST", "/runs/2?end", BEARER);
            assertEquals("201", client.status(empty));
            int streamed = client.open("POST", "/runs/3?lines&end", BEARER);
            client.data(streamed, "one\ntwo", true);
            assertEquals("201", client.status(streamed));
            String body = new String(client.next(RawHttp2Client.DATA, streamed).payload(), StandardCharsets.UTF_8);
            assertEquals(2, new JsonObject(body).getInteger("count"));
            int refused = client.open("POST", "/runs/3?lines", BEARER);
            assertEquals("409", client.status(refused));
            client.next(RawHttp2Client.RST_STREAM, refused);
        }
        assertEquals("data: one\n\n" + end("ended"), ended("/runs/1").events());
        assertEquals(end("ended"), ended("/runs/2").events());
        assertEquals(
                "data: one\n\ndata: two\n\n" + end("ended"), ended("/runs/3").events());
    }

    /** The request is refused before its body is asked for. */
    @Test
    void aStreamToAnEndedChannelIsNeverUploaded() throws Exception {
        String end = post("/runs/1?end", "").bodyAsJsonObject().getString("id");
        try (var producer = open("/runs/1?lines", "Expect: 100-continue")) {
            assertEquals(0, assertStopped(end, producer).getInteger("count"));
        }
    }
}
