package dev.crier.http;

import static dev.crier.testing.Answers.assertProblem;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.testing.RawClient;
import dev.crier.testing.RunningCrier;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.client.HttpRequest;
import io.vertx.ext.web.client.HttpResponse;
import io.vertx.ext.web.client.WebClient;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PublishTest {

    private static final String TOKEN = "a-token-of-the-tests";

    private RunningCrier crier;
    private WebClient web;

    @BeforeEach
    void start() throws Exception {
        var news = new JsonObject()
                .put("keep", new JsonObject().put("events", 1000))
                .put("publish", true);
        crier = new RunningCrier(new JsonObject()
                .put(
                        "channels",
                        new JsonObject()
                                .put("/news", news)
                                .put("/orders/:id", news)
                                .put("/closed", new JsonObject()))
                .put(
                        "publish",
                        new JsonObject()
                                .put(
                                        "tokens",
                                        new JsonArray()
                                                .add("another-token-of-theirs")
                                                .add(TOKEN))
                                .put("maxBytes", 1000)
                                .put("maxBatchBytes", 3000)
                                .put("maxBatchEvents", 20)));
        web = WebClient.create(crier.vertx());
    }

    @AfterEach
    void stop() throws Exception {
        web.close();
        crier.close();
    }

    private HttpRequest<Buffer> post(String path) {
        return web.request(HttpMethod.POST, crier.port(), "127.0.0.1", path).bearerTokenAuthentication(TOKEN);
    }

    private static HttpResponse<Buffer> send(HttpRequest<Buffer> request, String body) throws Exception {
        return RunningCrier.await(request.sendBuffer(Buffer.buffer(body)));
    }

    private HttpResponse<Buffer> batch(String body) throws Exception {
        return send(post("/news").putHeader("Content-Type", "application/x-ndjson"), body);
    }

    /** Returns the events that the channel keeps as blocks without ids, through the one with this data. */
    private String kept(String channel, String last) throws Exception {
        try (var client = RawClient.request(crier.port(), "GET " + channel + "?lastEventId=earliest")) {
            client.head();
            var stream = new StringBuilder();
            while (stream.indexOf("data: " + last + "\n") < 0) {
                stream.append(client.chunk());
            }
            String events = stream.substring(stream.indexOf("\n\n") + 2); // after crier.start
            return events.replaceAll("(?m)^id: .*\n", "");
        }
    }

    @Test
    void theBodyIsTheDataAndTheAnswerIsTheId() throws Exception {
        var answer = send(post("/news?event=alert"), "two\nlines");
        assertEquals(201, answer.statusCode());
        assertEquals("application/json", answer.getHeader("Content-Type"));
        assertEquals(java.util.Set.of("id"), answer.bodyAsJsonObject().fieldNames());
        assertTrue(answer.bodyAsJsonObject().getString("id").matches("\\d{13}-\\d+"));
        send(post("/news"), "end");
        assertEquals("event: alert\ndata: two\ndata: lines\n\ndata: end\n\n", kept("/news", "end"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "text/plain",
                "text/plain; charset=UTF-8",
                "Text/HTML;charset=\"utf-8\"",
                "application/json",
                "application/problem+json",
                "application/x-www-form-urlencoded",
                "application/xml",
                "application/octet-stream",
                "image/png",
                "text/plain; charset=utf8",
                "text/plain;charset=US-ASCII",
                "application/json;charset=utf-8;profile=x",
                "",
                ";",
                "text"
            })
    void anyTextIsTaken(String type) throws Exception {
        assertEquals(
                201, send(post("/news").putHeader("Content-Type", type), "a=b").statusCode());
        send(post("/news"), "end");
        assertTrue(kept("/news", "end").contains("data: a=b\n"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "multipart/form-data; boundary=x|Content-Type: multipart/form-data (expected: the data alone as the body,"
                        + " as curl sends it with --data-binary).",
                "text/plain; charset=latin1|Content-Type: charset=latin1 (expected: charset=utf-8).",
                "application/x-ndjson; charset=\"UTF-16\"|Content-Type: charset=utf-16 (expected: charset=utf-8)."
            })
    void aContentTypeOfABodyThatIsNotUtf8DataIsUnsupported(String type, String detail) throws Exception {
        var answer = send(post("/news").putHeader("Content-Type", type), "x");
        assertProblem(415, "Unsupported Media Type", answer);
        assertEquals(detail, answer.bodyAsJsonObject().getString("detail"));
    }

    @Test
    void aBodyWithoutATypeIsText() throws Exception {
        try (var client =
                RawClient.request(crier.port(), "POST /news", "Authorization: Bearer " + TOKEN, "Content-Length: 3")) {
            client.send("a=b");
            assertEquals("HTTP/1.1 201 Created", client.head().get(0));
        }
        send(post("/news"), "end");
        assertEquals("data: a=b\n\ndata: end\n\n", kept("/news", "end"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"gzip", "GZIP", "br", "identity, gzip", "rubbish"})
    void anEncodedBodyIsUnsupportedAndTheResponseSaysWhatIsExpected(String encoding) throws Exception {
        var answer = send(post("/news").putHeader("Content-Encoding", encoding), "x");
        assertProblem(415, "Unsupported Media Type", answer);
        assertEquals(
                "Content-Encoding: " + encoding + " (expected: none).",
                answer.bodyAsJsonObject().getString("detail"));
        assertEquals("identity", answer.getHeader("Accept-Encoding"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"identity", "Identity", ""})
    void anIdentityEncodingIsAccepted(String encoding) throws Exception {
        assertEquals(
                201,
                send(post("/news").putHeader("Content-Encoding", encoding), "x").statusCode());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "application/x-ndjson",
                "application/ndjson; charset=utf-8",
                "Application/JSONL",
                "application/x-jsonl",
                "application/jsonlines",
                "application/x-jsonlines"
            })
    void aBatchHasTheTypeOfLinesOfJson(String type) throws Exception {
        var answer = send(post("/news").putHeader("Content-Type", type), "{\"data\":\"a\"}\n{\"data\":\"b\"}");
        assertEquals(201, answer.statusCode());
        assertEquals(2, answer.bodyAsJsonObject().getJsonArray("ids").size());
    }

    @Test
    void aByteOrderMarkBeforeABatchIsSkipped() throws Exception {
        assertEquals(201, batch("\uFEFF{\"data\":\"end\"}\n").statusCode());
        assertEquals("data: end\n\n", kept("/news", "end"));
    }

    @Test
    void theLinesOfABatchWithoutATypeHaveTheTypeOfTheQuery() throws Exception {
        String lines = "{\"data\":\"a\"}\n{\"data\":\"b\",\"event\":null}\n{\"data\":\"c\",\"event\":\"own\"}\n"
                + "{\"data\":\"end\",\"event\":\"\"}\n";
        assertEquals(
                201,
                send(post("/news?event=all").putHeader("Content-Type", "application/x-ndjson"), lines)
                        .statusCode());
        assertEquals(
                "event: all\ndata: a\n\nevent: all\ndata: b\n\nevent: own\ndata: c\n\ndata: end\n\n",
                kept("/news", "end"));
    }

    @Test
    void aNullTypeIsNoType() throws Exception {
        assertEquals(201, batch("{\"event\":null,\"data\":\"end\"}").statusCode());
        assertEquals("data: end\n\n", kept("/news", "end"));
    }

    /** As sent by curl's -d, which removes the line ends of a file. */
    @Test
    void theErrorForABatchInOneLineNamesDataBinary() throws Exception {
        var answer = batch("{\"data\":\"a\"}{\"data\":\"b\"}");
        assertProblem(400, "Bad Request", answer);
        assertEquals(
                "line 1: more than an object (expected: a JSON object a line; curl keeps lines with --data-binary)",
                answer.bodyAsJsonObject().getString("detail"));
        assertEquals(
                "line 2: more than an object (expected: a JSON object)",
                batch("{\"data\":\"a\"}\n{\"data\":\"b\"} {}")
                        .bodyAsJsonObject()
                        .getString("detail"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"PUT", "PATCH"})
    void theErrorForAnotherMethodNamesPost(String method) throws Exception {
        var request = web.request(HttpMethod.valueOf(method), crier.port(), "127.0.0.1", "/news")
                .bearerTokenAuthentication(TOKEN);
        var answer = send(request, "x");
        assertProblem(405, "Method Not Allowed", answer);
        assertEquals("GET, HEAD, POST", answer.getHeader("Allow"));
        assertEquals(
                method + ": not allowed (expected: POST to publish).",
                answer.bodyAsJsonObject().getString("detail"));
    }

    @Test
    void aBatchIsPublishedInOrder() throws Exception {
        var answer = batch(
                "{\"data\":\"one\"}\n{\"event\":\"e\",\"data\":{\"a\": [1.10, 12345678901234567890.5, null]}}\r\n\n{\"data\":\"end\"}\n");
        assertEquals(201, answer.statusCode());
        JsonArray ids = answer.bodyAsJsonObject().getJsonArray("ids");
        assertEquals(3, ids.size());
        assertEquals(
                "data: one\n\nevent: e\ndata: {\"a\":[1.10,12345678901234567890.5,null]}\n\ndata: end\n\n",
                kept("/news", "end"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "''|no line (expected: a JSON object a line)",
                "[1]|line 1: no object (expected: a JSON object)",
                "{\"data\":|line 1, column 9: no JSON (expected: a JSON object)",
                "{\"data\":1,\"data\":2}|line 1, column 17: no JSON (expected: a JSON object)",
                "{\"event\":\"x\"}|line 1: no data (expected: the key data)",
                "{\"data\":\"x\",\"id\":\"1\"}|line 1: an unknown key (expected: event and data)",
                "{\"data\":\"x\",\"event\":5}|line 1: event is no text (expected: a text of at most 255"
                        + " characters, none of control, that does not begin with crier.)"
            })
    void aBatchIsPublishedWholeOrNotAtAll(String wrong, String detail) throws Exception {
        for (String body : List.of(wrong, wrong.isEmpty() ? "\n\n" : wrong + "\n{\"data\":\"never\"}")) {
            var answer = batch(body);
            assertProblem(400, "Bad Request", answer);
            assertEquals(detail, answer.bodyAsJsonObject().getString("detail"));
        }
        send(post("/news"), "end");
        assertEquals("data: end\n\n", kept("/news", "end"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"a%0Aid:1", "a%0Db", "%00", "%7F", "%C2%85", "crier.gap", "crier."})
    void aTypeThatIsNotAllowedIsABadRequest(String type) throws Exception {
        assertProblem(400, "Bad Request", send(post("/news?event=" + type), "x"));
    }

    @Test
    void whatIsNotUtf8IsABadRequest() throws Exception {
        byte[] latin = {'a', (byte) 0xe9, 'b'};
        assertProblem(400, "Bad Request", RunningCrier.await(post("/news").sendBuffer(Buffer.buffer(latin))));
    }

    @Test
    void moreThanIsAllowedIsTooLarge() throws Exception {
        assertEquals(201, send(post("/news"), "x".repeat(1000)).statusCode());
        assertProblem(413, "Content Too Large", send(post("/news"), "x".repeat(1001)));
        assertProblem(413, "Content Too Large", send(post("/news"), "é".repeat(501)));
        assertProblem(413, "Content Too Large", batch("{\"data\":\"" + "x".repeat(1001) + "\"}"));
        assertProblem(413, "Content Too Large", batch(("{\"data\":\"" + "x".repeat(900) + "\"}\n").repeat(4)));
    }

    /** Other publishers wait while a batch is processed. */
    @Test
    void theNumberOfEventsInABatchIsLimited() throws Exception {
        assertEquals(201, batch("{\"data\":\"\"}\n".repeat(20) + "\n\n").statusCode());
        var answer = batch("{\"data\":\"\"}\n".repeat(21) + "rubbish that is not read");
        assertProblem(413, "Content Too Large", answer);
        assertEquals(
                "The batch has too many events (expected: at most 20, publish.maxBatchEvents).",
                answer.bodyAsJsonObject().getString("detail"));
    }

    @Test
    void aTooLargeBodyOrEventIsReportedWithItsKey() throws Exception {
        assertEquals(
                "The body is too large (expected: at most 1000 bytes, publish.maxBytes).",
                send(post("/news"), "x".repeat(1001)).bodyAsJsonObject().getString("detail"));
        assertEquals(
                "The body is too large (expected: at most 3000 bytes, publish.maxBatchBytes).",
                batch("x".repeat(3001)).bodyAsJsonObject().getString("detail"));
        assertEquals(
                "An event of the batch is too large (expected: at most 1000 bytes of data, publish.maxBytes).",
                batch("{\"data\":\"" + "x".repeat(1001) + "\"}")
                        .bodyAsJsonObject()
                        .getString("detail"));
    }

    @Test
    void whatIsSentInChunksIsCountedToo() throws Exception {
        try (var client = RawClient.request(
                crier.port(), "POST /news", "Authorization: Bearer " + TOKEN, "Transfer-Encoding: chunked")) {
            client.send("200\r\n" + "x".repeat(512) + "\r\n200\r\n" + "x".repeat(512) + "\r\n");
            assertEquals("HTTP/1.1 413 Content Too Large", client.head().get(0));
        }
    }

    @Test
    void withoutATokenNothingIsPublished() throws Exception {
        var answer = send(web.request(HttpMethod.POST, crier.port(), "127.0.0.1", "/news"), "x");
        assertProblem(401, "Unauthorized", answer);
        assertEquals("Bearer realm=\"crier\"", answer.getHeader("WWW-Authenticate"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"Bearer wrong", "Bearer ", "Bearer", "Bearer a-token-of-the-test"})
    void norWithAWrongOne(String authorization) throws Exception {
        var request = web.request(HttpMethod.POST, crier.port(), "127.0.0.1", "/news")
                .putHeader("Authorization", authorization);
        var answer = send(request, "x");
        assertProblem(401, "Unauthorized", answer);
        assertEquals(
                "Bearer realm=\"crier\", error=\"invalid_token\", error_description=\"Crier does not know this token.\"",
                answer.getHeader("WWW-Authenticate"));
    }

    /** Nothing is said of what is wrong with a token where none was given (RFC 6750, 3.1). */
    @ParameterizedTest
    @ValueSource(strings = {"Basic YTpi", "a-token-of-the-tests"})
    void norWithWhatIsNoBearerToken(String authorization) throws Exception {
        var request = web.request(HttpMethod.POST, crier.port(), "127.0.0.1", "/news")
                .putHeader("Authorization", authorization);
        var answer = send(request, "x");
        assertProblem(401, "Unauthorized", answer);
        assertEquals("Bearer realm=\"crier\"", answer.getHeader("WWW-Authenticate"));
    }

    @Test
    void aChannelThatTakesNoneDoesNotAllowIt() throws Exception {
        var answer = send(post("/closed"), "x");
        assertProblem(405, "Method Not Allowed", answer);
        assertEquals("GET, HEAD", answer.getHeader("Allow"));
        assertEquals(
                "GET, HEAD, POST",
                RunningCrier.await(
                                web.delete(crier.port(), "127.0.0.1", "/news").send())
                        .getHeader("Allow"));
    }

    @ParameterizedTest
    @CsvSource({
        "/other, 404",
        "/orders, 404",
        "/orders/1/2, 404",
        "/news/x, 404",
        "/orders//1, 400",
        "/orders/../news, 400",
        "/orders/., 400",
        "/orders/%2e%2e, 400",
        "/orders/%0A, 400",
        "/orders/%E2%80%AE, 400",
        "/orders/%ff, 400",
        "/orders/%zz, 400"
    })
    void aPathThatIsNoChannelsIsRefused(String path, int status) throws Exception {
        try (var client = RawClient.request(
                crier.port(), "POST " + path, "Authorization: Bearer " + TOKEN, "Content-Length: 0")) {
            assertTrue(client.head().get(0).startsWith("HTTP/1.1 " + status), path);
        }
    }

    @Test
    void aNameMayHave255BytesAndNoMore() throws Exception {
        assertEquals(201, send(post("/orders/" + "x".repeat(247)), "x").statusCode());
        assertProblem(400, "Bad Request", send(post("/orders/" + "x".repeat(248)), "x"));
    }

    @Test
    void eachOfAFamilyIsAChannelOfItsOwn() throws Exception {
        send(post("/orders/1"), "one");
        send(post("/orders/2"), "end");
        send(post("/orders/1"), "end");
        assertEquals("data: one\n\ndata: end\n\n", kept("/orders/1", "end"));
        assertEquals("data: end\n\n", kept("/orders/2", "end"));
    }

    @Test
    void aRetryWithTheSameKeyPublishesOnce() throws Exception {
        var first = send(post("/news").putHeader("Idempotency-Key", "k1"), "once");
        var second = send(post("/news").putHeader("Idempotency-Key", "k1"), "once");
        assertEquals(201, second.statusCode());
        assertEquals(first.bodyAsJsonObject(), second.bodyAsJsonObject());
        assertNotEquals(
                first.bodyAsJsonObject(),
                send(post("/orders/1").putHeader("Idempotency-Key", "k1"), "once")
                        .bodyAsJsonObject());
        send(post("/news"), "end");
        assertEquals("data: once\n\ndata: end\n\n", kept("/news", "end"));
    }

    @Test
    void theSameKeyForSomethingElseIsUnprocessable() throws Exception {
        send(post("/news").putHeader("Idempotency-Key", "k1"), "this");
        assertProblem(422, "Unprocessable Content", send(post("/news").putHeader("Idempotency-Key", "k1"), "that"));
        assertProblem(
                422, "Unprocessable Content", send(post("/news?event=e").putHeader("Idempotency-Key", "k1"), "this"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "with space", "ü"})
    void aKeyThatIsNoneIsABadRequest(String key) throws Exception {
        assertProblem(400, "Bad Request", send(post("/news").putHeader("Idempotency-Key", key), "x"));
        assertProblem(400, "Bad Request", send(post("/news").putHeader("Idempotency-Key", "x".repeat(256)), "x"));
    }

    @Test
    void aPageOfCriersOwnPublishesWhateverTheListOfOrigins() throws Exception {
        var conf = new JsonObject()
                .put("cors", new JsonObject().put("origins", new JsonArray()))
                .put("channels", new JsonObject().put("/news", new JsonObject().put("publish", true)))
                .put("publish", new JsonObject().put("tokens", new JsonArray().add(TOKEN)));
        try (var strict = new RunningCrier(conf)) {
            var request = web.request(HttpMethod.POST, strict.port(), "127.0.0.1", "/news")
                    .bearerTokenAuthentication(TOKEN);
            assertEquals(
                    201,
                    send(request.copy().putHeader("Origin", "http://127.0.0.1:" + strict.port()), "x")
                            .statusCode());
            assertProblem(403, "Forbidden", send(request.copy().putHeader("Origin", "http://127.0.0.1:1"), "x"));
        }
    }
}
