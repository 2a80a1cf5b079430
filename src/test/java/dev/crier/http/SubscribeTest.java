package dev.crier.http;

import static dev.crier.testing.Answers.assertProblem;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.testing.Eventually;
import dev.crier.testing.RawClient;
import dev.crier.testing.RunningCrier;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.client.HttpResponse;
import io.vertx.ext.web.client.WebClient;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The bytes of a stream, and which requests get one. Where a stream starts is shown by {@link ResumeTest}. */
class SubscribeTest {

    private RunningCrier crier;
    private WebClient web;

    @BeforeEach
    void start() throws Exception {
        crier = new RunningCrier(RunningCrier.channels("/news", "/ä b+c"));
        web = WebClient.create(crier.vertx());
    }

    @AfterEach
    void stop() throws Exception {
        web.close();
        crier.close();
    }

    private HttpResponse<Buffer> ask(HttpMethod method, String path) throws Exception {
        return RunningCrier.await(
                web.request(method, crier.port(), "127.0.0.1", path).send());
    }

    @Test
    void aStreamHasExactlyTheseBytes() throws Exception {
        crier.publish("/news", "1:23:45 PM");
        try (var client = RawClient.request(crier.port(), "GET /news")) {
            assertEquals(
                    List.of(
                            "HTTP/1.1 200 OK",
                            "date: now",
                            "access-control-allow-origin: *",
                            "access-control-expose-headers: Date, Retry-After",
                            "content-type: text/event-stream;charset=utf-8",
                            "cache-control: no-cache, no-transform",
                            "X-Content-Type-Options: nosniff",
                            "X-Accel-Buffering: no",
                            "transfer-encoding: chunked"),
                    client.head().stream()
                            .map(line -> line.startsWith("date: ") ? "date: now" : line)
                            .toList());
            assertEquals("c\r\nretry: 2000\n\r\n", client.read(17));
            assertEquals("12\r\ndata: 1:23:45 PM\n\n\r\n", client.read(24));
            crier.publish(new JsonObject()
                    .put("channel", "/news")
                    .put("event", "alert")
                    .put("data", "two\r\nlines"));
            assertEquals("24\r\nevent: alert\ndata: two\ndata: lines\n\n\r\n", client.read(42));
        }
    }

    @Test
    void theHeadOfAStreamIsSentBeforeTheFirstEvent() throws Exception {
        try (var client = RawClient.request(crier.port(), "GET /news")) {
            assertEquals("HTTP/1.1 200 OK", client.head().get(0));
        }
    }

    @Test
    void anIdleStreamGetsComments() throws Exception {
        var conf = RunningCrier.channels("/news").put("heartbeat", "PT0.2S");
        try (var impatient = new RunningCrier(conf);
                var client = RawClient.request(impatient.port(), "GET /news")) {
            client.head();
            assertEquals("retry: 2000\n", client.chunk());
            assertEquals("2\r\n:\n\r\n2\r\n:\n\r\n", client.read(14));
        }
    }

    @Test
    void aStreamIsNotCompressed() throws Exception {
        crier.publish("/news", "plain");
        try (var client = RawClient.request(crier.port(), "GET /news", "Accept-Encoding: gzip, deflate, br, zstd")) {
            assertTrue(client.header(client.head(), "Content-Encoding").isEmpty());
            assertEquals("retry: 2000\n", client.chunk());
            assertEquals("data: plain\n\n", client.chunk());
        }
    }

