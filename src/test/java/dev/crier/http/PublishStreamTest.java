package dev.crier.http;

import static dev.crier.testing.Answers.assertProblem;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.event.Event;
import dev.crier.testing.RawClient;
import dev.crier.testing.RunningCrier;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.client.HttpResponse;
import java.io.File;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Bodies whose events are stored and delivered while they arrive. Which events they have is shown by the tests of {@code sse}. */
class PublishStreamTest extends PublishFixture {

    private static final String EVENT_STREAM = "text/event-stream";

    /** As many as the channel keeps, with the last event of the test. */
    private static final int EVENTS = 999;

    private HttpResponse<Buffer> stream(String body) throws Exception {
        return send(post("/news").putHeader("Content-Type", EVENT_STREAM), body);
    }

    private HttpResponse<Buffer> lines(String body) throws Exception {
        return send(post("/news?lines"), body);
    }

    private RawClient open(String path, String... headers) throws Exception {
        var all = new ArrayList<>(List.of(headers));
        all.add("Authorization: Bearer " + TOKEN);
        all.add("Transfer-Encoding: chunked");
        return RawClient.request(crier.port(), "POST " + path, all.toArray(String[]::new));
    }

    private static void sendChunk(RawClient client, String text) throws Exception {
        client.send(Integer.toHexString(text.length()) + "\r\n" + text + "\r\n");
    }

    private static void assertFailed(int status, String title, int count, String detail, HttpResponse<Buffer> answer) {
        assertProblem(status, title, answer);
        assertDetail(detail, answer);
        assertEquals(count, answer.bodyAsJsonObject().getInteger("count"));
    }

    @Test
    void eachBlockOfAnEventStreamIsPublished() throws Exception {
        var answer = stream(":hi\nid: 7\nretry: 1\nevent: x\ndata: one\ndata: two\n\ndata: three\r\n\r\ndata: never");
        assertEquals(201, answer.statusCode());
        assertEquals("application/json", answer.getHeader("Content-Type"));
        JsonObject body = answer.bodyAsJsonObject();
        assertEquals(Set.of("count", "id"), body.fieldNames());
        assertEquals(2, body.getInteger("count"));
        assertEquals("event: x\ndata: one\ndata: two\n\ndata: three\n\ndata: end\n\n", storedEvents("/news"));
        try (var client = RawClient.request(crier.port(), "GET /news?lastEventId=" + body.getString("id"))) {
            client.head();
            String rest = client.readThrough("data: end\n");
            assertFalse(rest.contains("three"), "the id is that of the last event: " + rest);
        }
    }

    @Test
    void eachLineOfATextIsPublished() throws Exception {
        var answer = send(post("/news?lines&event=log").putHeader("Content-Type", "text/plain"), "one\n\ntwo");
        assertEquals(201, answer.statusCode());
        assertEquals(3, answer.bodyAsJsonObject().getInteger("count"));
        assertEquals(
                "event: log\ndata: one\n\nevent: log\ndata: \n\nevent: log\ndata: two\n\ndata: end\n\n",
                storedEvents("/news"));
    }

