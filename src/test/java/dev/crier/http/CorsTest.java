package dev.crier.http;

import static dev.crier.http.Answers.assertProblem;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

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

class CorsTest {

    private static final String PAGE = "https://page.example";

    private static RunningCrier anyOrigin() throws Exception {
        return RunningCrier.withChannel("/news");
    }

    private static RunningCrier onlyThePage() throws Exception {
        var origins = new JsonArray().add(PAGE).add("http://localhost:8080");
        return new RunningCrier(RunningCrier.channels("/news").put("cors", new JsonObject().put("origins", origins)));
    }

    private static HttpResponse<Buffer> ask(RunningCrier crier, HttpMethod method, String origin) throws Exception {
        var request = WebClient.create(crier.vertx()).request(method, crier.port(), "127.0.0.1", "/news");
        if (origin != null) {
            request.putHeader("Origin", origin);
        }
        if (method == HttpMethod.OPTIONS) {
            request.putHeader("Access-Control-Request-Method", "GET");
            request.putHeader("Access-Control-Request-Headers", "last-event-id");
        }
        return RunningCrier.await(request.send());
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
                "x"
            })
    void anyOriginMayReadByDefault(String origin) throws Exception {
        try (var crier = anyOrigin()) {
            var answer = ask(crier, HttpMethod.HEAD, origin);
            assertEquals(200, answer.statusCode());
            assertEquals("*", answer.getHeader("Access-Control-Allow-Origin"));
            assertNull(answer.getHeader("Access-Control-Allow-Credentials"));
        }
    }

    @Test
    void aPreflightNamesTheMethodsAndRequestHeadersAndNothingElse() throws Exception {
        try (var crier = anyOrigin()) {
            var answer = ask(crier, HttpMethod.OPTIONS, PAGE);
            assertEquals(204, answer.statusCode());
            assertEquals("*", answer.getHeader("Access-Control-Allow-Origin"));
            assertEquals(Set.of("GET", "HEAD", "POST"), list(answer, "Access-Control-Allow-Methods"));
            assertEquals(
                    Set.of("Authorization", "Cache-Control", "Content-Type", "Idempotency-Key", "Last-Event-ID"),
                    list(answer, "Access-Control-Allow-Headers"));
        }
    }

    private static Set<String> list(HttpResponse<Buffer> answer, String header) {
        return Set.of(answer.getHeader(header).split(", *"));
    }

    @Test
    void withAListOnlyThoseMayRead() throws Exception {
        try (var crier = onlyThePage()) {
            var listed = ask(crier, HttpMethod.HEAD, PAGE);
            assertEquals(200, listed.statusCode());
            assertEquals(PAGE, listed.getHeader("Access-Control-Allow-Origin"));
            assertEquals("origin", listed.getHeader("Vary"));
            assertEquals(PAGE, ask(crier, HttpMethod.OPTIONS, PAGE).getHeader("Access-Control-Allow-Origin"));
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
                "tauri://localhost"
            })
    void withAListNobodyElseMay(String origin) throws Exception {
        try (var crier = onlyThePage()) {
            var answer = ask(crier, HttpMethod.GET, origin);
            assertProblem(403, "Forbidden", answer);
            assertNull(answer.getHeader("Access-Control-Allow-Origin"));
            assertEquals(403, ask(crier, HttpMethod.OPTIONS, origin).statusCode());
        }
    }

    @Test
    void withAnEmptyListNoOtherPageMay() throws Exception {
        var none = new JsonObject().put("origins", new JsonArray());
        try (var crier = new RunningCrier(RunningCrier.channels("/news").put("cors", none))) {
            assertProblem(403, "Forbidden", ask(crier, HttpMethod.GET, PAGE));
            assertEquals(403, ask(crier, HttpMethod.OPTIONS, PAGE).statusCode());
            assertEquals(200, ask(crier, HttpMethod.HEAD, null).statusCode());
        }
    }

    @Test
    void withAListWhatIsNoPageMayReadAllTheSame() throws Exception {
        try (var crier = onlyThePage()) {
            assertEquals(200, ask(crier, HttpMethod.HEAD, null).statusCode());
        }
    }
}
