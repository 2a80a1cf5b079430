package dev.crier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.testing.Eventually;
import dev.crier.testing.RawClient;
import dev.crier.testing.RunningCrier;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Streams through proxies: idle ones stay open, closed ones are closed at Crier, and compressed ones are not delayed. */
class ProxyConnectionIT {

    /** A quarter of the proxies' timeouts, as with the default values of both. */
    private static final String HEARTBEAT = "PT0.25S";

    private static final int HEARTBEATS_PER_TIMEOUT = 4;

    private static final String NO_HEARTBEAT = "PT1H";

    @TempDir
    private Path folder;

    private static RunningCrier crier(String heartbeat) throws Exception {
        return new RunningCrier(new JsonObject("""
                {
                  "heartbeat": "%s",
                  "channels": {"/news": {"keep": {"events": 1000}}}
                }""".formatted(heartbeat)));
    }

    @ParameterizedTest
    @EnumSource(
            mode = EnumSource.Mode.EXCLUDE,
            names = {"CADDY", "TRAEFIK"})
    void withHeartbeatsAnIdleStreamOutlivesTheTimeouts(FrontProxy front) throws Exception {
        try (var crier = crier(HEARTBEAT);
                var proxy = front.start(folder, crier.port(), true);
                var subscriber = RawClient.request(proxy.port(), "GET /news")) {
            subscriber.head();
            subscriber.readThrough("\n\n");
            for (int i = 0; i < 2 * HEARTBEATS_PER_TIMEOUT; i++) {
                subscriber.readThrough(":\n");
            }
            String id = crier.publish("/news", "still open");
            assertTrue(subscriber.readThrough(id + "\n\n").endsWith("data: still open\nid: " + id + "\n\n"));
        }
    }

    /** Shows that the test before can fail. */
    @ParameterizedTest
    @EnumSource(
            mode = EnumSource.Mode.EXCLUDE,
            names = {"CADDY", "TRAEFIK"})
    void withoutHeartbeatsAnIdleStreamIsClosed(FrontProxy front) throws Exception {
        try (var crier = crier(NO_HEARTBEAT);
                var proxy = front.start(folder, crier.port(), true);
                var subscriber = RawClient.request(proxy.port(), "GET /news")) {
            subscriber.head();
            subscriber.readThrough("\n\n");
            assertThrows(IOException.class, () -> subscriber.readThrough("\n\n"));
        }
    }

    /** Some proxies close the connection to Crier only when they fail to forward the next heartbeat. */
    @ParameterizedTest
    @EnumSource
    void aSubscriberThatDisconnectsFromTheProxyIsRemoved(FrontProxy front) throws Exception {
        try (var crier = crier(HEARTBEAT);
                var proxy = front.start(folder, crier.port())) {
            var first = RawClient.request(proxy.port(), "GET /news");
            var second = RawClient.request(proxy.port(), "GET /news");
            first.head();
            second.head();
            Eventually.until("both are subscribed", () -> crier.subscribers() == 2);
            first.close();
            Eventually.until("the closed one is removed", () -> crier.subscribers() == 1);
            second.reset();
            Eventually.until("the reset one is removed", () -> crier.subscribers() == 0);
        }
    }

    /** A compressor would like to collect more input before it writes. */
    @Test
    void anNginxThatCompressesStreamsDoesNotDelayEvents() throws Exception {
        String gzip = "gzip on; gzip_types text/event-stream; gzip_min_length 0;";
        try (var crier = crier(NO_HEARTBEAT);
                var proxy = FrontProxy.bareNginx(folder, crier.port(), gzip)) {
            var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + proxy.port() + "/news"))
                    .header("Accept-Encoding", "gzip")
                    .build();
            var response = HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofInputStream());
            assertEquals(
                    "gzip", response.headers().firstValue("Content-Encoding").orElse(""));
            try (var stream = new GZIPInputStream(response.body(), 1)) {
                assertTrue(block(stream).startsWith("retry: 2000\nevent: crier.start\ndata: {}\nid: "));
                for (int i = 0; i < 100; i++) {
                    String id = crier.publish("/news", "event " + i);
                    assertEquals("data: event " + i + "\nid: " + id + "\n\n", block(stream));
                }
            }
        }
    }

    private static String block(InputStream stream) throws IOException {
        var read = new StringBuilder();
        while (read.length() < 2 || !read.substring(read.length() - 2).equals("\n\n")) {
            int next = stream.read();
            if (next < 0) {
                throw new IOException("the stream ended after " + read);
            }
            read.append((char) next);
        }
        return read.toString();
    }
}
