package dev.crier.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.testing.Eventually;
import dev.crier.testing.RawClient;
import dev.crier.testing.RawHttp2Client;
import dev.crier.testing.RunningCrier;
import io.netty.buffer.Unpooled;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Threat: a producer leaves, falls silent or lies before it ends its channel, and the subscribers wait for ever. */
class ProducerGoneTest extends EndFixture {

    private static final int CANCEL = 8;

    @Override
    JsonObject conf() {
        var conf = super.conf();
        conf.getJsonObject("publish").put("idleTimeout", "PT1S");
        return conf.put("limits", new JsonObject().put("publicationsPerSecond", 100));
    }

    private void awaitOne(String channel) throws Exception {
        try (var subscriber = RawClient.request(crier.port(), "GET " + channel + "?lastEventId=earliest")) {
            subscriber.head();
            subscriber.readThrough("data: one\n");
        }
    }

    private RawClient publishOne(String channel, String... headers) throws Exception {
        var producer = open(channel + "?lines", headers);
        sendChunk(producer, "one\ntw");
        awaitOne(channel);
        return producer;
    }

    private void assertEnded(String channel) throws Exception {
        assertEquals("data: one\n\n" + end("producerGone"), ended(channel).events());
    }

    @Test
    void aConnectionThatIsResetEndsTheChannel() throws Exception {
        publishOne("/jobs/1").reset();
        assertEnded("/jobs/1");
    }

