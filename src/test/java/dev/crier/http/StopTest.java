package dev.crier.http;

import static dev.crier.testing.Answers.assertProblem;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.testing.RawClient;
import dev.crier.testing.RawHttp2Client;
import dev.crier.testing.RunningCrier;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.client.HttpResponse;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code DELETE} stops a channel. How it reaches a publication in progress is shown by {@code StopStreamTest}. */
class StopTest extends EndFixture {

    private HttpResponse<Buffer> delete(String path, String... headers) throws Exception {
        var request = web.request(HttpMethod.DELETE, crier.port(), "127.0.0.1", path);
        for (String header : headers) {
            request.putHeader(header.split(": ")[0], header.split(": ")[1]);
        }
        return RunningCrier.await(request.send());
    }

    @Test
    void aChannelIsStoppedOnce() throws Exception {
        post("/runs/1", "one");
        var answer = delete("/runs/1");
        assertEquals(200, answer.statusCode());
        assertEquals("application/json", answer.getHeader("Content-Type"));
        Ended ended = ended("/runs/1");
        assertEquals(new JsonObject().put("id", ended.id()), answer.bodyAsJsonObject());
        assertEquals("data: one\n\n" + end("stopped"), ended.events());
        assertConflict(ended.id(), post("/runs/1", "never"));
        var again = delete("/runs/1");
        assertEquals(200, again.statusCode());
        assertEquals(answer.bodyAsString(), again.bodyAsString());
        assertEquals(ended, ended("/runs/1"));
    }

    @Test
    void aChannelThatItsPublisherHasEndedStaysAsItIs() throws Exception {
        String end = post("/runs/1?end", "one").bodyAsJsonObject().getString("id");
        assertEquals(end, delete("/runs/1").bodyAsJsonObject().getString("id"));
        assertEquals(new Ended("data: one\n\n" + end("ended"), end), ended("/runs/1"));
    }

    @Test
    void aChannelCanBeStoppedBeforeItsProducerBegins() throws Exception {
        String end = delete("/runs/1").bodyAsJsonObject().getString("id");
        assertConflict(end, post("/runs/1", "never"));
        assertEquals(0, post("/runs/1?lines", "never").bodyAsJsonObject().getInteger("count"));
        assertEquals(end("stopped"), ended("/runs/1").events());
    }

    @Test
    void anyNumberOfClientsMayStopAChannelAtOnce() throws Exception {
        var answers = IntStream.range(0, 50)
                .mapToObj(i -> request(HttpMethod.DELETE, "/runs/1").send())
                .toList();
        var ids = new TreeSet<String>();
        for (var answer : answers) {
            ids.add(RunningCrier.await(answer).bodyAsJsonObject().getString("id"));
        }
        assertEquals(Set.of(ended("/runs/1").id()), ids);
    }

    @Test
    void aChannelThatDoesNotEndCannotBeStopped() throws Exception {
        var answer = delete("/news");
        assertProblem(405, "Method Not Allowed", answer);
        assertEquals("GET, HEAD, POST", answer.getHeader("Allow"));
        assertEquals(
                "DELETE: not allowed here (expected: a channel that has \"ends\": true)",
                answer.bodyAsJsonObject().getString("detail"));
        var put = RunningCrier.await(request(HttpMethod.PUT, "/runs/1").send());
        assertEquals("GET, HEAD, POST, DELETE", put.getHeader("Allow"));
    }

    @ParameterizedTest
    @CsvSource({"/other, 404", "/runs, 404", "/runs/:id, 404", "/runs/%3Aid, 404", "/runs/%0A, 400", "/events, 405"})
    void aPathWithoutAChannelCannotBeStopped(String path, int status) throws Exception {
        try (var client = RawClient.request(crier.port(), "DELETE " + path, BEARER)) {
            assertTrue(client.head().get(0).startsWith("HTTP/1.1 " + status), path);
        }
    }

    @Test
    void aChannelThatIsPublishedToByAVerticleCanBeStopped() throws Exception {
        crier.publish("/bus", "one");
        var answer = RunningCrier.await(request(HttpMethod.POST, "/bus").send());
        assertEquals(405, answer.statusCode());
        assertEquals("GET, HEAD, DELETE", answer.getHeader("Allow"));
        assertEquals(
                200,
                delete("/bus", "Authorization: Bearer " + jwt("stop", "/bus")).statusCode());
        assertEquals("data: one\n\n" + end("stopped"), ended("/bus").events());
    }

    /** Threat: a stranger, a reader, or the bearer of a right on another channel stops a run. */
    @Test
    void stoppingNeedsATokenThatMayPublishOrStop() throws Exception {
        assertStatus(401);
        assertStatus(401, "Authorization: Bearer wrong");
        assertStatus(401, "Authorization: Basic YTpi");
        assertStatus(403, "Authorization: Bearer a-token-for-reading-only");
        assertStatus(403, "Authorization: Bearer " + jwt("read", "/runs/:id"));
        assertStatus(403, "Authorization: Bearer " + jwt("stop", "/runs/2"));
        assertStatus(403, "Authorization: Bearer " + jwt("publish", "/jobs/:id"));
        assertStatus(401, "Cookie: crier_token=" + jwt("stop", "/runs/:id"));
        assertStatus(401, "Cookie: crier_token=" + TOKEN);
        assertEquals(201, post("/runs/1?end", "").statusCode(), "the channel was not stopped");
    }

