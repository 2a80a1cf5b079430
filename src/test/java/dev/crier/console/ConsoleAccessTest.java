package dev.crier.console;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.config.file.ConfException;
import dev.crier.testing.Eventually;
import dev.crier.testing.RawClient;
import dev.crier.testing.RunningCrier;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Who may use the console and the rest of the management listener. */
class ConsoleAccessTest {

    private static final String TOKEN = "management-token-1";
    private static final String BEARER = "Authorization: Bearer " + TOKEN;

    private static JsonObject withToken() {
        return ConsoleClient.conf("""
            "management": {"tokens": ["management-token-1"]}, "publish": {"tokens": ["publish-token-123"]},
            "channels": {"/news": {"keep": {"events": 9}, "publish": true, "read": "token"}},
            "read": {"tokens": ["read-token-123456"]}\
            """);
    }

    private static String status(int port, String requestLine, String... headers) throws Exception {
        return head(port, requestLine, headers).get(0).split(" ")[1];
    }

    private static List<String> head(int port, String requestLine, String... headers) throws Exception {
        var all = new ArrayList<>(List.of(headers));
        all.add("Content-Length: 0");
        try (var client = RawClient.request(port, requestLine, all.toArray(String[]::new))) {
            return client.head();
        }
    }

    /** Sends a request to this host, which need not be the one that the connection leads to. */
    private static String statusFor(int port, String host, String path) throws Exception {
        try (var client = new RawClient(port)) {
            client.send("GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\n\r\n");
            return client.head().get(0).split(" ")[1];
        }
    }

    private static Optional<String> cookie(List<String> head) {
        return head.stream()
                .filter(line -> line.toLowerCase().startsWith("set-cookie: "))
                .map(line -> line.substring("set-cookie: ".length()))
                .findFirst();
    }

