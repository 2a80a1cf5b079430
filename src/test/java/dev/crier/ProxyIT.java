package dev.crier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.testing.Proxy;
import dev.crier.testing.RawClient;
import dev.crier.testing.RunningCrier;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Requests and responses pass through proxies unchanged and without delay. All tests of a proxy share one Crier. */
@ParameterizedClass
@EnumSource
class ProxyIT {

    private static final String TOKEN = "a-token-of-the-tests";

    /** The time for 100 events. A proxy that delays each event until the next one takes 20 seconds. */
    private static final Duration WITHOUT_DELAY = Duration.ofSeconds(10);

    @TempDir
    private static Path folder;

    private static RunningCrier crier;
    private static Proxy proxy;

    @Parameter
    private FrontProxy front;

    /** Without heartbeats, because they would push out an event that a proxy holds back. */
    @BeforeParameterizedClassInvocation
    static void start(FrontProxy front) throws Exception {
        proxy = null;
        crier = new RunningCrier(new JsonObject("""
                {
                  "heartbeat": "PT1H",
                  "cors": {"origins": []},
                  "publish": {"tokens": ["%s"]},
                  "channels": {"/tests/:name": {"keep": {"events": 10000}, "publish": true}}
                }""".formatted(TOKEN)));
        proxy = front.start(folder, crier.port());
    }

    @AfterParameterizedClassInvocation
    static void stop() throws Exception {
        if (proxy != null) { // otherwise it is not installed
            proxy.close();
        }
        crier.close();
    }

    /** Publishes through the proxy and returns the event id. */
    private static String publish(String channel, String data) throws IOException {
        try (var client = RawClient.publish(proxy.port(), channel, TOKEN, data)) {
            assertEquals("HTTP/1.1 201 Created", client.head().get(0));
            return new JsonObject(client.readThrough("}").replaceFirst("(?s)^[^{]*", "")).getString("id");
        }
    }

    private static String block(String id, String data) {
        return "data: " + data + "\nid: " + id + "\n\n";
    }

    @Test
    void eventsPassThroughWithoutDelay() throws Exception {
        String channel = "/tests/delay";
        try (var subscriber = RawClient.request(proxy.port(), "GET " + channel, "Accept-Encoding: gzip")) {
            List<String> head = subscriber.head();
            assertEquals("HTTP/1.1 200 OK", head.get(0));
            assertEquals(
                    "text/event-stream;charset=utf-8",
                    subscriber.header(head, "Content-Type").orElse(""));
            assertTrue(subscriber.readThrough("\n\n").contains("retry: 2000\nevent: crier.start\ndata: {}\nid: "));
            Instant begin = Instant.now();
            for (int i = 0; i < 100; i++) {
                String id = publish(channel, "event " + i);
                assertTrue(subscriber.readThrough(id + "\n\n").endsWith(block(id, "event " + i)));
            }
            Duration taken = Duration.between(begin, Instant.now());
            assertTrue(taken.compareTo(WITHOUT_DELAY) < 0, () -> "100 events took " + taken);
            String id = publish(channel, "x".repeat(60_000));
            assertTrue(subscriber.readThrough("\n\n").contains("x\nid: " + id + "\n"));
        }
    }

    @Test
    void aStreamOfManyChannelsPassesThroughWithoutDelayByQueryAndByForm() throws Exception {
        String form = "channel=/tests/many-1&channel=/tests/many-2";
        try (var get = RawClient.request(proxy.port(), "GET /events?" + form);
                var post = RawClient.request(
                        proxy.port(),
                        "POST /events",
                        "Content-Type: application/x-www-form-urlencoded",
                        "Content-Length: " + form.length())) {
            post.send(form);
            for (RawClient subscriber : List.of(get, post)) {
                assertEquals("HTTP/1.1 200 OK", subscriber.head().get(0));
                assertTrue(subscriber.readThrough("\n\n").contains("retry: 2000\nevent: crier.start\ndata: {}\nid: "));
            }
            for (int i = 1; i <= 2; i++) {
                String channel = "/tests/many-" + i;
                String id = publish(channel, "event " + i) + " " + channel;
                for (RawClient subscriber : List.of(get, post)) {
                    assertTrue(subscriber.readThrough("\n\n").endsWith(block(id, "event " + i)));
                }
            }
        }
    }

    @Test
    void aSubscriberResumesByHeaderAndByQuery() throws Exception {
        String channel = "/tests/resumption";
        String first = publish(channel, "one");
        String second = publish(channel, "two");
        try (var subscriber = RawClient.request(proxy.port(), "GET " + channel, "Last-Event-ID: " + first)) {
            assertTrue(subscriber.readThrough(second + "\n\n").endsWith(block(second, "two")));
        }
        try (var subscriber = RawClient.request(proxy.port(), "GET " + channel + "?lastEventId=earliest")) {
            assertTrue(subscriber.readThrough(second + "\n\n").endsWith(block(first, "one") + block(second, "two")));
        }
    }

    @Test
    void errorsOfCrierPassThroughUnchanged() throws Exception {
        try (var publisher = RawClient.request(proxy.port(), "POST /tests/errors", "Content-Length: 0");
                var subscriber = RawClient.request(proxy.port(), "GET /tests/errors?lastEventId=nothing")) {
            List<String> head = publisher.head();
            assertEquals("HTTP/1.1 401 Unauthorized", head.get(0));
            assertEquals(
                    "application/problem+json",
                    publisher.header(head, "Content-Type").orElse(""));
            assertTrue(publisher.readThrough("}").contains("Publishing to /tests/errors needs a bearer token."));
            assertEquals("HTTP/1.1 400 Bad Request", subscriber.head().get(0));
            assertTrue(subscriber.readThrough("}").contains("lastEventId: not a position"));
        }
    }

    /** No other origin is allowed here, so Crier must learn by which host it was requested. A bare nginx does not say. */
    @Test
    void aPageOfCrierMayPublish() throws Exception {
        String origin = "Origin: http://127.0.0.1:" + proxy.port();
        try (var client = RawClient.publish(proxy.port(), "/tests/pages", TOKEN, "data", origin)) {
            assertEquals(
                    front == FrontProxy.BARE_NGINX ? "HTTP/1.1 403 Forbidden" : "HTTP/1.1 201 Created",
                    client.head().get(0));
        }
    }
}
