package dev.crier.http;

import static dev.crier.testing.Answers.assertProblem;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.crier.testing.RawClient;
import dev.crier.testing.RunningCrier;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.client.HttpResponse;
import io.vertx.ext.web.client.WebClient;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which pages of other origins may read and publish, as browsers enforce it by the headers. */
class CorsTest {

    private static final String PAGE = "https://page.example";

    private static RunningCrier anyOrigin() throws Exception {
        return RunningCrier.withChannel("/news");
    }

    private static RunningCrier only(String... origins) throws Exception {
        var listed = new JsonArray();
        for (String origin : origins) {
            listed.add(origin);
        }
        return new RunningCrier(RunningCrier.channels("/news").put("cors", new JsonObject().put("origins", listed)));
    }

    private static HttpResponse<Buffer> ask(
            RunningCrier crier, HttpMethod method, String path, String origin, String... headers) throws Exception {
        var request = WebClient.create(crier.vertx()).request(method, crier.port(), "127.0.0.1", path);
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

    private static Set<String> list(HttpResponse<Buffer> answer, String header) {
        return Set.of(answer.getHeader(header).split(", *"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                PAGE,
                "http://localhost:8080",
                "null",
                "tauri://localhost",
                "capacitor://localhost",
                "http://",
                "http://a_b.local:1",
                "x",
                "*"
            })
    void anyOriginMayReadByDefault(String origin) throws Exception {
        try (var crier = anyOrigin()) {
            var answer = head(crier, origin);
            assertEquals(200, answer.statusCode());
            assertEquals("*", answer.getHeader("Access-Control-Allow-Origin"));
            assertNull(answer.getHeader("Access-Control-Allow-Credentials"));
            assertNull(answer.getHeader("Vary"));
        }
    }

    /** A cache may hand the response to a page, even if another client requested it first. */
    @Test
    void withAWildcardEveryResponseAllowsAnyOrigin() throws Exception {
        try (var crier = anyOrigin()) {
            for (String path : Set.of("/news", "/", "/nothing")) {
                var answer = ask(crier, HttpMethod.HEAD, path, null);
                assertEquals("*", answer.getHeader("Access-Control-Allow-Origin"), path);
            }
        }
    }

    @Test
    void withAWildcardAPreflightAllowsEveryHeader() throws Exception {
        try (var crier = anyOrigin()) {
            var answer = preflight(crier, PAGE, "authorization,traceparent,x-requested-with");
            assertEquals(204, answer.statusCode());
            assertEquals("*", answer.getHeader("Access-Control-Allow-Origin"));
            assertNull(answer.getHeader("Access-Control-Allow-Credentials"));
            assertEquals(Set.of("GET", "HEAD", "POST"), list(answer, "Access-Control-Allow-Methods"));
            assertEquals(Set.of("*", "Authorization"), list(answer, "Access-Control-Allow-Headers"));
            assertEquals("3600", answer.getHeader("Access-Control-Max-Age"));
        }
    }

    @Test
    void aListedOriginMayReadWithCredentials() throws Exception {
        try (var crier = only(PAGE, "http://localhost:8080")) {
            for (String origin : Set.of(PAGE, "http://localhost:8080")) {
                var answer = head(crier, origin);
                assertEquals(200, answer.statusCode());
                assertEquals(origin, answer.getHeader("Access-Control-Allow-Origin"));
                assertEquals("true", answer.getHeader("Access-Control-Allow-Credentials"));
                assertEquals("Origin", answer.getHeader("Vary"));
            }
        }
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
        try (var crier = only(PAGE)) {
            var answer = preflight(crier, PAGE, requestHeaders);
            assertEquals(204, answer.statusCode());
            assertEquals(PAGE, answer.getHeader("Access-Control-Allow-Origin"));
            assertEquals("true", answer.getHeader("Access-Control-Allow-Credentials"));
            assertEquals(Set.of("GET", "HEAD", "POST"), list(answer, "Access-Control-Allow-Methods"));
            assertEquals(requestHeaders, answer.getHeader("Access-Control-Allow-Headers"));
            assertEquals("3600", answer.getHeader("Access-Control-Max-Age"));
            assertEquals(Set.of("Origin", "Access-Control-Request-Headers"), list(answer, "Vary"));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "x-a;y", "x-a: y", "\"x\"", "ü"})
    void aPreflightThatAsksForAnInvalidHeaderAllowsNone(String requestHeaders) throws Exception {
        try (var crier = only(PAGE)) {
            var answer = preflight(crier, PAGE, requestHeaders);
            assertEquals(204, answer.statusCode());
            assertNull(answer.getHeader("Access-Control-Allow-Headers"));
        }
    }

    @Test
    void aPreflightMayAskForManyHeaders() throws Exception {
        try (var crier = only(PAGE)) {
            String many = "a,".repeat(3_000) + "b";
            assertEquals(many, preflight(crier, PAGE, many).getHeader("Access-Control-Allow-Headers"));
        }
    }

    @Test
    void aPreflightMayAskForNoHeader() throws Exception {
        try (var crier = only(PAGE)) {
            var answer = ask(crier, HttpMethod.OPTIONS, "/news", PAGE, "Access-Control-Request-Method", "POST");
            assertEquals(204, answer.statusCode());
            assertNull(answer.getHeader("Access-Control-Allow-Headers"));
        }
    }

    @Test
    void optionsWithoutARequestMethodIsNotAPreflight() throws Exception {
        try (var crier = anyOrigin()) {
            assertProblem(405, "Method Not Allowed", ask(crier, HttpMethod.OPTIONS, "/news", PAGE));
            assertProblem(
                    405,
                    "Method Not Allowed",
                    ask(crier, HttpMethod.OPTIONS, "/news", null, "Access-Control-Request-Method", "GET"));
        }
    }

    /** Without these headers, a script sees only the safelisted ones and cannot know when to retry. */
    @Test
    void scriptsMayReadDateAndRetryAfter() throws Exception {
        try (var any = anyOrigin();
                var listed = only(PAGE)) {
            for (RunningCrier crier : Set.of(any, listed)) {
                assertEquals(Set.of("Date", "Retry-After"), list(head(crier, PAGE), "Access-Control-Expose-Headers"));
            }
        }
    }

    @Test
    void aPageOfAnotherOriginMayReadErrors() throws Exception {
        try (var any = anyOrigin();
                var listed = only(PAGE)) {
            assertEquals("*", ask(any, HttpMethod.GET, "/nothing", PAGE).getHeader("Access-Control-Allow-Origin"));
            assertEquals(PAGE, ask(listed, HttpMethod.GET, "/nothing", PAGE).getHeader("Access-Control-Allow-Origin"));
        }
    }

    @Test
    void aPageMayReadTheErrorWhenAllConnectionsAreInUse() throws Exception {
        var limits = new JsonObject().put("connections", 1).put("refuse", "status");
        try (var crier = new RunningCrier(RunningCrier.channels("/news").put("limits", limits));
                var reader = RawClient.request(crier.port(), "GET /news")) {
            reader.head();
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
        try (var crier = only(PAGE, "http://localhost:8080")) {
            for (var answer : Set.of(ask(crier, HttpMethod.GET, "/news", origin), preflight(crier, origin, "x-a"))) {
                assertProblem(403, "Forbidden", answer);
                assertFalse(answer.headers().names().stream()
                        .anyMatch(name -> name.toLowerCase().startsWith("access-control-")));
                assertEquals("Origin", answer.getHeader("Vary"));
            }
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
        try (var crier = only(PAGE)) {
            var answer = head(crier, null);
            assertEquals(200, answer.statusCode());
            assertNull(answer.getHeader("Access-Control-Allow-Origin"));
        }
    }

    @Test
    void withAListEveryResponseVariesByOrigin() throws Exception {
        try (var crier = only(PAGE)) {
            for (String path : Set.of("/news", "/", "/nothing")) {
                var answer = ask(
                        crier,
                        HttpMethod.GET,
                        path.equals("/news") ? "/news?lastEventId=x" : path,
                        null,
                        "Accept-Encoding",
                        "gzip");
                assertEquals("Origin", answer.getHeader("Vary"), path);
            }
        }
    }

    @Test
    void thePagesOfCrierNeedNotBeListed() throws Exception {
        try (var crier = only(PAGE)) {
            var answer = head(crier, "http://127.0.0.1:" + crier.port());
            assertEquals(200, answer.statusCode());
            assertNull(answer.getHeader("Access-Control-Allow-Origin"));
            assertEquals("Origin", answer.getHeader("Vary"));
        }
    }
}
