package dev.crier.http;

import static dev.crier.testing.Answers.assertProblem;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.crier.testing.RawClient;
import dev.crier.testing.RunningCrier;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.client.HttpResponse;
import io.vertx.ext.web.client.WebClient;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A channel that requires a token to read, with tokens from the configuration. Where the token of a request is found is shown
 * by {@code BearerTokenTest}.
 */
class ReadPermissionTest {

    private static final String TOKEN = "a-subscriber-token";
    private static final String PUBLISHER_TOKEN = "a-publisher-token";
    private static final String COOKIE = "crier_token=" + TOKEN;
    private static final String LISTED = "https://page.example";
    private static final String CHALLENGE = "Bearer realm=\"crier\"";
    private static final String INVALID_TOKEN =
            CHALLENGE + ", error=\"invalid_token\", error_description=\"Crier does not know this token.\"";

    private RunningCrier crier;
    private WebClient web;

    @BeforeEach
    void start() throws Exception {
        crier = new RunningCrier(conf(LISTED));
        web = WebClient.create(crier.vertx());
    }

    @AfterEach
    void stop() throws Exception {
        web.close();
        crier.close();
    }

    private static JsonObject conf(String origin) {
        var secret = new JsonObject().put("read", "token").put("publish", true);
        return new JsonObject()
                .put("channels", new JsonObject().put("/secret", secret).put("/open", new JsonObject()))
                .put("cors", new JsonObject().put("origins", List.of(origin)))
                .put("publish", new JsonObject().put("tokens", List.of(PUBLISHER_TOKEN)))
                .put("read", new JsonObject().put("tokens", List.of("another-subscriber-token", TOKEN)));
    }

    /** Sends a request with these headers, each a name followed by its value. */
    private HttpResponse<Buffer> ask(HttpMethod method, String... headers) throws Exception {
        var all = MultiMap.caseInsensitiveMultiMap();
        for (int i = 0; i < headers.length; i += 2) {
            all.add(headers[i], headers[i + 1]);
        }
        return RunningCrier.await(web.request(method, crier.port(), "127.0.0.1", "/secret")
                .putHeaders(all)
                .send());
    }

    private void assertReadable(String... headers) throws Exception {
        assertEquals(200, ask(HttpMethod.HEAD, headers).statusCode());
    }

    private void assertUnauthorized(String challenge, String... headers) throws Exception {
        var head = ask(HttpMethod.HEAD, headers);
        assertEquals(401, head.statusCode());
        assertEquals(challenge, head.getHeader("WWW-Authenticate"));
        var get = ask(HttpMethod.GET, headers);
        assertProblem(401, "Unauthorized", get);
        assertEquals(challenge, get.getHeader("WWW-Authenticate"));
    }

    @Test
    void aSubscriberWithATokenReceivesEventsThatNoCacheMayStore() throws Exception {
        crier.publish("/secret", "for you");
        try (var client = RawClient.request(crier.port(), "GET /secret", "Authorization: bearer " + TOKEN)) {
            List<String> head = client.head();
            assertEquals("HTTP/1.1 200 OK", head.get(0));
            assertEquals(
                    "no-store, no-transform",
                    client.header(head, "Cache-Control").orElse(""));
            assertEquals("retry: 2000\n", client.chunk());
            assertEquals("data: for you\n\n", client.chunk());
        }
    }

