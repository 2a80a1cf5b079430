package dev.crier.http;

import static dev.crier.testing.Answers.assertProblem;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.crier.testing.RawClient;
import dev.crier.testing.RunningCrier;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.client.HttpResponse;
import io.vertx.ext.web.client.WebClient;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The CORS headers, by which browsers know the pages of other origins that may read and publish. */
class CorsTest {

    private static final String PAGE = "https://page.example";
    private static final String LOCAL_PAGE = "http://localhost:8080";

    /** Allows any origin, which is the default. */
    private static RunningCrier any;

    /** Allows two origins. */
    private static RunningCrier listed;

    private static WebClient web;

    @BeforeAll
    static void start() throws Exception {
        any = RunningCrier.withChannel("/news");
        listed = only(PAGE, LOCAL_PAGE);
        web = WebClient.create(any.vertx());
    }

    @AfterAll
    static void stop() throws Exception {
        listed.close();
        any.close();
    }

    private static RunningCrier only(String... origins) throws Exception {
        return new RunningCrier(
                RunningCrier.channels("/news").put("cors", new JsonObject().put("origins", List.of(origins))));
    }

    /**
     * Sends a request.
     *
     * @param origin null for none
     * @param headers each a name followed by its value
     */
    private static HttpResponse<Buffer> ask(
            RunningCrier crier, HttpMethod method, String path, String origin, String... headers) throws Exception {
        var request = web.request(method, crier.port(), "127.0.0.1", path);
        if (origin != null) {
            request.putHeader("Origin", origin);
        }
        for (int i = 0; i < headers.length; i += 2) {
            request.putHeader(headers[i], headers[i + 1]);
        }
        return RunningCrier.await(request.send());
    }

    private static HttpResponse<Buffer> head(RunningCrier crier, String origin) throws Exception {
        return ask(crier, HttpMethod.HEAD, "/news", origin);
    }

    private static HttpResponse<Buffer> preflight(RunningCrier crier, String origin, String requestHeaders)
            throws Exception {
        return ask(
                crier,
                HttpMethod.OPTIONS,
                "/news",
                origin,
                "Access-Control-Request-Method",
                "GET",
                "Access-Control-Request-Headers",
                requestHeaders);
    }

