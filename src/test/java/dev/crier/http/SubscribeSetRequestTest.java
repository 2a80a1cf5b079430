package dev.crier.http;

import static dev.crier.testing.Answers.assertProblem;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.event.ChannelName;
import dev.crier.testing.RawClient;
import dev.crier.testing.RunningCrier;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.eventbus.ReplyException;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.client.HttpResponse;
import io.vertx.ext.web.client.WebClient;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which requests for several channels get a stream. The stream itself is shown by {@code SubscribeSetTest}. */
class SubscribeSetRequestTest {

    private static final String FORM = "application/x-www-form-urlencoded";
    private static final String MALFORMED_NAME = " (expected: " + ChannelName.EXPECTED + ")";

    private RunningCrier crier;
    private WebClient web;

    @BeforeEach
    void start() throws Exception {
        var limits = new JsonObject().put("channelsPerSubscriber", 3);
        crier = new RunningCrier(RunningCrier.channels("/a", "/b", "/c", "/ä b+c", "/orders/:id", "/:shop/in/:town")
                .put("limits", limits)
                .put("publish", new JsonObject().put("idleTimeout", "PT1S")));
        web = WebClient.create(crier.vertx());
    }

    @AfterEach
    void stop() throws Exception {
        web.close();
        crier.close();
    }

    private HttpResponse<Buffer> ask(HttpMethod method, String query) throws Exception {
        return RunningCrier.await(web.request(method, crier.port(), "127.0.0.1", "/events" + query)
                .send());
    }

    private HttpResponse<Buffer> post(String mediaType, String form) throws Exception {
        return RunningCrier.await(web.post(crier.port(), "127.0.0.1", "/events")
                .putHeader("Content-Type", mediaType)
                .sendBuffer(Buffer.buffer(form)));
    }

