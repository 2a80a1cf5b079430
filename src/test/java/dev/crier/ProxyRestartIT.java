package dev.crier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.testing.CrierProcess;
import dev.crier.testing.Eventually;
import dev.crier.testing.NumberPublisher;
import dev.crier.testing.Ports;
import dev.crier.testing.Proxy;
import dev.crier.testing.RawClient;
import dev.crier.testing.Swarm;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * While Crier is away, a proxy with its file in {@code deploy/} sends browsers a response after which they reconnect. A
 * browser never reconnects after a 502, which proxies send by default.
 */
class ProxyRestartIT {

    private static final String TOKEN = "a-token-of-the-tests";

    private static final int BROWSERS = 40;

    @TempDir
    private Path folder;

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "BARE_NGINX")
    void whileCrierIsAwayASubscriberGetsAStreamWithARetryTimeAndOthersAnError(FrontProxy front) throws Exception {
        int unused = Ports.free();
        try (var proxy = front.start(folder, unused);
                var subscriber = RawClient.request(
                        proxy.port(), "GET /news", "Accept: text/event-stream", "Origin: https://example.com");
                var publisher = RawClient.request(
                        proxy.port(), "POST /news", "Accept: text/event-stream", "Content-Length: 0");
                var page = RawClient.request(proxy.port(), "GET /index.html", "Accept: text/html")) {
            List<String> head = subscriber.head();
            assertEquals("HTTP/1.1 200 OK", head.get(0));
            assertHeader("text/event-stream", subscriber, head, "Content-Type");
            assertHeader("no-store", subscriber, head, "Cache-Control");
            assertHeader("https://example.com", subscriber, head, "Access-Control-Allow-Origin");
            assertHeader("true", subscriber, head, "Access-Control-Allow-Credentials");
            int length =
                    Integer.parseInt(subscriber.header(head, "Content-Length").orElseThrow());
            assertEquals(": Crier is away\nretry: 200\n", subscriber.read(length));
            assertTrue(publisher.head().get(0).matches("HTTP/1.1 50[23] .*"));
            assertTrue(page.head().get(0).matches("HTTP/1.1 50[23] .*"));
        }
    }

    private static void assertHeader(String value, RawClient client, List<String> head, String name) {
        assertEquals(value, client.header(head, name).orElse(""), name);
    }

    /** Crier stays away until every browser has tried to reconnect. */
    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "BARE_NGINX")
    @Timeout(120)
    void overARestartEveryBrowserReconnectsAndGetsEveryEvent(FrontProxy front) throws Exception {
        int server = Ports.free();
        try (var proxy = front.start(folder, server);
                var publisher = new NumberPublisher(proxy.port(), "/numbers", TOKEN, Duration.ofMillis(20));
                var browsers = new Swarm()) {
            stopUnderLoad(server, proxy, publisher, browsers);
            Eventually.until(
                    () -> "all have tried to reconnect: " + browsers.failures(),
                    () -> browsers.ends().size() >= 2 * BROWSERS);
            try (var successor = crier(server)) {
                assertEquals(server, successor.port());
                int next = publisher.acknowledged() + 10;
                Eventually.until("events are published again", () -> publisher.acknowledged() >= next);
                int last = publisher.finish();
                Eventually.until(
                        () -> "all have all events: " + browsers.open() + browsers.failures(),
                        () -> browsers.allHave(last));
                assertEquals(List.of(), browsers.failures());
            }
        }
    }

    /** Shows that the test before can fail. */
    @Test
    @Timeout(120)
    void behindABareNginxBrowsersNeverReconnect() throws Exception {
        int server = Ports.free();
        try (var proxy = FrontProxy.bareNginx(folder, server, "");
                var publisher = new NumberPublisher(proxy.port(), "/numbers", TOKEN, Duration.ofMillis(20));
                var browsers = new Swarm()) {
            stopUnderLoad(server, proxy, publisher, browsers);
            Eventually.until(
                    () -> "all have given up: " + browsers.failures(),
                    () -> browsers.failures().equals(Collections.nCopies(BROWSERS, "status 502")));
        }
    }

    /** Stops Crier with SIGTERM while browsers receive what is published. */
    private void stopUnderLoad(int server, Proxy proxy, NumberPublisher publisher, Swarm browsers) throws Exception {
        try (var crier = crier(server)) {
            assertEquals(server, crier.port());
            browsers.join(BROWSERS, proxy.port(), "/numbers?lastEventId=earliest");
            publisher.start();
            Eventually.until(() -> "all receive events: " + browsers.failures(), () -> browsers.allHave(10));
            crier.terminate();
            assertEquals(0, crier.exitStatus());
        }
    }

    private CrierProcess crier(int port) throws IOException {
        return CrierProcess.start(folder, "-conf", """
                {
                  "port": %d,
                  "retry": "PT0.2S",
                  "shutdown": {"drain": "PT0.5S"},
                  "log": {"store": "sqlite", "file": "%s"},
                  "publish": {"tokens": ["%s"]},
                  "channels": {"/numbers": {"keep": {"events": 100000}, "publish": true}}
                }""".formatted(port, folder.resolve("crier.db"), TOKEN));
    }
}
