package dev.crier.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.client.HttpResponse;

/** What is asserted of answers again and again. */
public final class Answers {

    private Answers() {}

    public static void assertProblem(int status, String title, HttpResponse<Buffer> answer) {
        assertEquals(status, answer.statusCode());
        assertEquals("application/problem+json", answer.getHeader("Content-Type"));
        JsonObject problem = answer.bodyAsJsonObject();
        assertEquals(title, problem.getString("title"));
        assertEquals(status, problem.getInteger("status"));
        assertFalse(problem.getString("detail").isBlank());
    }
}
