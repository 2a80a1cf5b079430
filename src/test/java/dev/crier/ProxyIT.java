package dev.crier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.crier.testing.CrierProcess;
import dev.crier.testing.Eventually;
import dev.crier.testing.NumberPublisher;
import dev.crier.testing.Proxy;
import dev.crier.testing.RawClient;
import dev.crier.testing.RunningCrier;
import dev.crier.testing.Swarm;
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
import java.util.Collections;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Crier behind proxies with the files in {@code deploy/}, and behind a bare nginx. */
class ProxyIT {

    private static final String TOKEN = "a-token-of-the-tests";

    /** For a hundred events, one after the other: a proxy that waits with each for the next one takes 20 seconds. */
    private static final Duration AT_ONCE = Duration.ofSeconds(10);

    /** Of a proxy whose patience is a sixtieth of what it is by default; a heartbeat is as much shorter. */
    private static final String HEARTBEAT = "PT0.25S";

    private static final int HEARTBEATS_OF_A_TIMEOUT = 4;

    private static final int BROWSERS = 40;

    private static final Pattern BACKEND = Pattern.compile("127\\.0\\.0\\.1(:|, port_value: )3000\\b");

    /** A proxy with its file in {@code deploy/}, on free ports. */
    private enum Front {
        NGINX {
            @Override
            Proxy before(Path folder, int server, boolean impatient) throws Exception {
                int port = Proxy.freePort();
                String conf = recipe("nginx.conf", "listen 80;", "listen 127.0.0.1:" + port + ";", server);
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
                String conf = recipe("haproxy.cfg", "bind :80", "bind 127.0.0.1:" + port, server);
                return Proxy.haProxy(folder, port, impatient ? conf.replace(" 1m", " 1s") : conf);
            }
        },
        CADDY {
            @Override
            Proxy before(Path folder, int server, boolean impatient) throws Exception {
                assumeTrue(!impatient, "it waits for ever");
                int port = Proxy.freePort();
                return Proxy.caddy(
                        folder, port, recipe("Caddyfile", "\nexample.com", "\nhttp://127.0.0.1:" + port, server));
            }
        },
        ENVOY {
            @Override
            Proxy before(Path folder, int server, boolean impatient) throws Exception {
                int port = Proxy.freePort();
                String conf = recipe(
                        "envoy.yaml",
                        "address: 0.0.0.0, port_value: 80",
                        "address: 127.0.0.1, port_value: " + port,
                        server);
                String http = "stat_prefix: crier";
                return Proxy.envoy(
                        folder,
                        port,
                        impatient ? conf.replace(http, http + "\n                stream_idle_timeout: 1s") : conf);
            }
        },
        TRAEFIK {
            @Override
            Proxy before(Path folder, int server, boolean impatient) throws Exception {
                assumeTrue(!impatient, "Traefik has no timeout for an idle stream");
                int port = Proxy.freePort();
                int awayPort = Proxy.freePort();
                String conf = recipe("traefik.yaml", "127.0.0.1:3001", "127.0.0.1:" + awayPort, server);
                String listen = "127.0.0.1:3001;";
                String away = Files.readString(Path.of("deploy", "traefik-away.conf"));
                assertTrue(away.contains(listen), away);
                return Proxy.traefik(
                        folder,
                        port,
                        conf,
                        Proxy.nginx(folder, awayPort, away.replace(listen, "127.0.0.1:" + awayPort + ";")));
            }
        };

        /** @param impatient whether its timeouts are of a second, where they are of a minute by default */
        abstract Proxy before(Path folder, int server, boolean impatient) throws Exception;
    }

    @TempDir
    private Path folder;

    /** Returns the file in {@code deploy/} with these ports in place of its own. */
    private static String recipe(String file, String listen, String here, int server) throws IOException {
        String conf = Files.readString(Path.of("deploy", file));
        assertEquals(2, conf.split(Pattern.quote(listen), -1).length, listen + " in " + conf);
        Matcher backend = BACKEND.matcher(conf);
        assertTrue(backend.find(), conf);
        return backend.replaceAll("127.0.0.1$1" + server).replace(listen, here);
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
        return new RunningCrier(conf(heartbeat));
    }

