package dev.crier.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.client.HttpResponse;

/** Assertions on responses. */
public final class Answers {

    private Answers() {}

    /** Asserts that the response is a problem (RFC 9457) with this status and title, and with a detail. */
    public static void assertProblem(int status, String title, HttpResponse<Buffer> response) {
        assertEquals(status, response.statusCode());
        assertEquals("application/problem+json", response.getHeader("Content-Type"));
        JsonObject problem = response.bodyAsJsonObject();
        assertEquals(title, problem.getString("title"));
        assertEquals(status, problem.getInteger("status"));
        assertFalse(problem.getString("detail").isBlank());
    }
}