    @Test
    void aStreamOverHttp10IsNotChunked() throws Exception {
        crier.publish("/news", "plain");
        try (var client = new RawClient(crier.port())) {
            client.send("GET /news HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
            List<String> head = client.head();
            assertTrue(client.header(head, "Transfer-Encoding").isEmpty());
            assertEquals("close", client.header(head, "Connection").orElse(""));
            assertEquals("retry: 2000\ndata: plain\n\n", client.read(25));
        }
    }

    @Test
    void headHasTheHeadersOfAStreamButNoBody() throws Exception {
        var answer = ask(HttpMethod.HEAD, "/news");
        assertEquals(200, answer.statusCode());
        assertEquals("text/event-stream;charset=utf-8", answer.getHeader("Content-Type"));
        assertEquals("no-cache, no-transform", answer.getHeader("Cache-Control"));
        assertEquals("nosniff", answer.getHeader("X-Content-Type-Options"));
        assertEquals("no", answer.getHeader("X-Accel-Buffering"));
        assertNull(answer.body());
        assertEquals(0, crier.subscribers());
    }

    @ParameterizedTest
    @ValueSource(strings = {"POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND"})
    void aChannelWithoutPublishingSupportsOnlyGetAndHead(String method) throws Exception {
        var answer = ask(HttpMethod.valueOf(method), "/news");
        assertProblem(405, "Method Not Allowed", answer);
        assertEquals("GET, HEAD", answer.getHeader("Allow"));
    }

    @Test
    void anAcceptHeaderThatExcludesEventStreamsIsNotAcceptable() throws Exception {
        for (HttpMethod method : List.of(HttpMethod.GET, HttpMethod.HEAD)) {
            var answer = RunningCrier.await(web.request(method, crier.port(), "127.0.0.1", "/news")
                    .putHeader("Accept", "text/html, application/json")
                    .send());
            assertEquals(406, answer.statusCode());
        }
    }

    @Test
    void theAcceptHeaderMayBeSplit() throws Exception {
        try (var client =
                RawClient.request(crier.port(), "GET /news", "Accept: text/html", "Accept: text/event-stream")) {
            assertEquals("HTTP/1.1 200 OK", client.head().get(0));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/nothing", "/News", "/news/", "/news/x", "/newsx"})
    void aPathWithoutAChannelIsNotFound(String path) throws Exception {
        assertProblem(404, "Not Found", ask(HttpMethod.GET, path));
    }

    @ParameterizedTest
    @ValueSource(strings = {"/news?x=1", "/%6eews", "/%C3%A4%20b+c", "/%c3%a4%20b%2bc"})
    void aChannelIsFoundByItsDecodedPath(String path) throws Exception {
        assertEquals(200, ask(HttpMethod.HEAD, path).statusCode());
    }

    @ParameterizedTest
    @ValueSource(strings = {"/%", "/%zz", "/news%f"})
    void aPathThatCannotBeDecodedIsABadRequest(String path) throws Exception {
        try (var client = RawClient.request(crier.port(), "GET " + path)) {
            List<String> head = client.head();
            assertEquals("HTTP/1.1 400 Bad Request", head.get(0));
            assertEquals(
                    "application/problem+json",
                    client.header(head, "Content-Type").orElse(""));
        }
    }

    @Test
    void aRequestThatIsNotHttpIsAnsweredAndItsConnectionClosed() throws Exception {
        for (var request : List.of(
                List.of("\0\1\2 rubbish\r\n\r\n", "400 Bad Request"),
                List.of("GET /" + "x".repeat(5000) + " HTTP/1.1\r\nHost: a\r\n\r\n", "414 URI Too Long"),
                List.of(
                        "GET / HTTP/1.1\r\nHost: a\r\nX: " + "x".repeat(9000) + "\r\n\r\n",
                        "431 Request Header Fields Too Large"))) {
            try (var client = new RawClient(crier.port())) {
                client.send(request.get(0));
                String answer = client.rest();
                assertTrue(answer.lines().findFirst().orElse("").endsWith(request.get(1)), answer);
                assertTrue(answer.contains("application/problem+json"), answer);
            }
        }
    }

    @Test
    void aStalledSubscriberOfALatestChannelSkipsEventsButNeverGoesBack() throws Exception {
        String filler = "x".repeat(50_000);
        int published = 400; // 20 MB, far more than the kernel's buffers take
        try (var client = RawClient.slow(crier.port())) {
            client.send("GET /news HTTP/1.1\r\nHost: a\r\n\r\n");
            client.head();
            Eventually.until("the subscriber has joined", () -> crier.subscribers() == 1);
            for (int i = 1; i <= published; i++) {
                crier.publish("/news", i + " " + filler);
            }
            int received = 0;
            int last = 0;
            while (last < published) {
                for (String block : client.chunk().split("(?<=\n\n)")) {
                    if (block.startsWith("data: ")) {
                        int number = Integer.parseInt(block.substring(6, block.indexOf(' ', 6)));
                        assertTrue(number > last, number + " after " + last);
                        last = number;
                        received++;
                    }
                }
            }
            assertTrue(received < published, "a stalled subscriber received all " + received + ", as from a queue");
        }
    }
}