    private static String login(int port) throws Exception {
        return cookie(head(port, "POST /console/login", BEARER)).orElseThrow().split(";")[0];
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"/metrics", "/console/stats", "/console/channels", "/console/log/news", "/console/events", "/x"})
    void withTokensEveryRequestNeedsOne(String path) throws Exception {
        try (var crier = new RunningCrier(withToken())) {
            int port = crier.managementPort();
            List<String> head = head(port, "GET " + path);
            assertEquals("HTTP/1.1 401 Unauthorized", head.get(0));
            assertTrue(
                    head.stream().anyMatch("WWW-Authenticate: Bearer realm=\"crier\""::equalsIgnoreCase),
                    head.toString());
            assertEquals("401", status(port, "GET " + path, "Authorization: Bearer publish-token-123"));
            assertEquals("401", status(port, "GET " + path, "Authorization: Bearer read-token-123456"));
            assertEquals("401", status(port, "GET " + path, "Cookie: crier_console=" + TOKEN));
            assertNotEquals("401", status(port, "GET " + path, BEARER));
        }
    }

    @Test
    void healthAndThePagesNeedNoToken() throws Exception {
        try (var crier = new RunningCrier(withToken())) {
            int port = crier.managementPort();
            assertEquals("200", status(port, "GET /health/live"));
            assertEquals("200", status(port, "GET /health/ready"));
            assertEquals("200", status(port, "GET /console/page-of-a-test.txt"));
        }
    }

    @Test
    void theCookieOfALoginOpensTheConsoleAndNothingElse() throws Exception {
        try (var crier = new RunningCrier(withToken())) {
            int port = crier.managementPort();
            List<String> head = head(port, "POST /console/login", BEARER);
            assertEquals("HTTP/1.1 204 No Content", head.get(0));
            String cookie = cookie(head).orElseThrow();
            assertTrue(cookie.endsWith("; Path=/console/; HttpOnly; SameSite=Strict"), cookie);
            assertFalse(cookie.contains(TOKEN), cookie);
            String pair = "Cookie: " + cookie.split(";")[0];
            new ConsoleClient(port, "/console/stats", pair).close();
            new ConsoleClient(port, "/console/log/news", pair).close();
            String secret = cookie.split(";")[0].split("=")[1];
            assertEquals("401", status(port, "GET /metrics", "Authorization: Bearer " + secret));
            assertEquals("401", status(port, "GET /console/stats", "Cookie: crier_console=" + secret + "x"));
            assertTrue(cookie(head(port, "POST /console/login", BEARER, "X-Forwarded-Proto: https"))
                    .orElseThrow()
                    .endsWith("; Secure"));
        }
    }

    @Test
    void theCookieIsGoodAfterARestartSoAnOpenConsoleGoesOn() throws Exception {
        String pair;
        try (var crier = new RunningCrier(withToken())) {
            pair = login(crier.managementPort());
        }
        try (var crier = new RunningCrier(withToken())) {
            new ConsoleClient(crier.managementPort(), "/console/stats", "Cookie: " + pair).close();
        }
    }

    @Test
    void aWrongTokenGetsNoCookieAndClosesTheConnection() throws Exception {
        try (var crier = new RunningCrier(withToken());
                var client = RawClient.request(
                        crier.managementPort(), "POST /console/login", "Authorization: Bearer wrong-token-12345")) {
            List<String> head = client.head();
            assertEquals("HTTP/1.1 401 Unauthorized", head.get(0));
            assertEquals(Optional.empty(), cookie(head));
            assertEquals(Optional.of("close"), client.header(head, "Connection"));
            client.rest(); // ends
        }
    }

    @Test
    void manyWrongTokensOfAnAddressAreRefusedForAWhileAlsoTheRightOne() throws Exception {
        try (var crier = new RunningCrier(withToken())) {
            int port = crier.managementPort();
            int guesses = 0;
            while (status(port, "POST /console/login", "Authorization: Bearer wrong-token-" + guesses)
                    .equals("401")) {
                assertTrue(++guesses < 1_000, "never refused");
            }
            assertTrue(guesses >= 100, guesses + " guesses");
            List<String> head = head(port, "GET /metrics", BEARER);
            if (!head.get(0).equals("HTTP/1.1 200 OK")) { // the wait may be over already
                assertEquals("HTTP/1.1 429 Too Many Requests", head.get(0));
                assertTrue(head.stream().anyMatch(line -> line.toLowerCase().startsWith("retry-after: ")));
            }
        }
    }

    /** The attack: a page lets its own host name resolve to 127.0.0.1, and reads the console of whoever opens the page. */
    @Test
    void withoutTokensOnlyRequestsToThisMachineAreAnswered() throws Exception {
        try (var crier = new RunningCrier(ConsoleClient.conf())) {
            int port = crier.managementPort();
            for (String host : List.of("localhost", "LOCALHOST:" + port, "127.0.0.1:1234", "[::1]", "[::1]:80")) {
                assertEquals("200", statusFor(port, host, "/console/stats"), host);
                assertEquals("200", statusFor(port, host, "/metrics"), host);
            }
            for (String host : List.of("evil.example", "evil.example:" + port, "localhost.evil.example", "127.0.0.2")) {
                assertEquals("403", statusFor(port, host, "/console/stats"), host);
                assertEquals("403", statusFor(port, host, "/console/log/currentTime"), host);
                assertEquals("403", statusFor(port, host, "/console/page-of-a-test.txt"), host);
                assertEquals("403", statusFor(port, host, "/metrics"), host);
                assertEquals("200", statusFor(port, host, "/health/ready"), host);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "Origin: https://evil.example, 403",
        "Origin: null, 403",
        "Sec-Fetch-Site: cross-site, 403",
        "Sec-Fetch-Site: same-site, 403",
        "Sec-Fetch-Site: same-origin, 200",
        "Sec-Fetch-Site: none, 200"
    })
    void pagesOfOtherOriginsHoldNoStreams(String header, String status) throws Exception {
        try (var crier = new RunningCrier(ConsoleClient.conf())) {
            int port = crier.managementPort();
            assertEquals(status, status(port, "GET /console/stats", header));
            assertEquals(status, status(port, "GET /console/log/currentTime", header));
            assertEquals(status.equals("200") ? "204" : "403", status(port, "POST /console/login", header));
            assertEquals("200", status(port, "GET /console/stats", "Origin: http://127.0.0.1:" + port));
        }
    }

    @Test
    void thePagesHaveStrictHeadersAndTheStreamsAllowNoOtherOrigin() throws Exception {
        try (var crier = new RunningCrier(ConsoleClient.conf())) {
            int port = crier.managementPort();
            String page = String.join("\n", head(port, "GET /console/page-of-a-test.txt"));
            assertTrue(page.contains("default-src 'none'; script-src 'self'; style-src 'self';"), page);
            assertTrue(page.contains("frame-ancestors 'none'"), page);
            assertTrue(page.toLowerCase().contains("x-content-type-options: nosniff"), page);
            assertTrue(page.toLowerCase().contains("cross-origin-resource-policy: same-origin"), page);
            for (String path : List.of("/console/stats", "/console/log/currentTime")) {
                String stream = String.join("\n", head(port, "GET " + path)).toLowerCase();
                assertTrue(stream.contains("content-type: text/event-stream"), stream);
                assertFalse(stream.contains("access-control-"), stream);
                assertTrue(stream.contains("cache-control: no-store"), stream);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/console/../conf/config.json",
                "/console/%2e%2e/conf/config.json",
                "/console/.hidden.txt",
                "/console/sub/page.txt",
                "/console/page-of-a-test.class",
                "/console/log/",
                "/console/missing.html"
            })
    void otherPathsAreNoPages(String path) throws Exception {
        try (var crier = new RunningCrier(ConsoleClient.conf())) {
            assertTrue(List.of("400", "404").contains(status(crier.managementPort(), "GET " + path)), path);
        }
    }

    @Test
    void whoMayUseTheConsoleReadsEveryChannelButPublishesOnlyWithAPublishToken() throws Exception {
        try (var crier = new RunningCrier(withToken())) {
            int port = crier.managementPort();
            String cookie = "Cookie: " + login(port);
            try (var news = new ConsoleClient(port, "/console/log/news", cookie)) {
                assertEquals("401", status(port, "POST /console/log/news", cookie));
                assertEquals("401", status(port, "POST /console/log/news", cookie, BEARER));
                try (var publisher =
                        RawClient.publish(port, "/console/log/news", "publish-token-123", "{\"a\":1}", cookie)) {
                    assertEquals("HTTP/1.1 200 OK", publisher.head().get(0).replace("201 Created", "200 OK"));
                }
                assertEquals(1, news.next().getInteger("a"));
            }
            assertEquals("405", status(port, "POST /console/stats", cookie));
            assertEquals("401", status(port, "POST /console/log/news", "Authorization: Bearer publish-token-123"));
        }
    }

    @Test
    void withoutTheKeyThereIsNoConsole() throws Exception {
        try (var crier = new RunningCrier(new JsonObject("{\"management\": {\"port\": 0}}"))) {
            for (String path : List.of("/console", "/console/", "/console/stats", "/console/page-of-a-test.txt")) {
                assertEquals("404", status(crier.managementPort(), "GET " + path), path);
            }
            assertEquals("404", status(crier.port(), "GET /console/page-of-a-test.txt"));
        }
    }

    @Test
    void theMainListenerNeverServesTheConsole() throws Exception {
        try (var crier = new RunningCrier(ConsoleClient.conf())) {
            for (String path : List.of("/console", "/console/", "/console/stats", "/console/page-of-a-test.txt")) {
                assertEquals("404", status(crier.port(), "GET " + path), path);
            }
            assertEquals("308", status(crier.managementPort(), "GET /console"));
        }
    }

    @Test
    void aConsoleThatOtherMachinesCanReachNeedsAToken() {
        var open = ConsoleClient.conf("\"management\": {\"host\": \"0.0.0.0\"}");
        var mistakes = assertThrows(ConfException.class, () -> new RunningCrier(open).close());
        assertEquals(
                List.of("management.tokens: none (expected: a token, because the console is on and management.host is"
                        + " not a loopback address)"),
                mistakes.errors());
        var unserved = new JsonObject("{\"management\": {\"console\": true}}");
        assertEquals(
                "management.console: true (expected: false, unless management.port is set, because the console is"
                        + " served there)",
                assertThrows(ConfException.class, () -> new RunningCrier(unserved).close())
                        .getMessage());
    }

    @Test
    void streamsLeaveHalfOfTheConnectionsToHealthChecks() throws Exception {
        try (var crier = new RunningCrier(ConsoleClient.conf())) {
            var open = new ArrayList<ConsoleClient>();
            String refused = "";
            while (refused.isEmpty()) {
                try {
                    open.add(ConsoleClient.stats(crier));
                } catch (AssertionError head) {
                    refused = head.getMessage();
                }
            }
            assertTrue(refused.contains("503 Service Unavailable"), refused);
            assertEquals("200", status(crier.managementPort(), "GET /health/ready"));
            assertEquals("503", status(crier.managementPort(), "GET /console/log/currentTime"));
            open.remove(0).close();
            Eventually.until(
                    "a stream is free",
                    () -> status(crier.managementPort(), "GET /console/stats").equals("200"));
            for (ConsoleClient client : open) {
                client.close();
            }
        }
    }
}
