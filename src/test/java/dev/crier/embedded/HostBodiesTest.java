package dev.crier.embedded;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.testing.RawClient;
import dev.crier.testing.RunningCrier;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.handler.BodyHandler;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A handler of the application may have read the body of a publication before Crier does, or have changed it. */
class HostBodiesTest {

    private static final JsonObject SMALL = new JsonObject("""
            {"publish": {"maxBytes": 10, "maxBatchBytes": 40}}""");

    @TempDir
    Path uploads;

    private Host host;

    private void start(Consumer<Router> before) throws Exception {
        host = new Host(new HttpServerOptions().setDecompressionSupported(true), SMALL, before);
    }

    private void startWithBodyHandler() throws Exception {
        start(router -> router.route().handler(BodyHandler.create(uploads.toString())));
    }

    @AfterEach
    void close() throws Exception {
        host.close();
    }

    private static void assertStatus(int status, String answer) {
        assertTrue(answer.startsWith("HTTP/1.1 " + status + " "), answer);
    }

    /** Asserts that exactly these events are stored, before one more that is published now. */
    private void assertStored(String... data) throws Exception {
        host.publish("last");
        try (var client = RawClient.request(host.port(), "GET /live/news?lastEventId=earliest")) {
            client.head();
            List<String> lines = client.readThrough("data: last\n")
                    .lines()
                    .filter(line -> line.startsWith("data: ") && !line.equals("data: {}"))
                    .map(line -> line.substring(6))
                    .toList();
            assertEquals(List.of(data), lines.subList(0, lines.size() - 1));
        }
    }

    @Test
    void aBodyThatABodyHandlerHasReadIsPublished() throws Exception {
        startWithBodyHandler();
        assertStatus(201, host.answer("POST /live/news", "one"));
        assertStatus(201, host.answer("POST /live/news", ""));
        String batch = "{\"data\": \"two\"}\n{\"data\": \"three\"}";
        assertStatus(201, host.answer("POST /live/news", batch, "Content-Type: application/x-ndjson"));
        String stream = "data: four\n\ndata: five\n\n";
        String answer = host.answer("POST /live/news", stream, "Content-Type: text/event-stream");
        assertStatus(201, answer);
        assertTrue(answer.contains("{\"count\":2,"), answer);
        assertStored("one", "", "two", "three", "four", "five");
    }

    @Test
    void theLimitsHoldForABodyThatABodyHandlerHasRead() throws Exception {
        startWithBodyHandler();
        assertStatus(413, host.answer("POST /live/news", "more than ten"));
        assertStatus(413, host.answer("POST /live/news", "{}\n".repeat(20), "Content-Type: application/x-ndjson"));
        String tooLarge = "data: small\n\ndata: more than ten\n\n";
        String answer = host.answer("POST /live/news", tooLarge, "Content-Type: text/event-stream");
        assertStatus(413, answer);
        assertTrue(answer.contains("\"count\":1"), answer);
        try (var client = RawClient.request(host.port(), "POST /live/news", "Transfer-Encoding: chunked")) {
            client.send("d\r\nmore than ten\r\n0\r\n\r\n");
            assertStatus(413, client.head().get(0));
        }
        assertStored("small");
    }

    @Test
    void aFormThatABodyHandlerHasReadSubscribes() throws Exception {
        startWithBodyHandler();
        String form = "channel=/news&channel=/orders/7";
        try (var client = RawClient.request(
                host.port(),
                "POST /live/subscribe",
                "Content-Type: application/x-www-form-urlencoded",
                "Content-Length: " + form.length())) {
            client.send(form);
            client.readThrough("crier.start");
            RunningCrier.await(host.crier.publish("/orders/7", "an order"));
            client.readThrough("data: an order\n");
        }
    }

    @Test
    void aClientThatWaitsForItIsToldToContinueOnce() throws Exception {
        startWithBodyHandler();
        try (var client =
                RawClient.request(host.port(), "POST /live/news", "Content-Length: 3", "Expect: 100-continue")) {
            assertEquals(List.of("HTTP/1.1 100 Continue"), client.head());
            client.send("one");
            assertEquals("HTTP/1.1 201 Created", client.head().get(0));
            client.readThrough("}");
            client.send("GET /live/news HTTP/1.1\r\nHost: a\r\n\r\n");
            assertEquals("HTTP/1.1 200 OK", client.head().get(0), "the connection stays open");
        }
    }

    /** A handler that waits without a pause loses the body. */
    @Test
    void aBodyThatNobodyKeptIsAnError() throws Exception {
        start(router ->
                router.post().handler(ctx -> Vertx.currentContext().owner().setTimer(50, later -> ctx.next())));
        for (String type : List.of("text/plain", "text/event-stream")) {
            assertStatus(500, host.answer("POST /live/news", "lost", "Content-Type: " + type));
        }
        assertStored();
    }

    @Test
    void aHandlerThatPausesTheRequestKeepsTheBody() throws Exception {
        start(router -> router.route().handler(ctx -> {
            ctx.request().pause();
            Vertx.currentContext().owner().setTimer(50, later -> {
                ctx.request().resume();
                ctx.next();
            });
        }));
        assertStatus(201, host.answer("POST /live/news", "one"));
        assertStatus(201, host.answer("POST /live/news", "data: two\n\n", "Content-Type: text/event-stream"));
        assertStored("one", "two");
    }

    @ParameterizedTest
    @CsvSource({"short, 201", "more than ten, 413"})
    void theListenerDecompressesABody(String data, int status) throws Exception {
        start(router -> {});
        var compressed = new ByteArrayOutputStream();
        try (var gzip = new GZIPOutputStream(compressed)) {
            gzip.write(data.getBytes(StandardCharsets.UTF_8));
        }
        Buffer body = Buffer.buffer(compressed.toByteArray());
        try (var client = RawClient.request(
                host.port(), "POST /live/news", "Content-Encoding: gzip", "Content-Length: " + body.length())) {
            client.sendBytes(new String(body.getBytes(), StandardCharsets.ISO_8859_1));
            assertStatus(status, client.head().get(0));
        }
        assertStored(status == 201 ? new String[] {data} : new String[0]);
    }
}
