package dev.crier.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.testing.RawClient;
import dev.crier.testing.RunningCrier;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A client that waits for {@code 100 Continue} never uploads a body that Crier would reject. */
class ExpectContinueTest {

    private static final String TOKEN = "a-token-of-the-tests";
    private static final String BEARER = "Authorization: Bearer " + TOKEN;
    private static final String EXPECT = "Expect: 100-continue";
    private static final String CONTINUE = "HTTP/1.1 100 Continue";

    private RunningCrier crier;

    @BeforeEach
    void start() throws Exception {
        crier = new RunningCrier(new JsonObject()
                .put("http", new JsonObject().put("h2c", true))
                .put("cors", new JsonObject().put("origins", new JsonArray()))
                .put(
                        "publish",
                        new JsonObject()
                                .put("tokens", new JsonArray().add(TOKEN))
                                .put("maxBytes", 1_000)
                                .put("maxBatchBytes", 2_000))
                .put("channels", new JsonObject().put("/news", new JsonObject().put("publish", true))));
    }

    @AfterEach
    void stop() throws Exception {
        crier.close();
    }

    @Test
    void anAcceptedBodyIsAskedForAndTheConnectionStaysOpen() throws Exception {
        try (var client = RawClient.request(crier.port(), "POST /news", BEARER, EXPECT, "Content-Length: 5")) {
            assertEquals(List.of(CONTINUE), client.head());
            client.send("hello");
            List<String> head = client.head();
            assertEquals("HTTP/1.1 201 Created", head.get(0));
            assertTrue(client.header(head, "Connection").isEmpty());
            client.readThrough("}");
            client.send("POST /news HTTP/1.1\r\nHost: a\r\n" + BEARER + "\r\nContent-Length: 0\r\n\r\n");
            assertEquals("HTTP/1.1 201 Created", client.head().get(0));
        }
    }

    @Test
    void aChunkedBodyIsAskedFor() throws Exception {
        try (var client = RawClient.request(
                crier.port(), "POST /news", BEARER, "Expect: 100-Continue", "Transfer-Encoding: chunked")) {
            assertEquals(List.of(CONTINUE), client.head());
            client.send("5\r\nhello\r\n0\r\n\r\n");
            assertEquals("HTTP/1.1 201 Created", client.head().get(0));
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "401|POST /news|Content-Length: 5",
                "401|POST /news|Authorization: Bearer wrong-wrong-wrong",
                "413|POST /news|Authorization: Bearer a-token-of-the-tests, Content-Length: 1001",
                "413|POST /news|Authorization: Bearer a-token-of-the-tests, Content-Length: 9223372036854775807",
                "413|POST /news|Authorization: Bearer a-token-of-the-tests, Content-Type: application/x-ndjson,"
                        + " Content-Length: 2001",
                "415|POST /news|Authorization: Bearer a-token-of-the-tests, Content-Encoding: gzip",
                "415|POST /news|Authorization: Bearer a-token-of-the-tests, Content-Type: multipart/form-data",
                "400|POST /news?event=crier.x|Authorization: Bearer a-token-of-the-tests",
                "400|POST /news|Authorization: Bearer a-token-of-the-tests, Idempotency-Key: a b",
                "403|POST /news|Authorization: Bearer a-token-of-the-tests, Origin: https://other.example",
                "404|POST /nothing|Authorization: Bearer a-token-of-the-tests",
                "405|PUT /news|Authorization: Bearer a-token-of-the-tests"
            })
    void aRejectedBodyIsNotAskedForAndTheConnectionCloses(int status, String request, String headers) throws Exception {
        String all = EXPECT + ", " + headers + (headers.contains("Content-Length") ? "" : ", Content-Length: 5");
        try (var client = RawClient.request(crier.port(), request, all.split(", "))) {
            List<String> head = client.head();
            assertTrue(head.get(0).startsWith("HTTP/1.1 " + status + " "), head::toString);
            assertEquals("close", client.header(head, "Connection").orElse(""));
            assertTrue(client.rest().contains("\"status\":" + status));
        }
    }

    @Test
    void http10GetsNo100Continue() throws Exception {
        try (var client = new RawClient(crier.port())) {
            client.send("POST /news HTTP/1.0\r\n" + BEARER + "\r\n" + EXPECT + "\r\nContent-Length: 5\r\n\r\n");
            client.send("hello");
            assertTrue(client.head().get(0).endsWith(" 201 Created"));
        }
    }

    /** An unknown expectation may be ignored (RFC 9110, 10.1.1). */
    @Test
    void anUnknownExpectationIsIgnored() throws Exception {
        try (var client = RawClient.request(crier.port(), "POST /news", BEARER, "Expect: x", "Content-Length: 5")) {
            client.send("hello");
            assertEquals("HTTP/1.1 201 Created", client.head().get(0));
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void overHttp2OnlyAnAcceptedBodyIsAskedFor(boolean allowed) throws Exception {
        var asked = new AtomicBoolean();
        var client = crier.vertx()
                .createHttpClient(new HttpClientOptions()
                        .setProtocolVersion(HttpVersion.HTTP_2)
                        .setHttp2ClearTextUpgrade(false));
        var answer = RunningCrier.await(client.request(HttpMethod.POST, crier.port(), "127.0.0.1", "/news")
                .compose(request -> {
                    request.putHeader("Authorization", "Bearer " + TOKEN)
                            .putHeader("Expect", "100-continue")
                            .putHeader("Content-Length", allowed ? "5" : "1001")
                            .continueHandler(go -> {
                                asked.set(true);
                                request.end("hello");
                            });
                    return request.writeHead().compose(sent -> request.response());
                }));
        assertEquals(allowed ? 201 : 413, answer.statusCode());
        assertEquals(allowed, asked.get());
        assertFalse(answer.headers().contains("Connection"));
        answer.request().reset();
    }
}
