package dev.crier.http;

import static dev.crier.testing.Answers.assertProblem;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.vertx.core.buffer.Buffer;
import io.vertx.ext.web.client.HttpResponse;
import org.junit.jupiter.api.Test;

/** One producer at a time: a publication that is stored only if the channel is as its producer knows it. */
class PublishIfTest extends PublishFixture {

    private HttpResponse<Buffer> publish(String path, String header, String value, String body) throws Exception {
        return send(post(path).putHeader(header, value), body);
    }

    private static String quoted(HttpResponse<Buffer> answer) {
        return "\"" + answer.bodyAsJsonObject().getString("id") + "\"";
    }

    private static void assertFailed(String expected, String newest, HttpResponse<Buffer> answer) {
        assertProblem(412, "Precondition Failed", answer);
        assertDetail(
                "channel: the newest event is " + newest.replace("\"", "") + " (expected: " + expected + ")", answer);
    }

    @Test
    void aPublicationIsStoredOnlyIfItsProducerKnowsTheNewestEvent() throws Exception {
        var one = publish("/news", "If-None-Match", "*", "one");
        assertEquals(201, one.statusCode());
        var two = publish("/news", "If-Match", quoted(one), "two");
        assertEquals(201, two.statusCode());
        assertFailed(quoted(one).replace("\"", ""), quoted(two), publish("/news", "If-Match", quoted(one), "never"));
        assertFailed("none", quoted(two), publish("/news", "If-None-Match", "*", "never"));
        assertEquals("data: one\n\ndata: two\n\ndata: end\n\n", storedEvents("/news"));
    }

    @Test
    void onlyTheFirstEventsOfAStreamedBodyAreConditional() throws Exception {
        var body = "one\n".repeat(3_000);
        var stored = publish("/news?lines", "If-None-Match", "*", body);
        assertEquals(201, stored.statusCode());
        assertEquals(3_000, stored.bodyAsJsonObject().getInteger("count"));
        var refused = publish("/news?lines", "If-None-Match", "*", body);
        assertFailed("none", quoted(stored), refused);
        assertEquals(0, refused.bodyAsJsonObject().getInteger("count"));
    }

    @Test
    void aHeaderThatIsNotSupportedIsABadRequest() throws Exception {
        assertProblem(400, "Bad Request", publish("/news", "If-Match", "*", "never"));
        assertProblem(400, "Bad Request", publish("/news", "If-None-Match", "\"1-0\"", "never"));
        assertEquals("data: end\n\n", storedEvents("/news"));
    }
}
