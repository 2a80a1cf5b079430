package dev.crier.http;

import static dev.crier.testing.Answers.assertProblem;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.crier.testing.RawClient;
import dev.crier.testing.RunningCrier;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.client.HttpRequest;
import io.vertx.ext.web.client.HttpResponse;
import io.vertx.ext.web.client.WebClient;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** A Crier with two channels and a family, and the requests of a publisher. */
abstract class PublishFixture {

    static final String TOKEN = "a-token-of-the-tests";
    static final String NDJSON = "application/x-ndjson";

    RunningCrier crier;
    WebClient web;

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
                                .put("tokens", List.of("another-publisher-token", TOKEN))
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

    HttpRequest<Buffer> request(HttpMethod method, String path) {
        return web.request(method, crier.port(), "127.0.0.1", path);
    }

    HttpRequest<Buffer> post(String path) {
        return request(HttpMethod.POST, path).bearerTokenAuthentication(TOKEN);
    }

    static HttpResponse<Buffer> send(HttpRequest<Buffer> request, String body) throws Exception {
        return RunningCrier.await(request.sendBuffer(Buffer.buffer(body)));
    }

    HttpResponse<Buffer> batch(String body) throws Exception {
        return send(post("/news").putHeader("Content-Type", NDJSON), body);
    }

    static void assertDetail(String detail, HttpResponse<Buffer> answer) {
        assertEquals(detail, answer.bodyAsJsonObject().getString("detail"));
    }

    void assertTooLarge(String detail, HttpResponse<Buffer> answer) {
        assertProblem(413, "Content Too Large", answer);
        assertDetail(detail, answer);
    }

    /** Publishes a last event, and returns all events that the channel keeps, as blocks without ids. */
    String storedEvents(String channel) throws Exception {
        send(post(channel), "end");
        try (var client = RawClient.request(crier.port(), "GET " + channel + "?lastEventId=earliest")) {
            client.head();
            var stream = new StringBuilder();
            while (stream.indexOf("data: end\n") < 0) {
                stream.append(client.chunk());
            }
            String events = stream.substring(stream.indexOf("\n\n") + 2); // after crier.start
            return events.replaceAll("(?m)^id: .*\n", "");
        }
    }
}