    @Test
    void aConnectionThatIsClosedEndsTheChannel() throws Exception {
        publishOne("/jobs/1").close();
        assertEnded("/jobs/1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "5\r\nthr", "5"})
    void aProducerThatStopsSendingWithinItsBodyEndsTheChannel(String part) throws Exception {
        try (var producer = publishOne("/jobs/1")) {
            producer.send(part);
            producer.shutdownOutput();
            assertEnded("/jobs/1");
            String answer = producer.rest(); // empty if Vert.x has closed the connection before the answer
            assertTrue(answer.isEmpty() || answer.startsWith("HTTP/1.1 400 Bad Request"), answer);
        }
    }

    @Test
    void aBodyThatIsShorterThanItsContentLengthEndsTheChannel() throws Exception {
        try (var producer = RawClient.request(crier.port(), "POST /jobs/1?lines&end", BEARER, "Content-Length: 100")) {
            producer.send("one\n");
            awaitOne("/jobs/1");
            producer.shutdownOutput();
            assertEnded("/jobs/1");
        }
    }

    @Test
    void aSilentProducerEndsTheChannel() throws Exception {
        try (var producer = publishOne("/jobs/1")) {
            assertEquals("HTTP/1.1 408 Request Timeout", producer.head().get(0));
            assertEnded("/jobs/1");
        }
    }

    @Test
    void aProducerThatDribblesEndsTheChannel() throws Exception {
        try (var producer = publishOne("/jobs/1")) {
            producer.timeout(20);
            Eventually.until("the response arrives", () -> {
                sendChunk(producer, "x");
                return producer.hasMore();
            });
            assertEquals("HTTP/1.1 408 Request Timeout", producer.head().get(0));
            assertEnded("/jobs/1");
        }
    }

    @Test
    void aProducerThatLeavesBeforeItsFirstEventEndsTheChannel() throws Exception {
        try (var producer = open("/jobs/1?lines", "Expect: 100-continue")) {
            assertEquals("HTTP/1.1 100 Continue", producer.head().get(0));
        }
        assertEquals(end("producerGone"), ended("/jobs/1").events());
    }

    @Test
    void aStreamThatIsResetOverHttp2EndsTheChannel() throws Exception {
        try (var client = RawHttp2Client.withWindow(crier.port(), 1 << 16)) {
            int stream = client.open("POST", "/jobs/1?lines", BEARER);
            client.data(stream, "one\ntw", false);
            awaitOne("/jobs/1");
            client.send(RawHttp2Client.RST_STREAM, 0, stream, Unpooled.buffer().writeInt(CANCEL));
            assertEnded("/jobs/1");
            int other = client.open("POST", "/jobs/2?lines", BEARER);
            client.data(other, "one\ntw", false);
            awaitOne("/jobs/2");
        }
        assertEnded("/jobs/2"); // because the connection is closed
    }

    /** Events that wait for the rate of the token are dropped, and the end is not. */
    @Test
    void whatWaitsForTheRateIsDroppedBeforeTheEnd() throws Exception {
        try (var producer = open("/jobs/1?lines&end")) {
            sendChunk(producer, "one\n" + "x\n".repeat(900));
            producer.send("0\r\n\r\n");
            awaitOne("/jobs/1");
            producer.reset();
        }
        String events = ended("/jobs/1").events();
        assertTrue(events.endsWith(end("producerGone")), events);
        assertTrue(events.length() < 900 * "data: x\n\n".length(), events);
    }

    /** The channels wait for a producer that goes on. */
    @Test
    void withoutTheSettingTheChannelStaysOpen() throws Exception {
        publishOne("/runs/1").reset();
        try (var producer = publishOne("/runs/2")) {
            assertEquals("HTTP/1.1 408 Request Timeout", producer.head().get(0));
        }
        for (String channel : List.of("/runs/1", "/runs/2")) {
            assertEquals(201, post(channel + "?end", "two").statusCode());
            assertEquals(
                    "data: one\n\ndata: two\n\n" + end("ended"), ended(channel).events());
        }
    }

    /** The producer has its response, and can go on. */
    @Test
    void aRequestThatIsRefusedDoesNotEndTheChannel() throws Exception {
        String id = post("/jobs/1", "one").bodyAsJsonObject().getString("id");
        assertEquals(413, post("/jobs/1?lines&end", "x".repeat(1001)).statusCode());
        assertEquals(412, post("/jobs/1?lines&end", "x", "If-None-Match: *").statusCode());
        assertEquals(
                400,
                post("/jobs/1", "event: \t\ndata: x\n\n", "Content-Type: text/event-stream")
                        .statusCode());
        try (var producer = open("/jobs/1?lines")) {
            producer.send("no size\r\n");
            assertEquals("HTTP/1.1 400 Bad Request", producer.head().get(0));
            producer.rest();
        }
        try (var producer = open("/jobs/1?lines")) {
            sendChunk(producer, "x".repeat(2_000)); // without an end of the line
            assertEquals("HTTP/1.1 413 Content Too Large", producer.head().get(0));
        }
        assertEquals(201, post("/jobs/1", "two", "If-Match: \"" + id + "\"").statusCode());
    }

    @Test
    void aCompleteBodyDoesNotEndTheChannel() throws Exception {
        assertEquals(201, post("/jobs/1?lines", "one").statusCode());
        assertEquals(201, post("/jobs/1", "two").statusCode());
    }

    /** Threat: a connection that was lost without a sign ends the channel after its producer has gone on over another one. */
    @Test
    void aProducerThatAnotherOneHasFollowedDoesNotEndTheChannel() throws Exception {
        try (var lost = publishOne("/jobs/1");
                var next = open("/jobs/1?lines&end")) {
            lost.timeout(50);
            Eventually.until("the other one is answered", () -> {
                sendChunk(next, "two\n");
                return lost.hasMore();
            });
            assertEquals("HTTP/1.1 408 Request Timeout", lost.head().get(0));
            sendChunk(next, "more\n");
            next.send("0\r\n\r\n");
            assertEquals("HTTP/1.1 201 Created", next.head().get(0));
        }
        assertTrue(ended("/jobs/1").events().endsWith("data: more\n\n" + end("ended")));
    }

    /** Threat: a connection that was lost before its first event ends the channel of the one that the producer opened next. */
    @Test
    void aRequestWithoutAnEventDoesNotEndTheChannelOfAnotherProducer() throws Exception {
        try (var lost = open("/jobs/1?lines", "Expect: 100-continue")) {
            assertEquals("HTTP/1.1 100 Continue", lost.head().get(0));
            assertEquals(201, post("/jobs/1", "one").statusCode());
            assertEquals("HTTP/1.1 408 Request Timeout", lost.head().get(0));
        }
        assertEquals(201, post("/jobs/1?end", "two").statusCode());
        assertEquals(
                "data: one\n\ndata: two\n\n" + end("ended"), ended("/jobs/1").events());
    }

    @Test
    void aRequestWithoutAnEventEndsAChannelInWhichNobodyElsePublishes() throws Exception {
        assertEquals(201, post("/jobs/1", "one").statusCode());
        try (var producer = open("/jobs/1?lines", "Expect: 100-continue")) {
            assertEquals("HTTP/1.1 100 Continue", producer.head().get(0));
        }
        assertEnded("/jobs/1");
    }

    /** Threat: a request that was never the producer of a channel ends it. */
    @Test
    void aRequestWhosePreconditionDoesNotHoldNeverEndsTheChannel() throws Exception {
        String id = post("/jobs/1", "one").bodyAsJsonObject().getString("id");
        try (var other = open("/jobs/1?lines", "If-None-Match: *", "Expect: 100-continue")) {
            assertEquals("HTTP/1.1 100 Continue", other.head().get(0));
            assertEquals("HTTP/1.1 408 Request Timeout", other.head().get(0));
        }
        assertEquals(201, post("/jobs/1", "two", "If-Match: \"" + id + "\"").statusCode());
    }

    @Test
    void crierThatStopsDoesNotEndTheChannel(@TempDir Path folder) throws Exception {
        var kept = conf().put(
                        "log",
                        new JsonObject()
                                .put("store", "sqlite")
                                .put("file", folder.resolve("log").toString()));
        var first = new RunningCrier(kept);
        try (var producer = RawClient.request(first.port(), "POST /jobs/1?lines", BEARER, CHUNKED)) {
            sendChunk(producer, "one\n");
            try (var subscriber = RawClient.request(first.port(), "GET /jobs/1?lastEventId=earliest")) {
                subscriber.head();
                subscriber.readThrough("data: one\n");
            }
            Future<Void> closed = first.vertx().close();
            RunningCrier.await(closed);
        }
        try (var second = new RunningCrier(kept);
                var subscriber = RawClient.request(second.port(), "GET /jobs/1?lastEventId=earliest")) {
            second.publish("/jobs/1", "two");
            subscriber.head();
            assertTrue(subscriber.readThrough("data: two\n").matches("(?s).*data: one\nid: .*\n\n.*data: two\n"));
        }
    }
}