    private static Set<String> names(HttpResponse<Buffer> answer, String header) {
        return Set.of(answer.getHeader(header).split(", *"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                PAGE,
                LOCAL_PAGE,
                "null",
                "tauri://localhost",
                "capacitor://localhost",
                "http://",
                "http://a_b.local:1",
                "x",
                "*"
            })
    void anyOriginMayReadByDefault(String origin) throws Exception {
        var answer = head(any, origin);
        assertEquals(200, answer.statusCode());
        assertEquals("*", answer.getHeader("Access-Control-Allow-Origin"));
        assertNull(answer.getHeader("Access-Control-Allow-Credentials"));
        assertNull(answer.getHeader("Vary"));
    }

    /** A cache may hand the response to a page, even if another client requested it first. */
    @ParameterizedTest
    @ValueSource(strings = {"/news", "/", "/nothing"})
    void withAWildcardEveryResponseAllowsAnyOrigin(String path) throws Exception {
        assertEquals("*", ask(any, HttpMethod.HEAD, path, null).getHeader("Access-Control-Allow-Origin"));
    }

    @Test
    void withAWildcardAPreflightAllowsEveryHeader() throws Exception {
        var answer = preflight(any, PAGE, "authorization,traceparent,x-requested-with");
        assertEquals(204, answer.statusCode());
        assertEquals("*", answer.getHeader("Access-Control-Allow-Origin"));
        assertNull(answer.getHeader("Access-Control-Allow-Credentials"));
        assertEquals(Set.of("GET", "HEAD", "POST", "DELETE"), names(answer, "Access-Control-Allow-Methods"));
        assertEquals(Set.of("*", "Authorization"), names(answer, "Access-Control-Allow-Headers"));
        assertEquals("3600", answer.getHeader("Access-Control-Max-Age"));
    }

    @ParameterizedTest
    @ValueSource(strings = {PAGE, LOCAL_PAGE})
    void aListedOriginMayReadWithCredentials(String origin) throws Exception {
        var answer = head(listed, origin);
        assertEquals(200, answer.statusCode());
        assertEquals(origin, answer.getHeader("Access-Control-Allow-Origin"));
        assertEquals("true", answer.getHeader("Access-Control-Allow-Credentials"));
        assertEquals("Origin", answer.getHeader("Vary"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "last-event-id",
                "authorization,content-type,idempotency-key",
                "traceparent,x-requested-with,hx-current-url,hx-request",
                "x-a, x-b",
                "x~vendor!header"
            })
    void aPreflightOfAListedOriginAllowsTheHeadersThatItAsksFor(String requestHeaders) throws Exception {
        var answer = preflight(listed, PAGE, requestHeaders);
        assertEquals(204, answer.statusCode());
        assertEquals(PAGE, answer.getHeader("Access-Control-Allow-Origin"));
        assertEquals("true", answer.getHeader("Access-Control-Allow-Credentials"));
        assertEquals(Set.of("GET", "HEAD", "POST", "DELETE"), names(answer, "Access-Control-Allow-Methods"));
        assertEquals(requestHeaders, answer.getHeader("Access-Control-Allow-Headers"));
        assertEquals("3600", answer.getHeader("Access-Control-Max-Age"));
        assertEquals(Set.of("Origin", "Access-Control-Request-Headers"), names(answer, "Vary"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "x-a;y", "x-a: y", "\"x\"", "ü"})
    void aPreflightThatAsksForAnInvalidHeaderAllowsNone(String requestHeaders) throws Exception {
        var answer = preflight(listed, PAGE, requestHeaders);
        assertEquals(204, answer.statusCode());
        assertNull(answer.getHeader("Access-Control-Allow-Headers"));
    }

    @Test
    void aPreflightMayAskForManyHeaders() throws Exception {
        String many = "a,".repeat(3_000) + "b";
        assertEquals(many, preflight(listed, PAGE, many).getHeader("Access-Control-Allow-Headers"));
    }

    @Test
    void aPreflightMayAskForNoHeader() throws Exception {
        var answer = ask(listed, HttpMethod.OPTIONS, "/news", PAGE, "Access-Control-Request-Method", "POST");
        assertEquals(204, answer.statusCode());
        assertNull(answer.getHeader("Access-Control-Allow-Headers"));
    }

    @Test
    void optionsWithoutAnOriginOrARequestMethodIsNotAPreflight() throws Exception {
        assertProblem(405, "Method Not Allowed", ask(any, HttpMethod.OPTIONS, "/news", PAGE));
        assertProblem(
                405,
                "Method Not Allowed",
                ask(any, HttpMethod.OPTIONS, "/news", null, "Access-Control-Request-Method", "GET"));
    }

    /** Without these headers, a script sees only the safelisted ones and cannot know when to retry. */
    @Test
    void scriptsMayReadDateAndRetryAfter() throws Exception {
        assertEquals(Set.of("Date", "Retry-After"), names(head(any, PAGE), "Access-Control-Expose-Headers"));
        assertEquals(Set.of("Date", "Retry-After"), names(head(listed, PAGE), "Access-Control-Expose-Headers"));
    }

    @Test
    void aPageOfAnotherOriginMayReadErrors() throws Exception {
        assertEquals("*", ask(any, HttpMethod.GET, "/nothing", PAGE).getHeader("Access-Control-Allow-Origin"));
        assertEquals(PAGE, ask(listed, HttpMethod.GET, "/nothing", PAGE).getHeader("Access-Control-Allow-Origin"));
    }

    @Test
    void aPageMayReadTheErrorWhenAllConnectionsAreInUse() throws Exception {
        var limits = new JsonObject().put("connections", 1).put("refuse", "status");
        try (var crier = new RunningCrier(RunningCrier.channels("/news").put("limits", limits));
                var subscriber = RawClient.request(crier.port(), "GET /news")) {
            subscriber.head();
            try (var surplus = RawClient.request(crier.port(), "GET /news", "Origin: " + PAGE)) {
                var head = surplus.head();
                assertEquals("HTTP/1.1 503 Service Unavailable", head.get(0));
                assertEquals(
                        "*", surplus.header(head, "Access-Control-Allow-Origin").orElse(""));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://other.example",
                "http://page.example",
                "https://page.example:444",
                "https://page.example.evil",
                "https://evil-page.example",
                "null",
                "https://",
                "x",
                "*",
                "tauri://localhost"
            })
    void anOriginThatIsNotListedIsForbidden(String origin) throws Exception {
        for (var answer : List.of(ask(listed, HttpMethod.GET, "/news", origin), preflight(listed, origin, "x-a"))) {
            assertProblem(403, "Forbidden", answer);
            assertFalse(answer.headers().names().stream()
                    .anyMatch(name -> name.toLowerCase().startsWith("access-control-")));
            assertEquals("Origin", answer.getHeader("Vary"));
        }
    }

    @Test
    void withAnEmptyListNoOtherPageMayRead() throws Exception {
        try (var crier = only()) {
            var answer = ask(crier, HttpMethod.GET, "/news", PAGE);
            assertProblem(403, "Forbidden", answer);
            assertEquals("Origin", answer.getHeader("Vary"));
            assertEquals(403, preflight(crier, PAGE, "x-a").statusCode());
            assertEquals(200, head(crier, null).statusCode());
        }
    }

    @Test
    void withAListAClientWithoutAnOriginMayRead() throws Exception {
        var answer = head(listed, null);
        assertEquals(200, answer.statusCode());
        assertNull(answer.getHeader("Access-Control-Allow-Origin"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"/news?lastEventId=x", "/", "/nothing"})
    void withAListEveryResponseVariesByOrigin(String path) throws Exception {
        var answer = ask(listed, HttpMethod.GET, path, null, "Accept-Encoding", "gzip");
        assertEquals("Origin", answer.getHeader("Vary"));
    }

    @Test
    void thePagesOfCrierNeedNotBeListed() throws Exception {
        var answer = head(listed, "http://127.0.0.1:" + listed.port());
        assertEquals(200, answer.statusCode());
        assertNull(answer.getHeader("Access-Control-Allow-Origin"));
        assertEquals("Origin", answer.getHeader("Vary"));
    }
}
