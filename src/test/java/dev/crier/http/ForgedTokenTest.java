package dev.crier.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.testing.Eventually;
import dev.crier.testing.RawClient;
import dev.crier.testing.RunningCrier;
import dev.crier.testing.Scrape;
import dev.crier.testing.SigningKey;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Threat: any client can make Crier verify the signature of a forged token with each request. */
class ForgedTokenTest {

    private static final String TOKEN = "a-token-of-the-tests";
    private static final int MOST_FORGED = 100;

    private RunningCrier crier;
    private SigningKey key;
    private SigningKey secret;
    private String good;
    private String forged;

    @BeforeEach
    void start(@TempDir Path folder) throws Exception {
        key = SigningKey.of("ES256");
        secret = SigningKey.secret("a secret of the tests, of 32 bytes and more");
        var orders = new JsonObject()
                .put("read", "token")
                .put("publish", true)
                .put("keep", new JsonObject().put("events", 1000));
        crier = new RunningCrier(new JsonObject()
                .put("channels", new JsonObject().put("/orders", orders))
                .put("management", new JsonObject().put("port", 0))
                .put("publish", new JsonObject().put("tokens", new JsonArray().add(TOKEN)))
                .put(
                        "jwt",
                        new JsonObject()
                                .put("secrets", new JsonArray().add(secret.text()))
                                .put(
                                        "keys",
                                        new JsonArray().add(key.pemIn(folder).toString()))));
        good = key.sign(claims());
        forged = SigningKey.of("ES256").sign(claims());
    }

    @AfterEach
    void stop() throws Exception {
        crier.close();
    }

    private static JsonObject claims() {
        var all = new JsonArray().add("/orders");
        return new JsonObject()
                .put("exp", System.currentTimeMillis() / 1000 + 600)
                .put("crier", new JsonObject().put("read", all).put("publish", all));
    }

    private static String post(String token, String body) {
        return "POST /orders HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer " + token + "\r\nContent-Length: "
                + body.length() + "\r\n\r\n" + body;
    }

    private static String head(String token) {
        return "HEAD /orders HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer " + token + "\r\n\r\n";
    }

    private List<String> answer(String request) throws Exception {
        try (var client = new RawClient(crier.port())) {
            client.send(request);
            return client.head();
        }
    }

    /** Sends forged tokens until the address is refused, and returns the head of that response. */
    private List<String> forgeUntilRefused() throws Exception {
        List<String> answer = answer(head(forged));
        int forgeries = 0;
        while (!answer.get(0).contains(" 429 ")) {
            forgeries++;
            assertTrue(forgeries < 20 * MOST_FORGED, "there is no limit");
            answer = answer(head(forged));
        }
        assertTrue(forgeries >= MOST_FORGED, "the limit is too low");
        return answer;
    }

    @Test
    void anAddressWithTooManyForgedTokensIsRefusedFor1Second() throws Exception {
        List<String> answer = forgeUntilRefused();
        assertTrue(answer.stream().anyMatch(line -> line.equalsIgnoreCase("retry-after: 1")), answer.toString());
    }

    @Test
    void aSubscriberOfAnAddressWithTooManyForgedTokensGetsARetryStream() throws Exception {
        forgeUntilRefused();
        String get = head(forged).replaceFirst("HEAD", "GET");
        Eventually.until("a retry stream instead of status 401", () -> {
            try (var client = new RawClient(crier.port())) {
                client.send(get);
                return client.head().get(0).equals("HTTP/1.1 200 OK")
                        && client.rest().contains("retry: ");
            }
        });
    }

    @Test
    void tokensThatAreQuickToVerifyAreAcceptedFromARefusedAddress() throws Exception {
        forgeUntilRefused();
        assertEquals("HTTP/1.1 201 Created", answer(post(TOKEN, "x")).get(0));
        assertEquals(
                "HTTP/1.1 201 Created", answer(post(secret.sign(claims()), "x")).get(0));
        Eventually.until(
                "the token is verified again", () -> answer(head(good)).get(0).equals("HTTP/1.1 200 OK"));
    }

    @Test
    void anInvalidTokenClosesTheConnectionAfterTheWholeResponse() throws Exception {
        for (String bad : List.of(forged, "not-a-token-of-crier", secret.sign(claims()) + "x")) {
            try (var client = new RawClient(crier.port())) {
                client.send(post(bad, "x".repeat(60_000)) + post(TOKEN, "hidden"));
                String answer = client.rest();
                assertTrue(answer.startsWith("HTTP/1.1 401 Unauthorized\r\n"), answer);
                assertTrue(answer.toLowerCase().contains("\r\nconnection: close\r\n"), answer);
                assertTrue(answer.endsWith("}"), answer);
                assertEquals(2, answer.split("HTTP/1.1 ", -1).length, answer);
            }
        }
    }

    @Test
    void aTokenThatLacksThePermissionLeavesTheConnectionOpen() throws Exception {
        String reading = key.sign(claims().put("crier", new JsonObject().put("read", new JsonArray().add("/orders"))));
        try (var client = new RawClient(crier.port())) {
            client.send(post(reading, "x") + head(good));
            assertEquals("HTTP/1.1 403 Forbidden", client.head().get(0));
            client.readThrough("}");
            assertEquals("HTTP/1.1 200 OK", client.head().get(0));
        }
    }

    /** The body arrives while the token is being verified. */
    @Test
    void theBodyOfAPublicationWaitsForTheVerification() throws Exception {
        var bodies = new ArrayList<String>();
        try (var subscriber = new RawClient(crier.port());
                var client = new RawClient(crier.port())) {
            subscriber.send("GET /orders HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer " + good + "\r\n\r\n");
            subscriber.head();
            Eventually.until("the subscriber has joined", () -> crier.subscribers() == 1);
            var requests = new StringBuilder();
            for (int i = 0; i < 30; i++) {
                bodies.add(String.valueOf((char) ('a' + i % 26)).repeat(1 + i * 2000));
                requests.append(post(good, bodies.get(i)));
            }
            client.send(requests.toString());
            for (String body : bodies) {
                assertEquals("HTTP/1.1 201 Created", client.head().get(0));
                client.readThrough("}");
                subscriber.readThrough("data: " + body + "\n");
            }
        }
    }

    @Test
    void aClientThatLeavesDuringTheVerificationLeavesNothingOpen() throws Exception {
        for (int i = 0; i < 30; i++) {
            for (String request :
                    List.of(head(good), post(good, "x"), "GET" + head(good).substring(4))) {
                var client = new RawClient(crier.port());
                client.send(request);
                client.reset();
            }
        }
        Eventually.until("all subscribers have left", () -> crier.subscribers() == 0);
        Eventually.until("all connections are closed", () -> Scrape.of(crier).value("crier_connections") == 0);
        assertEquals("HTTP/1.1 201 Created", answer(post(good, "x")).get(0));
    }
}