    @Test
    void theTypeInTheQueryIsThatOfBlocksWithoutType() throws Exception {
        send(
                post("/news?event=d").putHeader("Content-Type", EVENT_STREAM + "; charset=utf-8"),
                "data: a\n\nevent: x\ndata: b\n\n");
        assertEquals("event: d\ndata: a\n\nevent: x\ndata: b\n\ndata: end\n\n", storedEvents("/news"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ":\n\n", "data: never\n"})
    void aBodyWithoutEventsPublishesNone(String body) throws Exception {
        var answer = stream(body);
        assertEquals(201, answer.statusCode());
        assertEquals(new JsonObject().put("count", 0), answer.bodyAsJsonObject());
        assertEquals("data: end\n\n", storedEvents("/news"));
    }

    @Test
    void eachEventIsDeliveredWhenItHasArrived() throws Exception {
        try (var subscriber = RawClient.request(crier.port(), "GET /news");
                var publisher = open("/news?lines", "Expect: 100-continue")) {
            assertEquals("HTTP/1.1 100 Continue", publisher.head().get(0));
            subscriber.head();
            subscriber.chunk();
            for (int i = 0; i < 100; i++) {
                sendChunk(publisher, i + "\n");
                assertTrue(subscriber.chunk().startsWith("data: " + i + "\nid: "));
            }
            publisher.send("0\r\n\r\n");
            assertEquals("HTTP/1.1 201 Created", publisher.head().get(0));
            String id = new JsonObject(publisher.readThrough("}").trim()).getString("id");
            assertTrue(id.matches("\\d+-\\d+"), id);
            publisher.send("GET /nothing HTTP/1.1\r\nHost: a\r\n\r\n");
            assertEquals("HTTP/1.1 404 Not Found", publisher.head().get(0), "the connection is used again");
        }
    }

    @Test
    void manyEventsAreStoredOnceAndInOrder() throws Exception {
        var body = new StringBuilder();
        for (int i = 0; i < EVENTS; i++) {
            body.append(i).append('\n');
        }
        assertEquals(
                EVENTS,
                send(post("/orders/all?lines"), body.toString())
                        .bodyAsJsonObject()
                        .getInteger("count"));
        String stored = storedEvents("/orders/all");
        assertEquals(body + "end\n", stored.replace("data: ", "").replace("\n\n", "\n"));
    }

    @Test
    void aFaultIsReportedAfterTheEventsBeforeItAreStored() throws Exception {
        assertFailed(
                413,
                "Content Too Large",
                2,
                "An event is too large (expected: at most 1000 bytes of data, publish.maxBytes).",
                lines("a\nb\n" + "x".repeat(1001) + "\nc\n"));
        assertFailed(
                413,
                "Content Too Large",
                1,
                "An event is too large (expected: at most 1000 bytes of data, publish.maxBytes).",
                stream("data: c\n\ndata: " + "x".repeat(500) + "\ndata: " + "x".repeat(500) + "\n\n"));
        var latin1 = Buffer.buffer("data: d\n\ndata: ").appendByte((byte) 0xe9).appendString("\n\ndata: e\n\n");
        assertFailed(
                400,
                "Bad Request",
                1,
                "invalid UTF-8 (expected: UTF-8)",
                RunningCrier.await(
                        post("/news").putHeader("Content-Type", EVENT_STREAM).sendBuffer(latin1)));
        assertFailed(
                400,
                "Bad Request",
                1,
                "event: not allowed (expected: " + Event.EXPECTED_TYPE + ")",
                stream("data: f\n\nevent: \t\ndata: g\n\n"));
        assertEquals("data: a\n\ndata: b\n\ndata: c\n\ndata: d\n\ndata: f\n\ndata: end\n\n", storedEvents("/news"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "/news?lines=1 | text/plain | lines: has a value (expected: none)",
                "/news?lines&lines | text/plain | lines: more than once (expected: once)",
                "/news?lines | application/x-ndjson | lines: not allowed with this Content-Type (expected: a text)",
                "/news?lines | text/event-stream | lines: not allowed with this Content-Type (expected: a text)",
            })
    void linesThatAreNotPossibleAreABadRequest(String path, String type, String detail) throws Exception {
        var answer = send(post(path).putHeader("Content-Type", type), "a");
        assertProblem(400, "Bad Request", answer);
        assertDetail(detail, answer);
    }

    @Test
    void anEncodedBodyIsUnsupported() throws Exception {
        var answer = send(post("/news?lines").putHeader("Content-Encoding", "gzip"), "a");
        assertFailed(415, "Unsupported Media Type", 0, "Content-Encoding: gzip (expected: none)", answer);
    }

    @Test
    void whatAClientSentBeforeItLeftIsStoredButNoUnfinishedEvent() throws Exception {
        try (var subscriber = RawClient.request(crier.port(), "GET /news")) {
            subscriber.head();
            subscriber.chunk();
            try (var publisher = open("/news?lines")) {
                sendChunk(publisher, "one\ntwo");
                assertTrue(subscriber.chunk().startsWith("data: one\n"));
                publisher.reset();
            }
            assertNull(lines("three\n").getHeader("Connection"));
            assertTrue(subscriber.chunk().startsWith("data: three\n"));
        }
    }

    /** The producer sends as fast as it can and does not read. */
    @Test
    void anEndlessBodyWithAFaultIsAnsweredAndItsConnectionIsClosed() throws Exception {
        try (var publisher = open("/news?lines")) {
            sendChunk(publisher, "one\n");
            sendChunk(publisher, "x".repeat(2_000));
            List<String> head = publisher.head();
            assertEquals("HTTP/1.1 413 Content Too Large", head.get(0));
            assertEquals("close", publisher.header(head, "Connection").orElseThrow());
            publisher.readThrough("\"count\":1}");
            sendChunk(publisher, "more\n");
            publisher.send("0\r\n\r\n");
            assertEquals("", publisher.rest());
        }
    }

    @Test
    void curlPipesAChannelIntoAnother() throws Exception {
        for (int i = 0; i < 20; i++) {
            send(post("/orders/1?event=n"), i + "\nline");
        }
        String url = "http://127.0.0.1:" + crier.port();
        var pipe = new ProcessBuilder(
                        "sh",
                        "-c",
                        "curl -sN '" + url + "/orders/1?lastEventId=earliest' | curl -s -X POST -T - -H 'Authorization:"
                                + " Bearer " + TOKEN + "' -H 'Content-Type: text/event-stream' " + url + "/orders/2")
                .redirectErrorStream(true)
                .start();
        try (var subscriber = RawClient.request(crier.port(), "GET /orders/2?lastEventId=earliest")) {
            subscriber.head();
            subscriber.readThrough("data: 19\ndata: line\n");
            send(post("/orders/1"), "later");
            subscriber.readThrough("data: later\n");
        } finally {
            pipe.descendants().forEach(ProcessHandle::destroy);
            pipe.destroy();
            pipe.waitFor(10, TimeUnit.SECONDS);
        }
        String all = storedEvents("/orders/2");
        assertEquals(storedEvents("/orders/1").replace("data: end\n\n", ""), all.replace("data: end\n\n", ""));
        assertFalse(all.contains("crier."), all);
    }

    @Test
    void curlPublishesEachLineOfACommand() throws Exception {
        var command = new ProcessBuilder(
                        "sh",
                        "-c",
                        "printf 'one\\n\\ntwo\\n' | curl -s -X POST -T - -H 'Authorization: Bearer " + TOKEN
                                + "' 'http://127.0.0.1:" + crier.port() + "/news?lines'")
                .redirectError(new File("/dev/null"))
                .start();
        String answer = new String(command.getInputStream().readAllBytes());
        assertEquals(0, command.waitFor());
        assertEquals(3, new JsonObject(answer).getInteger("count"), answer);
        assertEquals("data: one\n\ndata: \n\ndata: two\n\ndata: end\n\n", storedEvents("/news"));
    }
}