    private static JsonObject conf(String heartbeat) {
        return new JsonObject()
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
                                                .put("publish", true)));
    }

    /** Allows one subscriber an address, and trusts the proxy. */
    private static RunningCrier crierThatCountsAddresses() throws Exception {
        return new RunningCrier(conf("PT1H")
                .put("trustedProxies", new JsonArray().add("127.0.0.1"))
                .put("limits", new JsonObject().put("subscribersPerAddress", 1).put("refuse", "status")));
    }

    /** Sends the head of a subscriber's request, with these headers, from this address. */
    private static RawClient subscribe(String address, int port, String... headers) throws IOException {
        var client = RawClient.from(address, port);
        client.send(
                "GET /news HTTP/1.1\r\nHost: 127.0.0.1:" + port + "\r\n" + String.join("\r\n", headers) + "\r\n\r\n");
        return client;
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
            assertTrue(reader.readThrough("}").contains("lastEventId: not a position"));
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

    /** Sends the request of an {@code EventSource} and expects the response after which it reconnects. */
    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "BARE_NGINX")
    void whileCrierIsAwaySubscribersGetAStreamThatSaysWhenToReconnectAndPublishersAnError(Front front)
            throws Exception {
        int nobody = Proxy.freePort();
        try (var proxy = front.before(folder, nobody, false);
                var subscriber = RawClient.request(
                        proxy.port(), "GET /news", "Accept: text/event-stream", "Origin: https://example.com");
                var publisher = RawClient.request(
                        proxy.port(), "POST /news", "Accept: text/event-stream", "Content-Length: 0");
                var other = RawClient.request(proxy.port(), "GET /index.html", "Accept: text/html")) {
            List<String> head = subscriber.head();
            assertEquals("HTTP/1.1 200 OK", head.get(0));
            assertEquals(
                    "text/event-stream", subscriber.header(head, "Content-Type").orElse(""));
            assertEquals("no-store", subscriber.header(head, "Cache-Control").orElse(""));
            assertEquals(
                    "https://example.com",
                    subscriber.header(head, "Access-Control-Allow-Origin").orElse(""));
            assertEquals(
                    "true",
                    subscriber.header(head, "Access-Control-Allow-Credentials").orElse(""));
            int length =
                    Integer.parseInt(subscriber.header(head, "Content-Length").orElseThrow());
            assertEquals(": Crier is away\nretry: 2000\n", subscriber.read(length));
            assertTrue(publisher.head().get(0).matches("HTTP/1.1 50[23] .*"));
            assertTrue(other.head().get(0).matches("HTTP/1.1 50[23] .*"));
        }
    }

    /** Crier stays away until each browser has tried in vain. */
    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "BARE_NGINX")
    @Timeout(120)
    void overARestartEveryBrowserReconnectsAndGetsEveryEvent(Front front) throws Exception {
        int server = Proxy.freePort();
        try (var proxy = front.before(folder, server, false);
                var publisher = new NumberPublisher(proxy.port(), "/numbers", TOKEN, Duration.ofMillis(20));
                var browsers = new Swarm()) {
            stopUnder(server, proxy, publisher, browsers);
            Eventually.until(
                    () -> "all have tried in vain: " + browsers.failures(),
                    () -> browsers.ends().size() >= 2 * BROWSERS);
            try (var successor = restartable(server)) {
                successor.port();
                int then = publisher.acknowledged() + 10;
                Eventually.until("events are published again", () -> publisher.acknowledged() >= then);
                int last = publisher.finish();
                Eventually.until(
                        () -> "all have all: " + browsers.open() + browsers.failures(), () -> browsers.allHave(last));
                assertEquals(List.of(), browsers.failures());
            }
        }
    }

    /** Shows that the previous test proves something. */
    @Test
    @Timeout(120)
    void behindABareNginxBrowsersNeverReconnect() throws Exception {
        int server = Proxy.freePort();
        try (var proxy = bareNginx(folder, server, "");
                var publisher = new NumberPublisher(proxy.port(), "/numbers", TOKEN, Duration.ofMillis(20));
                var browsers = new Swarm()) {
            stopUnder(server, proxy, publisher, browsers);
            Eventually.until(
                    () -> "all are lost: " + browsers.failures(),
                    () -> browsers.failures().equals(Collections.nCopies(BROWSERS, "refused: 502")));
        }
    }

    /** Has browsers read what is published, and asks Crier to stop. */
    private void stopUnder(int server, Proxy proxy, NumberPublisher publisher, Swarm browsers) throws Exception {
        try (var crier = restartable(server)) {
            crier.port();
            browsers.join(BROWSERS, proxy.port(), "/numbers?lastEventId=earliest");
            publisher.start();
            Eventually.until(() -> "all read: " + browsers.failures(), () -> browsers.allHave(10));
            crier.terminate();
            assertEquals(0, crier.exitStatus());
        }
    }

    private CrierProcess restartable(int port) throws IOException {
        return CrierProcess.start(
                folder,
                "-conf",
                "{\"host\": \"127.0.0.1\", \"port\": " + port
                        + ", \"retry\": \"PT0.2S\", \"shutdown\": {\"drain\": \"PT0.5S\"},"
                        + " \"log\": {\"store\": \"sqlite\"}, \"publish\": {\"tokens\": [\"" + TOKEN + "\"]},"
                        + " \"channels\": {\"/numbers\": {\"keep\": {\"events\": 100000}, \"publish\": true}}}");
    }

    /**
     * Threat: a client claims other addresses, to get around the limit of its own or to use up that of another client. Crier
     * must count the address from which the proxy's connection comes.
     */
    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "BARE_NGINX")
    void forgedAddressesNeitherEvadeNorUseUpALimit(Front front) throws Exception {
        String[][] forgeries = {
            {"X-Forwarded-For: 127.0.0.3"},
            {"X-Forwarded-For: 127.0.0.3, 127.0.0.1"},
            {"X-Forwarded-For: 127.0.0.3", "X-Forwarded-For: 127.0.0.3"},
            {"x-forwarded-for: 127.0.0.3", "X_Forwarded_For: 127.0.0.3"},
            {"Forwarded: for=127.0.0.3"},
            {"Forwarded: for=127.0.0.3", "X-Forwarded-For: 127.0.0.3"},
            {"Connection: X-Forwarded-For, Forwarded", "X-Forwarded-For: 127.0.0.3"},
        };
        try (var crier = crierThatCountsAddresses();
                var proxy = front.before(folder, crier.port(), false);
                var attacker = subscribe("127.0.0.2", proxy.port(), forgeries[0])) {
            assertEquals("HTTP/1.1 200 OK", attacker.head().get(0));
            for (String[] forgery : forgeries) {
                try (var another = subscribe("127.0.0.2", proxy.port(), forgery)) {
                    String status = another.head().get(0);
                    // Envoy rejects the last forgery itself
                    assertTrue(
                            status.matches("HTTP/1.1 (429|400) .*"), () -> String.join("; ", forgery) + ": " + status);
                }
            }
            try (var claimed = subscribe("127.0.0.3", proxy.port(), "Accept: text/event-stream")) {
                assertEquals("HTTP/1.1 200 OK", claimed.head().get(0));
            }
        }
    }

    /** Shows that the previous test proves something. */
    @Test
    void behindABareNginxForgedAddressesEvadeALimit() throws Exception {
        try (var crier = crierThatCountsAddresses();
                var proxy = bareNginx(folder, crier.port(), "");
                var attacker = subscribe("127.0.0.2", proxy.port(), "X-Forwarded-For: 127.0.0.3");
                var again = subscribe("127.0.0.2", proxy.port(), "X-Forwarded-For: 127.0.0.4")) {
            assertEquals("HTTP/1.1 200 OK", attacker.head().get(0));
            assertEquals("HTTP/1.1 200 OK", again.head().get(0));
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
