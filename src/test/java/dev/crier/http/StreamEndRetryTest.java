package dev.crier.http;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.crier.testing.Eventually;
import dev.crier.testing.RawClient;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.client.HttpResponse;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/** Streamed bodies with a key on channels that end. */
class StreamEndRetryTest extends EndFixture {

    private static final String KEY = "Idempotency-Key: k";

    @Override
    JsonObject conf() {
        JsonObject conf = super.conf();
        conf.getJsonObject("publish").put("idleTimeout", "PT1S");
        return conf;
    }

    private static JsonObject assertStored(int count, HttpResponse<Buffer> answer) {
        assertEquals(201, answer.statusCode(), answer::bodyAsString);
        assertEquals(count, answer.bodyAsJsonObject().getInteger("count"));
        return answer.bodyAsJsonObject();
    }

    private static JsonObject end(RawClient producer) throws IOException {
        producer.send("0\r\n\r\n");
        assertEquals("HTTP/1.1 201 Created", producer.head().get(0));
        return new JsonObject(producer.readThrough("}"));
    }

    @Test
    void aBodyThatHasEndedItsChannelGetsItsResponseAgain() throws Exception {
        JsonObject first = assertStored(2, post("/runs/1?lines&end", "a\nb\n", KEY));
        assertEquals(first, assertStored(2, post("/runs/1?lines&end", "a\nb\n", KEY)));
        assertEquals(first.getString("id"), ended("/runs/1").id());
        assertEquals(422, post("/runs/1?lines&end", "a\nc\n", KEY).statusCode());
        assertEquals(422, post("/runs/1?lines", "a\nb\n", KEY).statusCode(), "without the end");
        assertEquals(422, post("/runs/1?lines&end", "a\nb\nc\n", KEY).statusCode(), "an event instead of the end");
        assertConflict(first.getString("id"), post("/runs/1?lines", "a\n", "Idempotency-Key: another"));
        assertEquals("data: a\n\ndata: b\n\n" + end("ended"), ended("/runs/1").events());
    }

    @Test
    void aStopReachesAProducerWithAKey() throws Exception {
        try (var subscriber = RawClient.request(crier.port(), "GET /runs/1");
                var ahead = open("/runs/1?lines", KEY);
                var behind = open("/runs/1?lines", KEY)) {
            subscriber.head();
            sendChunk(ahead, "a\nb\n");
            subscriber.readThrough("data: b\n");
            sendChunk(behind, "a\n");
            String end = delete("/runs/1").bodyAsJsonObject().getString("id");
            assertEquals(2, assertStopped(end, ahead).getInteger("count"));
            assertStopped(end, behind);
        }
    }

    @Test
    void aSilentProducerThatIsBehindAnotherOneDoesNotEndTheChannel() throws Exception {
        try (var subscriber = RawClient.request(crier.port(), "GET /jobs/1");
                var silent = open("/jobs/1?lines", KEY);
                var ahead = open("/jobs/1?lines&end", KEY)) {
            subscriber.head();
            sendChunk(silent, "a\n");
            subscriber.readThrough("data: a\n");
            sendChunk(ahead, "a\n");
            silent.timeout(20);
            Eventually.until("the silent producer gets a response", () -> {
                sendChunk(ahead, "b\n");
                return silent.hasMore();
            });
            assertEquals("HTTP/1.1 408 Request Timeout", silent.head().get(0));
            sendChunk(ahead, "c\n");
            end(ahead);
            subscriber.readThrough("data: c\n");
            subscriber.readThrough("{\"reason\":\"ended\"}");
        }
    }

    @Test
    void aProducerThatFallsSilentWhileItsBodyIsSkippedEndsTheChannel() throws Exception {
        assertStored(3, post("/jobs/1?lines", "a\nb\nc\n", KEY));
        try (var silent = open("/jobs/1?lines", KEY)) {
            sendChunk(silent, "a\nb\n");
            assertEquals("HTTP/1.1 408 Request Timeout", silent.head().get(0));
            assertEquals(2, new JsonObject(silent.readThrough("}")).getInteger("count"));
        }
        assertEquals(
                "data: a\n\ndata: b\n\ndata: c\n\n" + end("producerGone"),
                ended("/jobs/1").events());
    }
}
