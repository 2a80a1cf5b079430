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
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.client.HttpResponse;
import io.vertx.ext.web.client.WebClient;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who reads a channel that is read with a token, where tokens are known one by one. */
class ReadRightsTest {

    private static final String TOKEN = "a-token-of-readers";
    private static final String PUBLISHERS = "a-token-of-publishers";
    private static final String LISTED = "https://page.example";
    private static final String CHALLENGE = "Bearer realm=\"crier\"";
    private static final String UNKNOWN =
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
                .put("cors", new JsonObject().put("origins", new JsonArray().add(origin)))
                .put("publish", new JsonObject().put("tokens", new JsonArray().add(PUBLISHERS)))
                .put(
                        "read",
                        new JsonObject()
                                .put(
                                        "tokens",
                                        new JsonArray()
                                                .add("another-token-of-theirs")
                                                .add(TOKEN)));
    }

    private HttpResponse<Buffer> ask(HttpMethod method, String... headers) throws Exception {
        var all = MultiMap.caseInsensitiveMultiMap();
        for (int i = 0; i < headers.length; i += 2) {
            all.add(headers[i], headers[i + 1]);
        }
        return RunningCrier.await(web.request(method, crier.port(), "127.0.0.1", "/secret")
                .putHeaders(all)
                .send());
    }

    private void assertReads(String... headers) throws Exception {
        assertEquals(200, ask(HttpMethod.HEAD, headers).statusCode());
    }

    private void assertRefused(String challenge, String... headers) throws Exception {
        for (HttpMethod method : List.of(HttpMethod.GET, HttpMethod.HEAD)) {
            var answer = ask(method, headers);
            assertEquals(401, answer.statusCode());
            assertEquals(challenge, answer.getHeader("WWW-Authenticate"));
        }
        assertProblem(401, "Unauthorized", ask(HttpMethod.GET, headers));
    }

    @Test
    void whoBearsATokenReads() throws Exception {
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
    void whoBearsNoneDoesNot() throws Exception {
        assertRefused(CHALLENGE);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"Basic YTpi", "a-token-of-readers", "Bearera-token-of-readers", "Digest a-token-of-readers"})
    void anotherSchemeIsNone(String authorization) throws Exception {
        assertRefused(CHALLENGE, "Authorization", authorization);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", " ", "wrong", "a-token-of-reader", "a-token-of-readerss", "A-token-of-readers", TOKEN + " x"
            })
    void aWrongTokenReadsNothing(String token) throws Exception {
        assertRefused(UNKNOWN, "Authorization", "Bearer " + token);
    }

    @Test
    void aTokenInTheQueryIsNone() throws Exception {
        for (String key : List.of("access_token", "token", "crier_token", "authorization")) {
            try (var client = RawClient.request(crier.port(), "GET /secret?" + key + "=" + TOKEN)) {
                assertEquals("HTTP/1.1 401 Unauthorized", client.head().get(0));
            }
        }
    }

    @Test
    void twoTokensInTwoHeadersAreAmbiguous() throws Exception {
        var answer = ask(HttpMethod.GET, "Authorization", "Bearer " + TOKEN, "Authorization", "Bearer wrong");
        assertProblem(400, "Bad Request", answer);
        assertEquals(CHALLENGE + ", error=\"invalid_request\"", answer.getHeader("WWW-Authenticate"));
    }

    @Test
    void aTokenThatPublishesDoesNotReadByThat() throws Exception {
        var answer = ask(HttpMethod.GET, "Authorization", "Bearer " + PUBLISHERS);
        assertProblem(403, "Forbidden", answer);
        assertEquals(CHALLENGE + ", error=\"insufficient_scope\"", answer.getHeader("WWW-Authenticate"));
    }

    @Test
    void norTheOtherWayRound() throws Exception {
        assertEquals(
                403, ask(HttpMethod.POST, "Authorization", "Bearer " + TOKEN).statusCode());
        assertEquals(
                201,
                ask(HttpMethod.POST, "Authorization", "Bearer " + PUBLISHERS).statusCode());
    }

    @Test
    void aChannelForAnyoneAsksNobody() throws Exception {
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

    @ParameterizedTest
    @ValueSource(
            strings = {
                "crier_token=" + TOKEN,
                "a=b; crier_token=" + TOKEN + "; c=d",
                "crier_token=\"" + TOKEN + "\"",
                "x=a\"b; crier_token=" + TOKEN
            })
    void aCookieWillDo(String cookies) throws Exception {
        assertReads("Cookie", cookies);
    }

    @Test
    void soItWillInOneOfSeveralHeaders() throws Exception {
        assertReads("Cookie", "a=b", "Cookie", "crier_token=" + TOKEN);
    }

    @ParameterizedTest
    @ValueSource(strings = {"other=" + TOKEN, "Crier_Token=" + TOKEN, "xcrier_token=" + TOKEN, TOKEN})
    void anotherCookieWillNot(String cookies) throws Exception {
        assertRefused(CHALLENGE, "Cookie", cookies);
    }

    @Test
    void aCookieMayBeWrongToo() throws Exception {
        assertRefused(UNKNOWN, "Cookie", "crier_token=wrong");
        assertRefused(UNKNOWN, "Cookie", "crier_token=");
    }

    @Test
    void twoCookiesOfTheNameAreAmbiguous() throws Exception {
        assertProblem(
                400, "Bad Request", ask(HttpMethod.GET, "Cookie", "crier_token=" + TOKEN + "; crier_token=another"));
    }

    @Test
    void theHeaderComesBeforeTheCookie() throws Exception {
        assertReads("Cookie", "crier_token=wrong", "Authorization", "Bearer " + TOKEN);
        assertRefused(UNKNOWN, "Cookie", "crier_token=" + TOKEN, "Authorization", "Bearer wrong");
        assertReads("Cookie", "crier_token=" + TOKEN, "Authorization", "Basic YTpi");
    }

    @Test
    void aCookieNeverPublishes() throws Exception {
        for (String token : List.of(TOKEN, PUBLISHERS)) {
            var answer = ask(HttpMethod.POST, "Cookie", "crier_token=" + token);
            assertProblem(401, "Unauthorized", answer);
            assertEquals(CHALLENGE, answer.getHeader("WWW-Authenticate"));
        }
    }

    @Test
    void aListedOriginReadsWithACookieAndIsToldSo() throws Exception {
        var answer = ask(HttpMethod.HEAD, "Origin", LISTED, "Cookie", "crier_token=" + TOKEN);
        assertEquals(200, answer.statusCode());
        assertEquals(LISTED, answer.getHeader("Access-Control-Allow-Origin"));
        assertEquals("true", answer.getHeader("Access-Control-Allow-Credentials"));
        assertEquals("Origin", answer.getHeader("Vary"));
        assertEquals("Origin", ask(HttpMethod.HEAD).getHeader("Vary"));
    }

    @Test
    void aListedOriginReadsWhyItIsRefused() throws Exception {
        var answer = ask(HttpMethod.GET, "Origin", LISTED);
        assertProblem(401, "Unauthorized", answer);
        assertEquals(LISTED, answer.getHeader("Access-Control-Allow-Origin"));
        assertEquals("true", answer.getHeader("Access-Control-Allow-Credentials"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"https://other.example", "http://page.example", "null", "https://page.example:444"})
    void anotherOriginDoesNotWhateverItHas(String origin) throws Exception {
        for (HttpMethod method : List.of(HttpMethod.GET, HttpMethod.OPTIONS)) {
            var answer = ask(
                    method,
                    "Origin",
                    origin,
                    "Access-Control-Request-Method",
                    "GET",
                    "Cookie",
                    "crier_token=" + TOKEN,
                    "Authorization",
                    "Bearer " + TOKEN);
            assertProblem(403, "Forbidden", answer);
            assertNull(answer.getHeader("Access-Control-Allow-Origin"));
            assertNull(answer.getHeader("Access-Control-Allow-Credentials"));
        }
    }

    @Test
    void whereAnyOriginMayReadItsCookieIsNotLookedAtAndNoOriginIsShown() throws Exception {
        try (var any = new RunningCrier(conf("*"));
                var client = RawClient.request(
                        any.port(), "GET /secret", "Origin: https://other.example", "Cookie: crier_token=" + TOKEN)) {
            List<String> head = client.head();
            assertEquals("HTTP/1.1 401 Unauthorized", head.get(0));
            assertEquals(CHALLENGE, client.header(head, "WWW-Authenticate").orElse(""));
            assertEquals("*", client.header(head, "Access-Control-Allow-Origin").orElse(""));
            assertFalse(client.header(head, "Access-Control-Allow-Credentials").isPresent());
        }
    }

    @Test
    void whereAnyOriginMayReadItsScriptMayBearAToken() throws Exception {
        try (var any = new RunningCrier(conf("*"));
                var client = RawClient.request(
                        any.port(), "GET /secret", "Origin: https://other.example", "Authorization: Bearer " + TOKEN)) {
            List<String> head = client.head();
            assertEquals("HTTP/1.1 200 OK", head.get(0));
            assertEquals("*", client.header(head, "Access-Control-Allow-Origin").orElse(""));
        }
    }

    @Test
    void crierOwnPageReadsWithACookie() throws Exception {
        assertReads("Origin", "http://127.0.0.1:" + crier.port(), "Cookie", "crier_token=" + TOKEN);
        assertReads("Sec-Fetch-Site", "same-origin", "Cookie", "crier_token=" + TOKEN);
        assertReads("Sec-Fetch-Site", "none", "Cookie", "crier_token=" + TOKEN);
    }

    /** As a script or an image, which no origin stands on. */
    @ParameterizedTest
    @ValueSource(strings = {"cross-site", "same-site"})
    void whatAPageOfAnotherSiteOnlyShowsIsNotGivenForACookie(String site) throws Exception {
        assertRefused(CHALLENGE, "Sec-Fetch-Site", site, "Cookie", "crier_token=" + TOKEN);
    }
}
