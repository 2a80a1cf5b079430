package dev.crier.embedded;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.crier.testing.Eventually;
import dev.crier.testing.Pem;
import dev.crier.testing.RawClient;
import dev.crier.testing.RunningCrier;
import dev.crier.testing.VanishingClient;
import io.netty.pkitesting.X509Bundle;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.ext.web.Router;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** An application's listener has accepted the connections of the streams, with options of its own. */
class HostConnectionsTest {

    private static final JsonObject NOTHING = new JsonObject();

    private static final Consumer<Router> HELLO = router -> router.get("/hello").handler(ctx -> ctx.end("Hello"));

    private static Host host(HttpServerOptions options, JsonObject conf) throws Exception {
        return new Host(options, conf, HELLO);
    }

    private static void assertChunks(RawClient client, Host host) throws Exception {
        String id = host.publish("one");
        assertEquals("data: one\nid: " + id + "\n\n", client.chunk(), "one chunk, readable, at once");
    }

    @ParameterizedTest
    @ValueSource(strings = {"gzip", "br", "zstd", "deflate", "gzip, deflate, br, zstd", "*"})
    void aListenerThatCompressesDoesNotCompressStreams(String accepted) throws Exception {
        try (var host = host(new HttpServerOptions().setCompressionSupported(true), NOTHING)) {
            try (var client = RawClient.request(host.port(), "GET /live/news", "Accept-Encoding: " + accepted)) {
                List<String> head = client.head();
                assertEquals(Optional.empty(), client.header(head, "Content-Encoding"));
                client.readThrough("\r\n"); // the length of the first block
                client.readThrough("\n\n\r\n");
                assertChunks(client, host);
                assertChunks(client, host);
            }
        }
    }

    @Test
    void aListenerThatCompressesStillDoesSoForOtherResponses() throws Exception {
        try (var host = host(new HttpServerOptions().setCompressionSupported(true), NOTHING)) {
            String hello = host.answer("GET /hello", "", "Accept-Encoding: gzip");
            assertTrue(hello.contains("content-encoding: gzip"), hello);
            assertTrue(
                    host.answer("HEAD /live/news", "", "Accept-Encoding: gzip").startsWith("HTTP/1.1 200 OK"));
        }
    }

    @Test
    void aConnectionHasOtherRequestsBeforeItsStream() throws Exception {
        try (var host = host(new HttpServerOptions(), NOTHING);
                var client = new RawClient(host.port())) {
            for (int i = 0; i < 3; i++) {
                client.send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n");
                client.readThrough("Hello");
            }
            client.send("POST /live/news HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\none");
            client.readThrough("}");
            client.send("GET /live/news?lastEventId=earliest HTTP/1.1\r\nHost: a\r\n\r\n");
            client.readThrough("data: one\n");
            host.assertDelivers(client, "two");
        }
    }

