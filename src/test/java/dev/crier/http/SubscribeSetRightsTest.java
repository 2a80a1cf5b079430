package dev.crier.http;

import static dev.crier.testing.Answers.assertProblem;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.crier.testing.RunningCrier;
import dev.crier.testing.SigningKey;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.client.HttpResponse;
import io.vertx.ext.web.client.WebClient;
import io.vertx.ext.web.client.WebClientOptions;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every channel of a subscription has its own rule. What a pattern of a JWT covers is shown by {@code JwtClaimsTest}. */
class SubscribeSetRightsTest {

    private static final String READ_TOKEN = "a-subscriber-token";
    private static final String PUBLISH_TOKEN = "a-publisher-token";
    private static final String CHALLENGE = "Bearer realm=\"crier\"";
    private static final String FORM = "application/x-www-form-urlencoded";
    private static final SigningKey FAST = SigningKey.secret("a secret of the tests, of 32 bytes and more");

    @TempDir
    private static Path folder;

    private SigningKey slow;
    private RunningCrier crier;
    private WebClient web;
    private WebClient http2;

    @BeforeEach
    void start() throws Exception {
        slow = SigningKey.of("ES256");
        var restricted = new JsonObject().put("read", "token").put("publish", true);
        crier = new RunningCrier(new JsonObject()
                .put("http", new JsonObject().put("h2c", true))
                .put(
                        "channels",
                        new JsonObject()
                                .put("/open", new JsonObject())
                                .put("/secret", restricted)
                                .put("/orders/:id", restricted))
                .put("read", new JsonObject().put("tokens", List.of(READ_TOKEN)))
                .put("publish", new JsonObject().put("tokens", List.of(PUBLISH_TOKEN)))
                .put(
                        "jwt",
                        new JsonObject()
                                .put("secrets", List.of(FAST.text()))
                                .put("keys", List.of(slow.pemIn(folder).toString()))));
        web = WebClient.create(crier.vertx());
        http2 = WebClient.create(
                crier.vertx(),
                new WebClientOptions().setProtocolVersion(HttpVersion.HTTP_2).setHttp2ClearTextUpgrade(false));
    }

    @AfterEach
    void stop() throws Exception {
        web.close();
        http2.close();
        crier.close();
    }

    private HttpResponse<Buffer> ask(HttpMethod method, String channels, String header, String value) throws Exception {
        return RunningCrier.await(web.request(method, crier.port(), "127.0.0.1", "/events" + query(channels))
                .putHeader(header, value)
                .send());
    }

    private HttpResponse<Buffer> ask(HttpMethod method, String channels, String token) throws Exception {
        return ask(method, channels, "Authorization", "Bearer " + token);
    }

    private static String query(String channels) {
        return "?channel=" + channels.replace(" ", "&channel=");
    }

    private static String jwt(SigningKey key, String... patterns) throws Exception {
        return key.sign(new JsonObject()
                .put("exp", System.currentTimeMillis() / 1000 + 60)
                .put("crier", new JsonObject().put("read", new JsonArray(List.of(patterns)))));
    }

    private static String detail(HttpResponse<Buffer> answer) {
        return answer.bodyAsJsonObject().getString("detail");
    }

    @Test
    void channelsThatNeedNoTokenIgnoreTokens() throws Exception {
        var answer = ask(HttpMethod.HEAD, "/open", "wrong");
        assertEquals(200, answer.statusCode());
        assertEquals("no-cache, no-transform", answer.getHeader("Cache-Control"));
    }

    @Test
    void oneChannelThatNeedsATokenMakesTheWholeRequestUnauthorizedWithoutOne() throws Exception {
        var answer = ask(HttpMethod.GET, "/open /secret", "X", "y");
        assertProblem(401, "Unauthorized", answer);
        assertEquals(CHALLENGE, answer.getHeader("WWW-Authenticate"));
        assertEquals("Reading /secret needs a bearer token.", detail(answer));
        assertProblem(401, "Unauthorized", ask(HttpMethod.GET, "/open /secret", "wrong"));
        assertProblem(401, "Unauthorized", ask(HttpMethod.GET, "/orders/:id", "X", "y"));
        assertProblem(401, "Unauthorized", ask(HttpMethod.GET, "/orders/42", "X", "y"));
    }

    @Test
    void aReadTokenOfTheConfigurationGrantsAllChannels() throws Exception {
        for (var answer : List.of(
                ask(HttpMethod.HEAD, "/open /secret /orders/:id /orders/42", READ_TOKEN),
                ask(HttpMethod.HEAD, "/open /secret", "Cookie", "crier_token=" + READ_TOKEN))) {
            assertEquals(200, answer.statusCode());
            assertEquals("no-store, no-transform", answer.getHeader("Cache-Control"));
        }
    }

    @Test
    void aPublishTokenGrantsNoReading() throws Exception {
        var answer = ask(HttpMethod.GET, "/open /secret", PUBLISH_TOKEN);
        assertProblem(403, "Forbidden", answer);
        assertEquals("Reading /secret needs a permission that this token does not grant.", detail(answer));
    }

    @ParameterizedTest
    @CsvSource({
        "/secret,               /secret,                    ",
        "/secret,               /open /secret,              ",
        "/secret /orders/42,    /orders/42 /secret,         ",
        "/orders/:id,           /orders/:id /orders/42,     ",
        "/orders/:x,            /orders/:id,                ",
        "/:a/:b,                /orders/:id /orders/42,     ",
        "/secret,               /secret /orders/42,         /orders/42",
        "/orders/42,            /orders/42 /orders/43,      /orders/43",
        "/orders/42,            /orders/42 /orders/:id,     /orders/:id",
        "/orders/:id,           /open /orders/:id /secret,  /secret",
        "/open,                 /open /secret,              /secret"
    })
    void aJwtMustGrantEachChannelThatNeedsAToken(String granted, String asked, String denied) throws Exception {
        for (SigningKey key : List.of(FAST, slow)) {
            String token = jwt(key, granted.split(" "));
            assertEquals(
                    denied == null ? 200 : 403,
                    ask(HttpMethod.HEAD, asked, token).statusCode());
            if (denied != null) {
                for (var answer : List.of(
                        ask(HttpMethod.GET, asked, token), post(web, asked, token), post(http2, asked, token))) {
                    assertProblem(403, "Forbidden", answer);
                    assertEquals(CHALLENGE + ", error=\"insufficient_scope\"", answer.getHeader("WWW-Authenticate"));
                    assertEquals(
                            "Reading " + denied + " needs a permission that this token does not grant.",
                            detail(answer));
                }
            }
        }
    }

    private HttpResponse<Buffer> post(WebClient client, String channels, String token) throws Exception {
        return RunningCrier.await(client.post(crier.port(), "127.0.0.1", "/events")
                .putHeader("Content-Type", FORM)
                .putHeader("Authorization", "Bearer " + token)
                .sendBuffer(Buffer.buffer(query(channels).substring(1))));
    }

    /** Each address may have a hundred tokens verified in vain. */
    @Test
    void aTokenIsVerifiedOnceForAllChannels() throws Exception {
        String channels = IntStream.range(0, 60).mapToObj(i -> "/orders/" + i).collect(Collectors.joining(" "));
        String forged = jwt(SigningKey.of("ES256"), "/orders/:id");
        for (int i = 0; i < 3; i++) {
            assertProblem(401, "Unauthorized", ask(HttpMethod.GET, channels, forged));
        }
    }
}
