package dev.crier.http;

import static dev.crier.testing.Answers.assertProblem;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.testing.RawClient;
import dev.crier.testing.RunningCrier;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.eventbus.ReplyException;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.client.HttpRequest;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Publishing over HTTP. Which bodies and headers are valid is shown by the tests of {@code http.request}. */
class PublishTest extends PublishFixture {

    @Test
    void theBodyIsTheDataAndTheResponseHasTheId() throws Exception {
        var answer = send(post("/news?event=alert"), "two\nlines");
        assertEquals(201, answer.statusCode());
        assertEquals("application/json", answer.getHeader("Content-Type"));
        assertEquals(Set.of("id"), answer.bodyAsJsonObject().fieldNames());
        assertTrue(answer.bodyAsJsonObject().getString("id").matches("\\d{13}-\\d+"));
        assertEquals("event: alert\ndata: two\ndata: lines\n\ndata: end\n\n", storedEvents("/news"));
    }

    @Test
    void aBodyWithoutAContentTypeIsText() throws Exception {
        try (var client =
                RawClient.request(crier.port(), "POST /news", "Authorization: Bearer " + TOKEN, "Content-Length: 3")) {
            client.send("a=b");
            assertEquals("HTTP/1.1 201 Created", client.head().get(0));
        }
        assertEquals("data: a=b\n\ndata: end\n\n", storedEvents("/news"));
    }

    @Test
    void aKeyMakesARetryOverTheEventBusSafeAndOverHttpToo() throws Exception {
        var publication =
                new JsonObject().put("channel", "/news").put("data", "once").put("key", "k");
        String first = crier.publish(publication);
        assertEquals(first, crier.publish(publication));
        var retry = send(post("/news").putHeader("Idempotency-Key", "k"), "once");
        assertEquals(first, retry.bodyAsJsonObject().getString("id"));
        assertNotEquals(first, crier.publish(publication.copy().put("channel", "/orders/1")));
        var refusal = assertThrows(
                ReplyException.class, () -> crier.publish(publication.copy().put("data", "other")));
        assertEquals(422, refusal.failureCode());
        assertEquals(
                "key: used for something else (expected: a key of its own for each publication)", refusal.getMessage());
        assertEquals("data: once\n\ndata: end\n\n", storedEvents("/news"));
    }

    @Test
    void anUnsupportedContentTypeIsNamed() throws Exception {
        var answer = send(post("/news").putHeader("Content-Type", "text/plain; charset=latin1"), "x");
        assertProblem(415, "Unsupported Media Type", answer);
        assertDetail("Content-Type: charset=latin1 (expected: charset=utf-8)", answer);
    }

