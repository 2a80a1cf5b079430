package dev.crier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.crier.testing.Eventually;
import dev.crier.testing.Proxy;
import dev.crier.testing.RawClient;
import dev.crier.testing.RunningCrier;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Crier through proxies as they are by default, and with the lines that the README has for them. */
class ProxyIT {

    private static final String TOKEN = "a-token-of-the-tests";

    /** For a hundred events, one after the other: a proxy that waits with each for the next one takes 20 seconds. */
    private static final Duration AT_ONCE = Duration.ofSeconds(10);

    /** Of a proxy whose patience is a sixtieth of what it is by default; a heartbeat is as much shorter. */
    private static final String HEARTBEAT = "PT0.25S";

    private static final int HEARTBEATS_OF_A_TIMEOUT = 4;

    /** With the lines of the README, on free ports. */
    private enum Front {
        NGINX {
            @Override
            Proxy before(Path folder, int server, boolean impatient) throws Exception {
                int port = Proxy.freePort();
                String conf = readme("nginx", "listen 80;", "listen 127.0.0.1:" + port + ";", server);
                return Proxy.nginx(folder, port, impatient ? "proxy_read_timeout 1s; send_timeout 1s; " + conf : conf);
            }
        },
        BARE_NGINX {
            @Override
            Proxy before(Path folder, int server, boolean impatient) throws Exception {
                return bareNginx(folder, server, impatient ? "proxy_read_timeout 1s; send_timeout 1s;" : "");
            }
        },
        HAPROXY {
            @Override
            Proxy before(Path folder, int server, boolean impatient) throws Exception {
                int port = Proxy.freePort();
                String conf = readme("haproxy", "bind :80", "bind 127.0.0.1:" + port, server);
                return Proxy.haProxy(folder, port, impatient ? conf.replace(" 1m", " 1s") : conf);
            }
        },
        CADDY {
            @Override
            Proxy before(Path folder, int server, boolean impatient) throws Exception {
                assumeTrue(!impatient, "it waits for ever");
                int port = Proxy.freePort();
                return Proxy.caddy(
                        folder, port, readme("caddyfile", "example.com", "http://127.0.0.1:" + port, server));
            }
        };

        /** @param impatient whether its timeouts are of a second, where they are of a minute by default */
        abstract Proxy before(Path folder, int server, boolean impatient) throws Exception;
    }

    @TempDir
    private Path folder;

    /** What the README has in a block of this language; each of what is replaced stands in it once. */
    private static String readme(String language, String listen, String here, int server) throws IOException {
        Matcher block = Pattern.compile("```" + language + "\n(.*?)```", Pattern.DOTALL)
                .matcher(Files.readString(Path.of("README.md")));
        assertTrue(block.find(), language);
        String conf = block.group(1);
        for (String there : List.of(listen, "127.0.0.1:3000")) {
            assertEquals(2, conf.split(Pattern.quote(there), -1).length, there + " in " + conf);
        }
        return conf.replace(listen, here).replace("127.0.0.1:3000", "127.0.0.1:" + server);
    }

    private static Proxy bareNginx(Path folder, int server, String more) throws Exception {
        int port = Proxy.freePort();
        return Proxy.nginx(
                folder,
                port,
                "%s server { listen 127.0.0.1:%d; location / { proxy_pass http://127.0.0.1:%d; } }"
                        .formatted(more, port, server));
    }

    private static RunningCrier crier(String heartbeat) throws Exception {
        return new RunningCrier(new JsonObject()
                .put("heartbeat", heartbeat)
                .put("cors", new JsonObject().put("origins", new JsonArray()))
                .put("publish", new JsonObject().put("tokens", new JsonArray().add(TOKEN)))
                .put(
                        "channels",
                        new JsonObject()
                                .put(
                                        "/news",
                                        new JsonObject()
                                                .put("keep", new JsonObject().put("events", 10_000))
                                                .put("publish", true))));
    }

    /** Answers with the id. */
    private static String publish(int port, String data, String... headers) throws IOException {
        String[] all = List.of(headers).toArray(new String[headers.length + 2]);
        all[headers.length] = "Authorization: Bearer " + TOKEN;
        all[headers.length + 1] = "Content-Length: " + data.length();
        try (var client = RawClient.request(port, "POST /news", all)) {
            client.send(data);
            assertEquals("HTTP/1.1 201 Created", client.head().get(0));
            return new JsonObject(client.readThrough("}").replaceFirst("(?s)^[^{]*", "")).getString("id");
        }
    }

    private static String frame(String id, String data) {
        return "data: " + data + "\nid: " + id + "\n\n";
    }

    /** A proxy that holds anything back, would hold back the last one for ever. */
    @ParameterizedTest
    @EnumSource
    void whatIsPublishedThroughItIsReadThroughItAtOnce(Front front) throws Exception {
        try (var crier = crier("PT1H");
                var proxy = front.before(folder, crier.port(), false);
                var reader = RawClient.request(proxy.port(), "GET /news", "Accept-Encoding: gzip")) {
            List<String> head = reader.head();
            assertEquals("HTTP/1.1 200 OK", head.get(0));
            assertEquals(
                    "text/event-stream;charset=utf-8",
                    reader.header(head, "Content-Type").orElse(""));
            assertTrue(reader.readThrough("\n\n").contains("retry: 2000\nevent: crier.start\ndata: {}\nid: "));
            Instant begin = Instant.now();
            for (int i = 0; i < 100; i++) {
                String id = publish(proxy.port(), "event " + i);
                assertTrue(reader.readThrough(id + "\n\n").endsWith(frame(id, "event " + i)));
            }
            Duration taken = Duration.between(begin, Instant.now());
            assertTrue(taken.compareTo(AT_ONCE) < 0, () -> "one after the other: " + taken);
            String id = publish(proxy.port(), "x".repeat(60_000));
            assertTrue(reader.readThrough("\n\n").contains("x\nid: " + id + "\n"));
        }
    }

