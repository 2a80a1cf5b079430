package dev.crier.http;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.crier.testing.RawClient;
import dev.crier.testing.RunningCrier;
import dev.crier.testing.SigningKey;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.client.HttpRequest;
import io.vertx.ext.web.client.HttpResponse;
import io.vertx.ext.web.client.WebClient;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/**
 * A Crier with channels that end. Those of {@code /runs/:id} wait for a producer that has gone, and those of {@code /jobs/:id}
 * end with it. {@code /bus} takes no publication over HTTP, and {@code /news} does not end.
 */
abstract class EndFixture {

    static final String TOKEN = "a-token-of-the-tests";
    static final String BEARER = "Authorization: Bearer " + TOKEN;
    static final String CHUNKED = "Transfer-Encoding: chunked";
    static final SigningKey KEY = SigningKey.secret("a secret of the tests, of 32 bytes and more");

    RunningCrier crier;
    WebClient web;

    @BeforeEach
    void start() throws Exception {
        crier = new RunningCrier(conf());
        web = WebClient.create(crier.vertx());
    }

    @AfterEach
    void stop() throws Exception {
        web.close();
        crier.close();
    }

    JsonObject conf() {
        return new JsonObject()
                .put("http", new JsonObject().put("h2c", true))
                .put("jwt", new JsonObject().put("secrets", List.of(KEY.text())))
                .put("channels", channels())
                .put("publish", new JsonObject().put("tokens", List.of(TOKEN)).put("maxBytes", 1000))
                .put("read", new JsonObject().put("tokens", List.of("a-token-for-reading-only")));
    }

    static JsonObject channels() {
        var kept = new JsonObject()
                .put("keep", new JsonObject().put("events", 1000))
                .put("publish", true);
        JsonObject ending = kept.copy().put("ends", true);
        return new JsonObject()
                .put("/news", kept)
                .put("/runs/:id", ending)
                .put("/jobs/:id", ending.copy().put("onProducerGone", "end"))
                .put("/bus", ending.copy().put("publish", false));
    }

    HttpRequest<Buffer> request(HttpMethod method, String path) {
        return web.request(method, crier.port(), "127.0.0.1", path).bearerTokenAuthentication(TOKEN);
    }

    HttpResponse<Buffer> post(String path, String body, String... headers) throws Exception {
        HttpRequest<Buffer> request = request(HttpMethod.POST, path);
        for (String header : headers) {
            request.putHeader(header.split(": ")[0], header.split(": ")[1]);
        }
        return RunningCrier.await(request.sendBuffer(Buffer.buffer(body)));
    }

    HttpResponse<Buffer> delete(String path) throws Exception {
        return RunningCrier.await(request(HttpMethod.DELETE, path).send());
    }

    /** Opens a streamed publication of lines over HTTP/1.1. */
    RawClient open(String channel, String... headers) throws Exception {
        var all = new ArrayList<>(List.of(headers));
        all.add(BEARER);
        all.add(CHUNKED);
        return RawClient.request(crier.port(), "POST " + channel, all.toArray(String[]::new));
    }

    static void sendChunk(RawClient client, String text) throws Exception {
        client.send(Integer.toHexString(text.length()) + "\r\n" + text + "\r\n");
    }

    static String jwt(String right, String pattern) throws Exception {
        return KEY.sign(new JsonObject()
                .put("exp", System.currentTimeMillis() / 1000 + 60)
                .put("crier", new JsonObject().put(right, new JsonArray().add(pattern))));
    }

    /** Reads the channel from its beginning to its end. Returns its events as blocks without ids, and the id of the end. */
    Ended ended(String channel) throws Exception {
        try (var client = RawClient.request(crier.port(), "GET " + channel + "?lastEventId=earliest")) {
            client.head();
            var stream = new StringBuilder();
            while (!stream.toString().matches("(?s).*event: crier.end\ndata: .*\nid: .*\n\n")) {
                stream.append(client.chunk());
            }
            String events = stream.substring(stream.indexOf("\n\n") + 2); // after crier.start
            String end = events.trim().substring(events.trim().lastIndexOf("id: ") + 4);
            return new Ended(events.replaceAll("(?m)^id: .*\n", ""), end);
        }
    }

    record Ended(String events, String id) {}

    static String end(String reason) {
        return "event: crier.end\ndata: {\"reason\":\"" + reason + "\"}\n\n";
    }

    static void assertConflict(String end, HttpResponse<Buffer> answer) {
        assertEquals(409, answer.statusCode(), answer.bodyAsString());
        assertEquals("application/problem+json", answer.getHeader("Content-Type"));
        assertEquals(
                "channel: ended at " + end + " (expected: a channel that has not ended)",
                answer.bodyAsJsonObject().getString("detail"));
    }

    /** Reads a response to a streamed publication that its channel's end has cut off. */
    static JsonObject assertStopped(String end, RawClient producer) throws Exception {
        List<String> head = producer.head();
        assertEquals("HTTP/1.1 409 Conflict", head.get(0));
        assertEquals("close", producer.header(head, "Connection").orElseThrow());
        var problem = new JsonObject(producer.readThrough("}"));
        assertEquals(
                "channel: ended at " + end + " (expected: a channel that has not ended)", problem.getString("detail"));
        assertEquals("", producer.rest(), "the connection is closed");
        return problem;
    }
}
