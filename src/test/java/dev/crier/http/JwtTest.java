package dev.crier.http;

import static dev.crier.testing.Answers.assertProblem;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.testing.Eventually;
import dev.crier.testing.RawClient;
import dev.crier.testing.RunningCrier;
import dev.crier.testing.SigningKey;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.client.HttpResponse;
import io.vertx.ext.web.client.WebClient;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a JWT permits over HTTP. Which JWTs are valid is shown by {@code ForgedJwtTest} and {@code JwtClaimsTest}. */
class JwtTest {

    private static final SigningKey KEY = SigningKey.secret("a secret of the tests, of 32 bytes and more");
    private static final String CHALLENGE = "Bearer realm=\"crier\"";

    private RunningCrier crier;
    private WebClient web;

    @BeforeEach
    void start() throws Exception {
        var secret = new JsonObject()
                .put("read", "token")
                .put("publish", true)
                .put("keep", new JsonObject().put("events", 10));
        crier = new RunningCrier(new JsonObject()
                .put("heartbeat", "PT0.4S")
                .put("limits", new JsonObject().put("publicationsPerSecond", 10))
                .put("subscriber", new JsonObject().put("stallTimeout", "PT0.4S"))
                .put("channels", new JsonObject().put("/orders/:id", secret))
                .put("jwt", new JsonObject().put("secrets", List.of(KEY.text())).put("leeway", "PT0S")));
        web = WebClient.create(crier.vertx());
    }

    @AfterEach
    void stop() throws Exception {
        web.close();
        crier.close();
    }

    private static String token(double seconds, String permission, String pattern) throws Exception {
        return KEY.sign(new JsonObject()
                .put("exp", System.currentTimeMillis() / 1000.0 + seconds)
                .put("crier", new JsonObject().put(permission, new JsonArray().add(pattern))));
    }

    private HttpResponse<Buffer> ask(HttpMethod method, String path, String header, String value) throws Exception {
        return RunningCrier.await(web.request(method, crier.port(), "127.0.0.1", path)
                .putHeader(header, value)
                .sendBuffer(Buffer.buffer("an order")));
    }

    private void assertAnswer(int status, HttpMethod method, String path, String token) throws Exception {
        assertEquals(
                status, ask(method, path, "Authorization", "Bearer " + token).statusCode());
    }

    @Test
    void aJwtPermitsReadingTheChannelsThatItNames() throws Exception {
        String token = token(60, "read", "/orders/:id");
        assertAnswer(200, HttpMethod.HEAD, "/orders/42", token);
        assertAnswer(200, HttpMethod.HEAD, "/orders/43", token);
        assertAnswer(403, HttpMethod.POST, "/orders/42", token);
        assertEquals(
                200,
                ask(HttpMethod.HEAD, "/orders/42", "Cookie", "crier_token=" + token)
                        .statusCode());
    }

    @Test
    void aJwtPermitsPublishingToTheChannelsThatItNamesButNotInACookie() throws Exception {
        String token = token(60, "publish", "/orders/42");
        assertAnswer(201, HttpMethod.POST, "/orders/42", token);
        assertAnswer(403, HttpMethod.POST, "/orders/43", token);
        assertAnswer(403, HttpMethod.GET, "/orders/42", token);
        assertEquals(
                401,
                ask(HttpMethod.POST, "/orders/42", "Cookie", "crier_token=" + token)
                        .statusCode());
    }

    /** The last character of a signature has unused bits, so the same token has four spellings. */
    @Test
    void allSpellingsOfAJwtShareOneRateLimit() throws Exception {
        String token = token(60, "publish", "/orders/42");
        String alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        int last = alphabet.indexOf(token.charAt(token.length() - 1));
        var spellings = IntStream.range(0, 4)
                .mapToObj(bits -> token.substring(0, token.length() - 1) + alphabet.charAt(last / 4 * 4 + bits))
                .toList();
        var statuses = new TreeSet<Integer>();
        for (int i = 0; i < 40; i++) {
            statuses.add(ask(HttpMethod.POST, "/orders/42", "Authorization", "Bearer " + spellings.get(i % 4))
                    .statusCode());
        }
        assertEquals(Set.of(201, 429), statuses);
    }

    @Test
    void aChannelThatAJwtDoesNotNameIsForbidden() throws Exception {
        var answer = ask(HttpMethod.GET, "/orders/42", "Authorization", "Bearer " + token(60, "read", "/orders/43"));
        assertProblem(403, "Forbidden", answer);
        assertEquals(CHALLENGE + ", error=\"insufficient_scope\"", answer.getHeader("WWW-Authenticate"));
    }

    @Test
    void anExpiredJwtIsUnauthorizedWithTheReason() throws Exception {
        var answer = ask(HttpMethod.GET, "/orders/42", "Authorization", "Bearer " + token(-1, "read", "/orders/42"));
        assertProblem(401, "Unauthorized", answer);
        assertEquals(
                CHALLENGE + ", error=\"invalid_token\", error_description=\"The token has expired.\"",
                answer.getHeader("WWW-Authenticate"));
    }

    @Test
    void aStreamEndsWhenItsJwtExpiresAndCannotBeReopened() throws Exception {
        crier.publish("/orders/42", "in time");
        String request = "GET /orders/42?lastEventId=earliest";
        String header = "Authorization: Bearer " + token(1.5, "read", "/orders/42");
        try (var client = RawClient.request(crier.port(), request, header)) {
            assertEquals("HTTP/1.1 200 OK", client.head().get(0));
            String stream = client.rest();
            assertTrue(stream.contains("data: in time\nid: "), stream);
            assertTrue(
                    stream.matches("(?s).*retry: 2000\nevent: crier.end\ndata: \\{}\nid: \\d+-\\d+\n\n\r\n0\r\n\r\n"),
                    stream);
        }
        assertEquals(0, crier.subscribers());
        try (var client = RawClient.request(crier.port(), request, header)) {
            assertEquals("HTTP/1.1 401 Unauthorized", client.head().get(0));
        }
    }

    @Test
    void aStalledSubscriberIsClosedSoonAfterItsJwtExpires() throws Exception {
        try (var client = RawClient.slow(crier.port())) {
            client.send("GET /orders/42 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer "
                    + token(1.5, "read", "/orders/42") + "\r\n\r\n");
            assertEquals("HTTP/1.1 200 OK", client.head().get(0));
            String large = "x".repeat(1 << 20);
            Eventually.until("the subscriber is closed", () -> {
                crier.publish("/orders/42", large);
                return crier.subscribers() == 0;
            });
            assertThrows(IOException.class, () -> {
                while (true) {
                    client.chunk();
                }
            });
        }
    }

    /** With JWTs configured, Crier generates no publisher token. */
    @Test
    void aTokenThatIsNotAJwtIsUnauthorized() throws Exception {
        for (String token : List.of("", "wrong", KEY.text().replace(' ', '+'))) {
            assertAnswer(401, HttpMethod.POST, "/orders/42", token);
        }
    }

    @Test
    void aTokenThatIsTooLongIsRejected() throws Exception {
        assertAnswer(401, HttpMethod.GET, "/orders/42", "x".repeat(5_000));
        assertAnswer(431, HttpMethod.GET, "/orders/42", "x".repeat(20_000));
    }
}