    private void assertStatus(int status, String... headers) throws Exception {
        var answer = delete("/runs/1", headers);
        assertEquals(status, answer.statusCode(), List.of(headers).toString());
        assertTrue(answer.getHeader("WWW-Authenticate").startsWith("Bearer realm=\"crier\""));
        if (headers.length == 0) {
            assertEquals(
                    "Stopping /runs/1 needs a bearer token.",
                    answer.bodyAsJsonObject().getString("detail"));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"stop /runs/1", "stop /runs/:id", "publish /runs/1", "publish /runs/:x"})
    void aJwtPermitsStopping(String right) throws Exception {
        String token = jwt(right.split(" ")[0], right.split(" ")[1]);
        assertEquals(200, delete("/runs/1", "Authorization: Bearer " + token).statusCode());
    }

    @Test
    void theRightToStopIsNoRightToPublishOrRead() throws Exception {
        String bearer = "Bearer " + jwt("stop", "/runs/:id");
        for (String query : List.of("", "?end", "?lines&end")) {
            var request = web.request(HttpMethod.POST, crier.port(), "127.0.0.1", "/runs/1" + query);
            assertEquals(
                    403,
                    RunningCrier.await(
                                    request.putHeader("Authorization", bearer).send())
                            .statusCode());
        }
    }

    @Test
    void preconditionsApply() throws Exception {
        String one = post("/runs/1", "one").bodyAsJsonObject().getString("id");
        assertEquals(412, delete("/runs/1", BEARER, "If-None-Match: *").statusCode());
        assertEquals(400, delete("/runs/1", BEARER, "If-Match: *").statusCode());
        var stopped = delete("/runs/1", BEARER, "If-Match: \"" + one + "\"");
        assertEquals(200, stopped.statusCode());
        assertEquals(
                stopped.bodyAsString(),
                delete("/runs/1", BEARER, "If-Match: \"" + one + "\"").bodyAsString());
    }

    /** Threat: the bytes of the body are taken for the next request. */
    @Test
    void aBodyIsIgnored() throws Exception {
        try (var client = new RawClient(crier.port())) {
            String hidden = "DELETE /runs/2 HTTP/1.1\r\nHost: a\r\n" + BEARER + "\r\n\r\n";
            String head = "DELETE /runs/1 HTTP/1.1\r\nHost: a\r\n" + BEARER + "\r\n";
            client.send(head + "Content-Length: " + hidden.length() + "\r\n\r\n" + hidden);
            assertEquals("HTTP/1.1 200 OK", client.head().get(0));
            client.readThrough("}");
            client.send("GET /nothing HTTP/1.1\r\nHost: a\r\n\r\n");
            assertEquals("HTTP/1.1 404 Not Found", client.head().get(0));
        }
        assertEquals(201, post("/runs/2", "not stopped").statusCode());
    }

    @Test
    void aChannelIsStoppedOverHttp2() throws Exception {
        try (var client = RawHttp2Client.withWindow(crier.port(), 1 << 16)) {
            assertEquals("200", client.status(client.request("DELETE", "/runs/1", BEARER)));
            assertEquals("405", client.status(client.request("DELETE", "/news", BEARER)));
            assertEquals("401", client.status(client.request("DELETE", "/runs/2")));
        }
        assertEquals(end("stopped"), ended("/runs/1").events());
    }

    /** Threat: a token floods the log with requests that stop channels. */
    @Test
    void aTokenStopsOnlyAsManyChannelsAsItMayPublishEvents() throws Exception {
        var slow = conf().put("limits", new JsonObject().put("publicationsPerSecond", 5));
        try (var limited = new RunningCrier(slow)) {
            var codes = new TreeSet<Integer>();
            String retry = null;
            for (int i = 0; i < 20; i++) {
                var answer =
                        RunningCrier.await(web.request(HttpMethod.DELETE, limited.port(), "127.0.0.1", "/runs/" + i)
                                .bearerTokenAuthentication(TOKEN)
                                .send());
                codes.add(answer.statusCode());
                retry = answer.statusCode() == 429 ? answer.getHeader("Retry-After") : retry;
            }
            assertEquals(Set.of(200, 429), codes);
            assertEquals("1", retry);
        }
    }

    /** Threat: a page of an origin that is not listed makes a browser stop a run. */
    @Test
    void onlyPagesOfListedOriginsMayStop() throws Exception {
        var strict = conf().put("cors", new JsonObject().put("origins", new JsonArray().add("https://page.example")));
        try (var listed = new RunningCrier(strict)) {
            for (String origin : List.of("https://page.example", "https://other.example")) {
                boolean isListed = origin.contains("page");
                var request = web.request(HttpMethod.DELETE, listed.port(), "127.0.0.1", "/runs/1")
                        .bearerTokenAuthentication(TOKEN)
                        .putHeader("Origin", origin);
                assertEquals(
                        isListed ? 200 : 403, RunningCrier.await(request.send()).statusCode());
                var preflight = web.request(HttpMethod.OPTIONS, listed.port(), "127.0.0.1", "/runs/1")
                        .putHeader("Origin", origin)
                        .putHeader("Access-Control-Request-Method", "DELETE");
                var answer = RunningCrier.await(preflight.send());
                assertEquals(isListed ? 204 : 403, answer.statusCode());
                assertEquals(
                        isListed ? "GET, HEAD, POST, DELETE" : null, answer.getHeader("Access-Control-Allow-Methods"));
            }
        }
    }
}