    @Test
    void readingWithoutATokenIsUnauthorized() throws Exception {
        assertUnauthorized(CHALLENGE);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", " ", "wrong", "a-subscriber-toke", "a-subscriber-tokenn", "A-subscriber-token", TOKEN + " x"
            })
    void readingWithAnInvalidTokenIsUnauthorized(String token) throws Exception {
        assertUnauthorized(INVALID_TOKEN, "Authorization", "Bearer " + token);
    }

    @ParameterizedTest
    @ValueSource(strings = {"wrong", ""})
    void readingWithAnInvalidCookieIsUnauthorized(String token) throws Exception {
        assertUnauthorized(INVALID_TOKEN, "Cookie", "crier_token=" + token);
    }

    @Test
    void anInvalidTokenInTheHeaderIsNotReplacedByTheCookie() throws Exception {
        assertUnauthorized(INVALID_TOKEN, "Cookie", COOKIE, "Authorization", "Bearer wrong");
    }

    /** The query is part of access logs and of the browser's history. */
    @ParameterizedTest
    @ValueSource(strings = {"access_token", "token", "crier_token", "authorization"})
    void aTokenInTheQueryIsIgnored(String key) throws Exception {
        try (var client = RawClient.request(crier.port(), "GET /secret?" + key + "=" + TOKEN)) {
            assertEquals("HTTP/1.1 401 Unauthorized", client.head().get(0));
        }
    }

    @Test
    void moreThanOneTokenIsABadRequest() throws Exception {
        for (var answer : List.of(
                ask(HttpMethod.GET, "Authorization", "Bearer " + TOKEN, "Authorization", "Bearer wrong"),
                ask(HttpMethod.GET, "Cookie", COOKIE + "; crier_token=another"))) {
            assertProblem(400, "Bad Request", answer);
            assertEquals(CHALLENGE + ", error=\"invalid_request\"", answer.getHeader("WWW-Authenticate"));
        }
    }

    @Test
    void aPublisherTokenCannotRead() throws Exception {
        var answer = ask(HttpMethod.GET, "Authorization", "Bearer " + PUBLISHER_TOKEN);
        assertProblem(403, "Forbidden", answer);
        assertEquals(CHALLENGE + ", error=\"insufficient_scope\"", answer.getHeader("WWW-Authenticate"));
    }

    @Test
    void aSubscriberTokenCannotPublish() throws Exception {
        var answer = ask(HttpMethod.POST, "Authorization", "Bearer " + TOKEN);
        assertProblem(403, "Forbidden", answer);
        assertEquals(CHALLENGE + ", error=\"insufficient_scope\"", answer.getHeader("WWW-Authenticate"));
        assertEquals(
                201,
                ask(HttpMethod.POST, "Authorization", "Bearer " + PUBLISHER_TOKEN)
                        .statusCode());
    }

    @Test
    void anOpenChannelIgnoresTokens() throws Exception {
        for (String header : List.of("Authorization: Bearer wrong", "Cookie: crier_token=wrong", "X: y")) {
            try (var client = RawClient.request(crier.port(), "GET /open", header)) {
                List<String> head = client.head();
                assertEquals("HTTP/1.1 200 OK", head.get(0));
                assertEquals(
                        "no-cache, no-transform",
                        client.header(head, "Cache-Control").orElse(""));
            }
        }
    }

    @Test
    void aCookiePermitsReading() throws Exception {
        assertReadable("Cookie", "a=b; " + COOKIE);
        assertReadable("Cookie", "a=b", "Cookie", COOKIE);
    }

    @ParameterizedTest
    @ValueSource(strings = {TOKEN, PUBLISHER_TOKEN})
    void aCookieNeverPermitsPublishing(String token) throws Exception {
        var answer = ask(HttpMethod.POST, "Cookie", "crier_token=" + token);
        assertProblem(401, "Unauthorized", answer);
        assertEquals(CHALLENGE, answer.getHeader("WWW-Authenticate"));
    }

    @Test
    void aListedOriginReadsWithACookieAndWithCredentials() throws Exception {
        var answer = ask(HttpMethod.HEAD, "Origin", LISTED, "Cookie", COOKIE);
        assertEquals(200, answer.statusCode());
        assertEquals(LISTED, answer.getHeader("Access-Control-Allow-Origin"));
        assertEquals("true", answer.getHeader("Access-Control-Allow-Credentials"));
        assertEquals("Origin", answer.getHeader("Vary"));
    }

    @Test
    void aListedOriginMayReadTheReasonForA401() throws Exception {
        var answer = ask(HttpMethod.GET, "Origin", LISTED);
        assertProblem(401, "Unauthorized", answer);
        assertEquals(LISTED, answer.getHeader("Access-Control-Allow-Origin"));
        assertEquals("true", answer.getHeader("Access-Control-Allow-Credentials"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"https://other.example", "http://page.example", "null", "https://page.example:444"})
    void anOriginThatIsNotListedIsForbiddenEvenWithATokenAndACookie(String origin) throws Exception {
        for (HttpMethod method : List.of(HttpMethod.GET, HttpMethod.OPTIONS)) {
            var answer = ask(
                    method,
                    "Origin",
                    origin,
                    "Access-Control-Request-Method",
                    "GET",
                    "Cookie",
                    COOKIE,
                    "Authorization",
                    "Bearer " + TOKEN);
            assertProblem(403, "Forbidden", answer);
            assertNull(answer.getHeader("Access-Control-Allow-Origin"));
            assertNull(answer.getHeader("Access-Control-Allow-Credentials"));
        }
    }

    @Test
    void ifAnyOriginMayReadAPageCannotUseTheCookie() throws Exception {
        try (var any = new RunningCrier(conf("*"));
                var client = RawClient.request(
                        any.port(), "GET /secret", "Origin: https://other.example", "Cookie: " + COOKIE)) {
            List<String> head = client.head();
            assertEquals("HTTP/1.1 401 Unauthorized", head.get(0));
            assertEquals(CHALLENGE, client.header(head, "WWW-Authenticate").orElse(""));
            assertEquals("*", client.header(head, "Access-Control-Allow-Origin").orElse(""));
            assertFalse(client.header(head, "Access-Control-Allow-Credentials").isPresent());
        }
    }

    @Test
    void ifAnyOriginMayReadAScriptCanSendAToken() throws Exception {
        try (var any = new RunningCrier(conf("*"));
                var client = RawClient.request(
                        any.port(), "GET /secret", "Origin: https://other.example", "Authorization: Bearer " + TOKEN)) {
            List<String> head = client.head();
            assertEquals("HTTP/1.1 200 OK", head.get(0));
            assertEquals("*", client.header(head, "Access-Control-Allow-Origin").orElse(""));
        }
    }

    @Test
    void aPageOfCrierReadsWithACookie() throws Exception {
        assertReadable("Origin", "http://127.0.0.1:" + crier.port(), "Cookie", COOKIE);
        assertReadable("Sec-Fetch-Site", "same-origin", "Cookie", COOKIE);
    }

    /** Threat: another site loads the channel as a script or an image. Such a request has no Origin. */
    @ParameterizedTest
    @ValueSource(strings = {"cross-site", "same-site"})
    void anElementOfAnotherSiteCannotUseTheCookie(String site) throws Exception {
        assertUnauthorized(CHALLENGE, "Sec-Fetch-Site", site, "Cookie", COOKIE);
    }
}