    @Test
    void aStreamFollowsPipelinedRequestsAndEndsTheConnection() throws Exception {
        try (var host = host(new HttpServerOptions(), NOTHING);
                var client = new RawClient(host.port())) {
            client.send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\nGET /live/news HTTP/1.1\r\nHost: a\r\n\r\n"
                    + "GET /hello HTTP/1.1\r\nHost: a\r\n\r\n");
            client.readThrough("Hello");
            client.readThrough("crier.start");
            host.assertDelivers(client, "one");
            RunningCrier.await(host.crier.close());
            assertFalse(client.rest().contains("Hello"), "the request after the stream is not answered");
        }
    }

    @Test
    void aStreamOverHttp10EndsWithTheConnection() throws Exception {
        try (var host = host(new HttpServerOptions().setCompressionSupported(true), NOTHING);
                var client = new RawClient(host.port())) {
            client.send("GET /live/news HTTP/1.0\r\nConnection: keep-alive\r\nAccept-Encoding: gzip\r\n\r\n");
            List<String> head = client.head();
            assertEquals("close", client.header(head, "Connection").orElse(""));
            assertEquals(Optional.empty(), client.header(head, "Transfer-Encoding"));
            client.readThrough("crier.start");
            host.assertDelivers(client, "one");
        }
    }

    /** A stream writes past the handler of the idle timeout, which would see nothing. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void anIdleTimeoutDoesNotCutAStream(boolean compresses) throws Exception {
        var options = new HttpServerOptions()
                .setIdleTimeout(300)
                .setIdleTimeoutUnit(TimeUnit.MILLISECONDS)
                .setCompressionSupported(compresses);
        try (var host = host(options, new JsonObject("{\"heartbeat\": \"PT0.1S\"}"));
                var client = host.subscribe();
                var idle = new RawClient(host.port())) {
            idle.rest(); // the timeout of a connection without a stream
            for (int i = 0; i < 10; i++) {
                client.readThrough("\r\n:\n\r\n");
            }
            host.assertDelivers(client, "one");
        }
    }

    /** The limit of the kernel's buffer is the stream's own, whatever the listener has set. */
    @Test
    void aSubscriberThatReadsNothingIsClosed() throws Exception {
        var conf = new JsonObject("{\"subscriber\": {\"stallTimeout\": \"PT1S\", \"queueBytes\": 16384},"
                + " \"heartbeat\": \"PT0.2S\", \"publish\": {\"maxBytes\": 100000}}");
        try (var host = host(new HttpServerOptions(), conf);
                var stalled = RawClient.slow(host.port());
                var other = host.subscribe()) {
            stalled.send("GET /live/news HTTP/1.1\r\nHost: a\r\n\r\n");
            stalled.readThrough("crier.start");
            String data = "x".repeat(50_000);
            for (int i = 0; i < 20; i++) {
                host.publish(data);
            }
            host.assertDelivers(other, "the last one");
            Eventually.until("the stalled stream is closed", () -> isClosed(stalled));
        }
    }

    @Test
    void aVanishedClientIsClosed(@TempDir Path folder) throws Exception {
        var conf = new JsonObject("{\"heartbeat\": \"PT0.2S\", \"subscriber\": {\"stallTimeout\": \"PT1S\"}}");
        Queue<String> ended = new ConcurrentLinkedQueue<>();
        try (var host = new Host(
                new HttpServerOptions(),
                conf,
                router -> router.route().handler(ctx -> {
                    ctx.addEndHandler(end -> ended.add("ended"));
                    ctx.next();
                }))) {
            assumeTrue(host.vertx.isNativeTransportEnabled(), "the timeout needs the native transport");
            try (var client = VanishingClient.of(host.port(), "/live/news", folder)) {
                Eventually.until("the stream has ended", () -> !ended.isEmpty());
                assertTrue(client.isRunning());
            }
        }
    }

    private static boolean isClosed(RawClient client) {
        try {
            client.send("x");
            return false;
        } catch (IOException e) {
            return true;
        }
    }

    private static HttpServerOptions tls() throws Exception {
        X509Bundle certificate = Pem.certificate("localhost");
        return new HttpServerOptions()
                .setSsl(true)
                .setUseAlpn(true)
                .setKeyCertOptions(new PemKeyCertOptions()
                        .addCertValue(Buffer.buffer(certificate.getCertificatePathPEM()))
                        .addKeyValue(Buffer.buffer(certificate.getPrivateKeyPEM())));
    }

    @ParameterizedTest
    @CsvSource({"true, true", "true, false", "false, true", "false, false"})
    void anHttp2ConnectionHasStreamsAndOtherRequests(boolean tls, boolean compresses) throws Exception {
        HttpServerOptions options = (tls ? tls() : new HttpServerOptions()).setCompressionSupported(compresses);
        try (var host = host(options, NOTHING)) {
            var client = host.vertx.createHttpClient(new HttpClientOptions()
                    .setProtocolVersion(HttpVersion.HTTP_2)
                    .setHttp2ClearTextUpgrade(false)
                    .setSsl(tls)
                    .setUseAlpn(tls)
                    .setTrustAll(true)
                    .setVerifyHost(false)
                    .setHttp2MultiplexingLimit(-1));
            List<Queue<String>> streams = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                var received = new ConcurrentLinkedQueue<String>();
                var response = get(client, host, "/live/news", received);
                assertEquals(200, response.statusCode());
                assertEquals(HttpVersion.HTTP_2, response.version());
                assertEquals(null, response.getHeader("content-encoding"));
                streams.add(received);
            }
            assertEquals(
                    200,
                    get(client, host, "/hello", new ConcurrentLinkedQueue<>()).statusCode());
            host.publish("one");
            for (Queue<String> received : streams) {
                Eventually.until("the event", () -> String.join("", received).contains("data: one\n"));
            }
            RunningCrier.await(host.crier.close());
            assertEquals(
                    200,
                    get(client, host, "/hello", new ConcurrentLinkedQueue<>()).statusCode());
            RunningCrier.await(client.close());
        }
    }

    private static HttpClientResponse get(HttpClient client, Host host, String path, Queue<String> received)
            throws Exception {
        Future<HttpClientResponse> response = client.request(new RequestOptions()
                        .setMethod(HttpMethod.GET)
                        .setHost("127.0.0.1")
                        .setPort(host.port())
                        .setURI(path)
                        .putHeader("accept-encoding", "gzip"))
                .compose(request -> request.send())
                .onSuccess(answer -> answer.handler((Buffer part) -> received.add(part.toString()))
                        .exceptionHandler(end -> {}));
        return RunningCrier.await(response);
    }

    @Test
    void theListenersLimitsAreTheApplications() throws Exception {
        try (var host = host(new HttpServerOptions().setMaxInitialLineLength(100), NOTHING)) {
            String answer = host.answer("GET /live/news?lastEventId=" + "x".repeat(100), "");
            assertTrue(answer.startsWith("HTTP/1.0 414 "), answer);
        }
    }
}
