package dev.crier.http;

import static dev.crier.testing.Answers.assertProblem;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.client.HttpResponse;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Publishing several events at once, and publishing again with the same key: all or nothing, and only once. */
class PublishBatchTest extends PublishFixture {

    private HttpResponse<Buffer> retry(String path, String key, String body) throws Exception {
        return send(post(path).putHeader("Idempotency-Key", key), body);
    }

    @Test
    void aBatchIsPublishedInOrder() throws Exception {
        var answer = send(
                post("/news?event=all").putHeader("Content-Type", NDJSON),
                "{\"data\":\"one\"}\n{\"event\":\"e\",\"data\":{\"a\": [1.10, null]}}\r\n\n{\"data\":\"three\"}\n");
        assertEquals(201, answer.statusCode());
        assertEquals(Set.of("ids"), answer.bodyAsJsonObject().fieldNames());
        List<String> ids = answer.bodyAsJsonObject().getJsonArray("ids").stream()
                .map(String::valueOf)
                .toList();
        assertEquals(3, Set.copyOf(ids).size());
        assertEquals(
                "event: all\ndata: one\n\nevent: e\ndata: {\"a\":[1.10,null]}\n\nevent: all\ndata: three\n\ndata: end\n\n",
                storedEvents("/news"));
    }

    @Test
    void aBatchWithAnInvalidLineIsNotPublishedAtAll() throws Exception {
        var answer = batch("{\"data\":\"never\"}\n{\"event\":\"x\"}\n{\"data\":\"never\"}");
        assertProblem(400, "Bad Request", answer);
        assertDetail("line 2: no data (expected: the key data)", answer);
        assertEquals("data: end\n\n", storedEvents("/news"));
    }

    /** Other publishers wait while a batch is processed. */
    @Test
    void aBatchWithTooManyEventsIsTooLarge() throws Exception {
        assertTooLarge(
                "The batch has too many events (expected: at most 20, publish.maxBatchEvents).",
                batch("{\"data\":\"\"}\n".repeat(21) + "a line that is not parsed"));
    }

    @Test
    void aRetryWithTheSameKeyPublishesOnce() throws Exception {
        JsonObject first = retry("/news", "k1", "once").bodyAsJsonObject();
        var second = retry("/news", "k1", "once");
        assertEquals(201, second.statusCode());
        assertEquals(first, second.bodyAsJsonObject());
        assertNotEquals(first, retry("/orders/1", "k1", "once").bodyAsJsonObject());
        assertEquals("data: once\n\ndata: end\n\n", storedEvents("/news"));
    }

    @Test
    void aKeyOfAnotherPublicationIsUnprocessable() throws Exception {
        retry("/news", "k1", "this");
        assertProblem(422, "Unprocessable Content", retry("/news", "k1", "that"));
        assertProblem(422, "Unprocessable Content", retry("/news?event=e", "k1", "this"));
    }

    @Test
    void anInvalidKeyIsABadRequest() throws Exception {
        assertProblem(400, "Bad Request", retry("/news", "with space", "x"));
    }
}