    @ParameterizedTest
    @ValueSource(strings = {"gzip", "GZIP", "br", "identity, gzip", "rubbish"})
    void anEncodedBodyIsUnsupportedAndTheResponseSaysWhatIsExpected(String encoding) throws Exception {
        var answer = send(post("/news").putHeader("Content-Encoding", encoding), "x");
        assertProblem(415, "Unsupported Media Type", answer);
        assertDetail("Content-Encoding: " + encoding + " (expected: none)", answer);
        assertEquals("identity", answer.getHeader("Accept-Encoding"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"identity", "Identity", ""})
    void anIdentityEncodingIsAccepted(String encoding) throws Exception {
        assertEquals(
                201,
                send(post("/news").putHeader("Content-Encoding", encoding), "x").statusCode());
    }

    @Test
    void anInvalidEventTypeIsABadRequest() throws Exception {
        assertProblem(400, "Bad Request", send(post("/news?event=crier.gap"), "x"));
    }

    @Test
    void aBodyThatIsNotUtf8IsABadRequest() throws Exception {
        byte[] latin1 = {'a', (byte) 0xe9, 'b'};
        assertProblem(400, "Bad Request", RunningCrier.await(post("/news").sendBuffer(Buffer.buffer(latin1))));
    }

    @Test
    void aBodyOfTheLargestSizeIsAccepted() throws Exception {
        assertEquals(201, send(post("/news"), "x".repeat(1000)).statusCode());
        assertEquals(201, batch("{\"data\":\"" + "x".repeat(1000) + "\"}").statusCode());
        assertEquals(201, batch("{\"data\":\"\"}\n".repeat(20) + "\n\n").statusCode());
    }

    @Test
    void aBodyOrEventThatIsTooLargeIsReportedWithItsLimit() throws Exception {
        assertTooLarge(
                "The body is too large (expected: at most 1000 bytes, publish.maxBytes).",
                send(post("/news"), "x".repeat(1001)));
        assertTooLarge(
                "The body is too large (expected: at most 1000 bytes, publish.maxBytes).",
                send(post("/news"), "é".repeat(501)));
        assertTooLarge(
                "The body is too large (expected: at most 3000 bytes, publish.maxBatchBytes).",
                batch(("{\"data\":\"" + "x".repeat(900) + "\"}\n").repeat(4)));
        assertTooLarge(
                "An event of the batch is too large (expected: at most 1000 bytes of data, publish.maxBytes).",
                batch("{\"data\":\"" + "x".repeat(1001) + "\"}"));
    }

    @Test
    void theBytesOfAChunkedBodyAreCounted() throws Exception {
        try (var client = RawClient.request(
                crier.port(), "POST /news", "Authorization: Bearer " + TOKEN, "Transfer-Encoding: chunked")) {
            client.send("200\r\n" + "x".repeat(512) + "\r\n200\r\n" + "x".repeat(512) + "\r\n");
            assertEquals("HTTP/1.1 413 Content Too Large", client.head().get(0));
        }
    }

    private void assertUnauthorized(String challenge, HttpRequest<Buffer> request) throws Exception {
        var answer = send(request, "x");
        assertProblem(401, "Unauthorized", answer);
        assertEquals(challenge, answer.getHeader("WWW-Authenticate"));
    }

    @Test
    void publishingWithoutATokenIsUnauthorized() throws Exception {
        assertUnauthorized("Bearer realm=\"crier\"", request(HttpMethod.POST, "/news"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"Bearer wrong", "Bearer ", "Bearer", "Bearer a-token-of-the-test"})
    void publishingWithAnInvalidTokenIsUnauthorized(String authorization) throws Exception {
        assertUnauthorized(
                "Bearer realm=\"crier\", error=\"invalid_token\", error_description=\"Crier does not know this token.\"",
                request(HttpMethod.POST, "/news").putHeader("Authorization", authorization));
    }

    /** The challenge names no error if the request has no token (RFC 6750, 3.1). */
    @ParameterizedTest
    @ValueSource(strings = {"Basic YTpi", "a-token-of-the-tests"})
    void anotherAuthenticationSchemeIsUnauthorized(String authorization) throws Exception {
        assertUnauthorized(
                "Bearer realm=\"crier\"", request(HttpMethod.POST, "/news").putHeader("Authorization", authorization));
    }

    @Test
    void aChannelWithoutPublishingDoesNotAllowPost() throws Exception {
        var answer = send(post("/closed"), "x");
        assertProblem(405, "Method Not Allowed", answer);
        assertEquals("GET, HEAD", answer.getHeader("Allow"));
    }

    @Test
    void aChannelWithPublishingAllowsPost() throws Exception {
        var answer = RunningCrier.await(request(HttpMethod.DELETE, "/news").send());
        assertProblem(405, "Method Not Allowed", answer);
        assertEquals("GET, HEAD, POST", answer.getHeader("Allow"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"PUT", "PATCH"})
    void theErrorForPutAndPatchNamesPost(String method) throws Exception {
        var answer = send(request(HttpMethod.valueOf(method), "/news").bearerTokenAuthentication(TOKEN), "x");
        assertProblem(405, "Method Not Allowed", answer);
        assertEquals("GET, HEAD, POST", answer.getHeader("Allow"));
        assertDetail(method + ": not allowed (expected: POST to publish)", answer);
    }

    @ParameterizedTest
    @CsvSource({
        "/other, 404",
        "/orders, 404",
        "/orders/1/2, 404",
        "/orders/:id, 404",
        "/orders/:x, 404",
        "/orders/%3Aid, 404",
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
    void aPathWithoutAChannelIsRejected(String path, int status) throws Exception {
        try (var client = RawClient.request(
                crier.port(), "POST " + path, "Authorization: Bearer " + TOKEN, "Content-Length: 0")) {
            assertTrue(client.head().get(0).startsWith("HTTP/1.1 " + status), path);
        }
    }

    @Test
    void aChannelNameHasAtMost255Bytes() throws Exception {
        assertEquals(201, send(post("/orders/" + "x".repeat(247)), "x").statusCode());
        assertProblem(400, "Bad Request", send(post("/orders/" + "x".repeat(248)), "x"));
    }

    @Test
    void eachChannelOfAFamilyHasItsOwnEvents() throws Exception {
        send(post("/orders/1"), "one");
        send(post("/orders/2"), "two");
        assertEquals("data: one\n\ndata: end\n\n", storedEvents("/orders/1"));
        assertEquals("data: two\n\ndata: end\n\n", storedEvents("/orders/2"));
    }

    @Test
    void aPageOfCrierMayPublishEvenIfNoOriginIsListed() throws Exception {
        var conf = new JsonObject()
                .put("cors", new JsonObject().put("origins", new JsonArray()))
                .put("channels", new JsonObject().put("/news", new JsonObject().put("publish", true)))
                .put("publish", new JsonObject().put("tokens", List.of(TOKEN)));
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