    @ParameterizedTest
    @EnumSource
    void whoComesBackThroughItGetsWhatWasMissed(Front front) throws Exception {
        try (var crier = crier("PT1H");
                var proxy = front.before(folder, crier.port(), false)) {
            String first = publish(proxy.port(), "one");
            String second = publish(proxy.port(), "two");
            try (var reader = RawClient.request(proxy.port(), "GET /news", "Last-Event-ID: " + first)) {
                assertTrue(reader.readThrough(second + "\n\n").endsWith(frame(second, "two")));
            }
            try (var reader = RawClient.request(proxy.port(), "GET /news?lastEventId=earliest")) {
                assertTrue(reader.readThrough(second + "\n\n").endsWith(frame(first, "one") + frame(second, "two")));
            }
        }
    }

    /** At the next heartbeat at the latest. */
    @ParameterizedTest
    @EnumSource
    void whoLeavesTheProxyLeavesCrier(Front front) throws Exception {
        try (var crier = crier(HEARTBEAT);
                var proxy = front.before(folder, crier.port(), false)) {
            var first = RawClient.request(proxy.port(), "GET /news");
            var second = RawClient.request(proxy.port(), "GET /news");
            first.head();
            second.head();
            Eventually.until("both read", () -> crier.subscribers() == 2);
            first.close();
            Eventually.until("one has left", () -> crier.subscribers() == 1);
            second.reset();
            Eventually.until("both have left", () -> crier.subscribers() == 0);
        }
    }

    @ParameterizedTest
    @EnumSource
    void anErrorIsToldThroughItInCriersWords(Front front) throws Exception {
        try (var crier = crier("PT1H");
                var proxy = front.before(folder, crier.port(), false);
                var publisher = RawClient.request(proxy.port(), "POST /news", "Content-Length: 0");
                var reader = RawClient.request(proxy.port(), "GET /news?lastEventId=nothing")) {
            List<String> head = publisher.head();
            assertEquals("HTTP/1.1 401 Unauthorized", head.get(0));
            assertEquals(
                    "application/problem+json",
                    publisher.header(head, "Content-Type").orElse(""));
            assertTrue(publisher.readThrough("}").contains("Publishing needs a bearer token."));
            assertEquals("HTTP/1.1 400 Bad Request", reader.head().get(0));
            assertTrue(reader.readThrough("}").contains("lastEventId: no place"));
        }
    }

    /** With no other origin allowed: so Crier is told the host by which it was asked for. */
    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "BARE_NGINX")
    void aPageOfItsOwnMayPublishThroughIt(Front front) throws Exception {
        try (var crier = crier("PT1H");
                var proxy = front.before(folder, crier.port(), false)) {
            publish(proxy.port(), "data", "Origin: http://127.0.0.1:" + proxy.port());
        }
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "CADDY")
    void anIdleStreamOutlivesItsTimeouts(Front front) throws Exception {
        try (var crier = crier(HEARTBEAT);
                var proxy = front.before(folder, crier.port(), true);
                var reader = RawClient.request(proxy.port(), "GET /news")) {
            reader.head();
            reader.readThrough("\n\n");
            for (int i = 0; i < 4 * HEARTBEATS_OF_A_TIMEOUT; i++) {
                reader.readThrough(":\n");
            }
            String id = publish(proxy.port(), "still there");
            assertTrue(reader.readThrough(id + "\n\n").endsWith(frame(id, "still there")));
        }
    }

    /** Else the test before would prove nothing. */
    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "CADDY")
    void withoutHeartbeatsItDoesNot(Front front) throws Exception {
        try (var crier = crier("PT1H");
                var proxy = front.before(folder, crier.port(), true);
                var reader = RawClient.request(proxy.port(), "GET /news")) {
            reader.head();
            reader.readThrough("\n\n");
            assertThrows(IOException.class, () -> reader.readThrough("\n\n"));
        }
    }

    /** What it compresses, it would also like to collect. */
    @Test
    void nginxThatCompressesStreamsHoldsNothingBackEither() throws Exception {
        String gzip = "gzip on; gzip_types text/event-stream; gzip_min_length 0;";
        try (var crier = crier("PT1H");
                var proxy = bareNginx(folder, crier.port(), gzip)) {
            var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + proxy.port() + "/news"))
                    .header("Accept-Encoding", "gzip")
                    .build();
            var response = HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofInputStream());
            assertEquals(
                    "gzip", response.headers().firstValue("Content-Encoding").orElse(""));
            try (var stream = new GZIPInputStream(response.body(), 1)) {
                assertTrue(block(stream).startsWith("retry: 2000\nevent: crier.start\ndata: {}\nid: "));
                for (int i = 0; i < 100; i++) {
                    String id = publish(proxy.port(), "event " + i);
                    assertEquals(frame(id, "event " + i), block(stream));
                }
            }
        }
    }

    private static String block(InputStream stream) throws IOException {
        var read = new StringBuilder();
        while (!read.toString().endsWith("\n\n")) {
            int next = stream.read();
            if (next < 0) {
                throw new IOException("the stream ended after " + read);
            }
            read.append((char) next);
        }
        return read.toString();
    }
}