    private static String detail(HttpResponse<Buffer> answer) {
        return answer.bodyAsJsonObject().getString("detail");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "channel=/a",
                "channel=/a&channel=/b",
                "channel=%2Fa&x=y&channel=/orders/42",
                "channel=/orders/:id",
                "channel=%2Forders%2F%3Aid&channel=/orders/42&channel=/:shop/in/:town",
                "channel=/%C3%A4+b%2Bc",
                "ch%61nnel=/a",
                "channel=/a&channel=/b&channel=/c&channel=/a&channel=%2fa&channel=/b",
                "channel=/a&lastEventId=earliest",
                "channel=/a&lastEventId=2026-01-31T12:00:00Z",
                "channel=/a&lastEventId=1763800000000-0",
                "channel=/a&lastEventId=1763800000000-0+/orders/42",
                "channel=/a&lastEventId=1763800000000-0%20/%C3%A4%20b"
            })
    void theQueryNamesChannelsAndFamilies(String query) throws Exception {
        var answer = ask(HttpMethod.HEAD, "?" + query);
        assertEquals(200, answer.statusCode());
        assertEquals("text/event-stream;charset=utf-8", answer.getHeader("Content-Type"));
        assertEquals("no-cache, no-transform", answer.getHeader("Cache-Control"));
        assertEquals("nosniff", answer.getHeader("X-Content-Type-Options"));
        assertEquals("no", answer.getHeader("X-Accel-Buffering"));
        assertNull(answer.body());
        assertEquals(0, crier.subscribers());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "?", "?channels=/a", "?Channel=/a", "?x=channel=/a"})
    void aRequestWithoutAChannelIsABadRequest(String query) throws Exception {
        var answer = ask(HttpMethod.GET, query);
        assertProblem(400, "Bad Request", answer);
        assertEquals("channel: missing (expected: at least one, such as ?channel=/news)", detail(answer));
    }

    @ParameterizedTest
    @CsvSource({"news, news", "'', ''", "/, /", "/a/, /a/", "//a, //a", "/a/../b, /a/../b", "/a%0Ab, '/a\nb'"})
    void aMalformedNameIsABadRequestThatNamesIt(String name, String shown) throws Exception {
        var answer = ask(HttpMethod.GET, "?channel=/a&channel=" + name);
        assertProblem(400, "Bad Request", answer);
        assertEquals("channel: " + shown + MALFORMED_NAME, detail(answer));
    }

    @Test
    void aLongNameIsNotShownWhole() throws Exception {
        String detail = detail(ask(HttpMethod.GET, "?channel=/" + "x".repeat(3_000)));
        assertEquals("channel: /" + "x".repeat(999) + "…" + MALFORMED_NAME, detail);
    }

    @ParameterizedTest
    @ValueSource(strings = {"channel=/%zz", "channel=/%ff", "channel=%", "%zz=/b"})
    void aParameterThatCannotBeDecodedIsABadRequestThatNamesIt(String parameter) throws Exception {
        try (var client = RawClient.request(crier.port(), "GET /events?channel=/a&" + parameter)) {
            assertEquals("HTTP/1.1 400 Bad Request", client.head().get(0));
            assertTrue(client.readThrough("}").contains("\"detail\":\"" + parameter + ": invalid "));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/nothing",
                "/A",
                "/orders",
                "/orders/:x",
                "/orders/:",
                "/:a/in/:b",
                "/:shop/in/x",
                "/:a",
                "/events"
            })
    void anUndeclaredChannelIsNotFoundAndNamed(String name) throws Exception {
        var answer = ask(HttpMethod.GET, "?channel=/a&channel=" + name);
        assertProblem(404, "Not Found", answer);
        assertEquals(
                "channel: " + name + " (expected: a declared channel, or a family as it is declared)", detail(answer));
    }

    @ParameterizedTest
    @ValueSource(strings = {"/orders/:id", "/orders/%3Aid", "/orders/:x", "/:shop/in/x"})
    void aFamilyIsNotAChannel(String path) throws Exception {
        var answer = RunningCrier.await(web.get(crier.port(), "127.0.0.1", path).send());
        assertProblem(404, "Not Found", answer);
        var refusal = assertThrows(ReplyException.class, () -> crier.publish(path.replace("%3A", ":"), "x"));
        assertEquals(404, refusal.failureCode());
    }

    @Test
    void tooManyChannelsAreABadRequestThatNamesTheLimit() throws Exception {
        var answer = ask(HttpMethod.GET, "?channel=/a&channel=/b&channel=/c&channel=/orders/:id");
        assertProblem(400, "Bad Request", answer);
        assertEquals("channel: too many (expected: at most 3, limits.channelsPerSubscriber)", detail(answer));
    }

    /** Threat: parsing a body that is full of short parameters would hold up the event loop. */
    @Test
    void tooManyParametersAreABadRequest() throws Exception {
        assertEquals(
                200,
                ask(HttpMethod.HEAD, "?channel=/a" + "&channel=/a".repeat(105)).statusCode());
        for (String parameter : List.of("&channel=/a", "&x", "&")) {
            var answer = post(FORM, "channel=/a" + parameter.repeat(106));
            assertProblem(400, "Bad Request", answer);
            assertEquals(
                    "channel: 107 parameters (expected: at most 106, by limits.channelsPerSubscriber)", detail(answer));
        }
    }

    @Test
    void aPositionThatCannotBeReadIsABadRequest() throws Exception {
        var answer = ask(HttpMethod.GET, "?channel=/a&lastEventId=rubbish");
        assertProblem(400, "Bad Request", answer);
        assertEquals(
                "lastEventId: not a position (expected: an event id, \"earliest\" or an instant of RFC 3339)",
                detail(answer));
    }

    @Test
    void anAcceptHeaderThatExcludesEventStreamsIsNotAcceptable() throws Exception {
        var answer = RunningCrier.await(web.get(crier.port(), "127.0.0.1", "/events?channel=/a")
                .putHeader("Accept", "application/json")
                .send());
        assertProblem(406, "Not Acceptable", answer);
    }

    @ParameterizedTest
    @ValueSource(strings = {"PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"})
    void anyOtherMethodIsNotAllowed(String method) throws Exception {
        var answer = ask(HttpMethod.valueOf(method), "?channel=/a");
        assertProblem(405, "Method Not Allowed", answer);
        assertEquals("GET, HEAD, POST", answer.getHeader("Allow"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"/events/", "/events/x", "/Events", "/event"})
    void anyOtherPathIsNotFound(String path) throws Exception {
        var answer = RunningCrier.await(
                web.get(crier.port(), "127.0.0.1", path + "?channel=/a").send());
        assertProblem(404, "Not Found", answer);
    }

    @Test
    void thePathIsDecoded() throws Exception {
        var answer = RunningCrier.await(
                web.head(crier.port(), "127.0.0.1", "/%65vents?channel=/a").send());
        assertEquals(200, answer.statusCode());
    }

    @Test
    void withoutAPathThereIsNoEndpoint() throws Exception {
        try (var without =
                new RunningCrier(RunningCrier.channels("/a").put("subscribe", new JsonObject().putNull("path")))) {
            var answer = RunningCrier.await(
                    web.get(without.port(), "127.0.0.1", "/events?channel=/a").send());
            assertProblem(404, "Not Found", answer);
        }
    }

    @Test
    void aFormWithErrorsGetsTheSameAnswersAsAQuery() throws Exception {
        assertEquals("channel: missing (expected: at least one, such as ?channel=/news)", detail(post(FORM, "x=y")));
        assertEquals("channel: news" + MALFORMED_NAME, detail(post(FORM, "channel=/a&channel=news")));
        assertEquals(404, post(FORM, "channel=/nothing").statusCode());
        assertEquals(400, post(FORM, "channel=/ä").statusCode(), "not encoded");
        assertEquals(
                "channel: too many (expected: at most 3, limits.channelsPerSubscriber)",
                detail(post(FORM + "; charset=UTF-8", "channel=/a&channel=/b&channel=/c&channel=/orders/1")));
        assertEquals(400, post(FORM, "channel=/a&lastEventId=rubbish").statusCode());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "text/plain",
                "application/json",
                "multipart/form-data; boundary=x",
                "application/x-www-form-urlencoded; charset=utf-16",
                "application/x-www-form-urlencodedx"
            })
    void aBodyOfAnotherTypeIsRejected(String mediaType) throws Exception {
        var answer = post(mediaType, "channel=/a");
        assertProblem(415, "Unsupported Media Type", answer);
        assertEquals("Content-Type: " + mediaType + " (expected: application/x-www-form-urlencoded)", detail(answer));
    }

    @Test
    void aBodyWithoutATypeOrWithAnEncodingIsRejected() throws Exception {
        try (var untyped = RawClient.request(crier.port(), "POST /events", "Content-Length: 0");
                var encoded = RawClient.request(
                        crier.port(), "POST /events", "Content-Type: " + FORM, "Content-Encoding: gzip")) {
            assertEquals("HTTP/1.1 415 Unsupported Media Type", untyped.head().get(0));
            assertTrue(untyped.readThrough("}").contains("Content-Type: missing (expected: " + FORM + ")"));
            assertEquals("HTTP/1.1 415 Unsupported Media Type", encoded.head().get(0));
        }
    }

    /** The longest name has 255 bytes, each of which takes three characters. */
    @Test
    void aBodyMayNameAsManyOfTheLongestChannelsAsTheLimitAllows() throws Exception {
        String form = IntStream.range(0, 3)
                .mapToObj(i -> "channel=%2F" + "%61".repeat(253) + "%6" + i)
                .collect(Collectors.joining("&"));
        assertEquals(404, post(FORM, form).statusCode());
        String tooLarge = "channel=/a&" + "x".repeat(4_000);
        var answer = post(FORM, tooLarge);
        assertProblem(413, "Content Too Large", answer);
        assertEquals(
                "The body is too large (expected: at most 3346 bytes, limits.channelsPerSubscriber).", detail(answer));
        try (var chunked = RawClient.request(
                crier.port(), "POST /events", "Content-Type: " + FORM, "Transfer-Encoding: chunked")) {
            chunked.send(Integer.toHexString(tooLarge.length()) + "\r\n" + tooLarge + "\r\n0\r\n\r\n");
            assertEquals("HTTP/1.1 413 Content Too Large", chunked.head().get(0));
        }
    }

    @Test
    void aBodyThatArrivesTooSlowlyIsRejected() throws Exception {
        try (var client =
                RawClient.request(crier.port(), "POST /events", "Content-Type: " + FORM, "Content-Length: 10")) {
            client.send("channel");
            assertEquals("HTTP/1.1 408 Request Timeout", client.head().get(0));
        }
    }

    /** A form is read before any token, so it may not take as long as a publication. */
    @Test
    void aFormThatArrivesWithProgressButNotWithinTheTimeoutIsRejected() throws Exception {
        try (var client =
                RawClient.request(crier.port(), "POST /events", "Content-Type: " + FORM, "Content-Length: " + 3_000)) {
            client.send("channel=/a&x=" + "x".repeat(2_000));
            assertEquals("HTTP/1.1 408 Request Timeout", client.head().get(0));
        }
    }

    @Test
    void aClientMayWaitToBeAskedForTheBody() throws Exception {
        try (var client = RawClient.request(
                        crier.port(),
                        "POST /events",
                        "Content-Type: " + FORM,
                        "Content-Length: 10",
                        "Expect: 100-continue");
                var rejected = RawClient.request(
                        crier.port(),
                        "POST /events",
                        "Content-Type: text/plain",
                        "Content-Length: 10",
                        "Expect: 100-continue")) {
            assertEquals(List.of("HTTP/1.1 100 Continue"), client.head());
            client.send("channel=/x");
            assertEquals("HTTP/1.1 404 Not Found", client.head().get(0));
            assertEquals("HTTP/1.1 415 Unsupported Media Type", rejected.head().get(0));
        }
    }

    @Test
    void aListThatDoesNotFitTheUrlIsPointedToTheBody() throws Exception {
        try (var client = RawClient.request(crier.port(), "GET /events?" + "channel=/a&".repeat(500))) {
            assertEquals("HTTP/1.1 414 URI Too Long", client.head().get(0));
            assertTrue(client.readThrough("}")
                    .contains("To subscribe to many channels, send their names in the body of a POST."));
        }
    }

    /** A page of any origin may send a form without a preflight. */
    @Test
    void errorsCanBeReadByPagesOfOtherOrigins() throws Exception {
        for (HttpMethod method : List.of(HttpMethod.GET, HttpMethod.POST)) {
            var answer = RunningCrier.await(web.request(method, crier.port(), "127.0.0.1", "/events")
                    .putHeader("Origin", "https://page.example")
                    .putHeader("Content-Type", FORM)
                    .send());
            assertEquals(400, answer.statusCode());
            assertEquals("*", answer.getHeader("Access-Control-Allow-Origin"));
        }
        var preflight = RunningCrier.await(web.request(HttpMethod.OPTIONS, crier.port(), "127.0.0.1", "/events")
                .putHeader("Origin", "https://page.example")
                .putHeader("Access-Control-Request-Method", "POST")
                .send());
        assertEquals(204, preflight.statusCode());
        assertEquals("GET, HEAD, POST, DELETE", preflight.getHeader("Access-Control-Allow-Methods"));
    }

    @Test
    void pagesOfOriginsThatAreNotListedAreRejected() throws Exception {
        try (var closed = new RunningCrier(
                RunningCrier.channels("/a").put("cors", new JsonObject().put("origins", new JsonArray())))) {
            for (HttpMethod method : List.of(HttpMethod.GET, HttpMethod.POST)) {
                var answer = RunningCrier.await(web.request(method, closed.port(), "127.0.0.1", "/events?channel=/a")
                        .putHeader("Origin", "https://page.example")
                        .putHeader("Content-Type", FORM)
                        .send());
                assertProblem(403, "Forbidden", answer);
            }
        }
    }
}
