package dev.crier.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.testing.Eventually;
import dev.crier.testing.RawClient;
import dev.crier.testing.RawHttp2Client;
import dev.crier.testing.RunningCrier;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A publication in progress whose channel ends otherwise: a client stops it, or another producer ends it. */
class StopStreamTest extends EndFixture {

    /** No timer of Crier is shorter: what happens earlier does not wait for one. */
    private static final long NO_TIMER_MILLIS = 5_000;

    private static final int RATE = 20;

    @Override
    JsonObject conf() {
        return super.conf()
                .put("heartbeat", "PT1H")
                .put("subscriber", new JsonObject().put("stallTimeout", "PT1H"))
                .put("limits", new JsonObject().put("headTimeout", "PT1H"));
    }

    private void awaitEvents(String channel, String last) throws Exception {
        try (var subscriber = RawClient.request(crier.port(), "GET " + channel + "?lastEventId=earliest")) {
            subscriber.head();
            subscriber.readThrough("data: " + last + "\n");
        }
    }

    private String stopChannel(String channel) throws Exception {
        return delete(channel).bodyAsJsonObject().getString("id");
    }

    /** More producers than there are event loops, whose connections are spread over all of them. */
    @Test
    void stoppingReachesProducersOnEveryEventLoop() throws Exception {
        var producers = new ArrayList<RawClient>();
        try {
            for (int i = 0; i < 40; i++) {
                producers.add(open("/runs/1?lines"));
                sendChunk(producers.get(i), "one\nof" + i);
            }
            Eventually.until("all have published", () -> {
                try (var subscriber = RawClient.request(crier.port(), "GET /runs/1?lastEventId=earliest")) {
                    subscriber.head();
                    subscriber.timeout(100);
                    for (int i = 0; i < 40; i++) {
                        subscriber.readThrough("data: one\n");
                    }
                    return true;
                } catch (IOException notYet) {
                    return false;
                }
            });
            long begin = System.nanoTime();
            String end = stopChannel("/runs/1");
            for (RawClient producer : producers) {
                assertEquals(1, assertStopped(end, producer).getInteger("count"));
            }
            long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begin);
            assertTrue(millis < NO_TIMER_MILLIS, millis + " ms");
        } finally {
            for (RawClient producer : producers) {
                producer.close();
            }
        }
        assertEquals(
                "data: one\n\n".repeat(40) + end("stopped"), ended("/runs/1").events());
    }

    @Test
    void aProducerThatHasSentNothingIsStopped() throws Exception {
        try (var producer = open("/runs/1?lines", "Expect: 100-continue")) {
            assertEquals("HTTP/1.1 100 Continue", producer.head().get(0));
            String end = stopChannel("/runs/1");
            assertEquals(0, assertStopped(end, producer).getInteger("count"));
        }
    }

    /** Closing the socket would reset the connection, and the client could lose the response. */
    @Test
    void aProducerThatGoesOnSendingGetsTheResponseAndTheEnd() throws Exception {
        try (var producer = open("/runs/1?lines")) {
            sendChunk(producer, "one\n");
            awaitEvents("/runs/1", "one");
            String end = stopChannel("/runs/1");
            for (int i = 0; i < 200; i++) {
                sendChunk(producer, "never\n".repeat(1_000));
            }
            assertEquals(1, assertStopped(end, producer).getInteger("count"));
            producer.send("0\r\n\r\n");
        }
        assertEquals("data: one\n\n" + end("stopped"), ended("/runs/1").events());
    }

    /** Threat: a producer that ignores the response keeps its connection. */
    @Test
    void aProducerThatNeverStopsSendingIsClosed() throws Exception {
        var conf = conf().put("limits", new JsonObject().put("headTimeout", "PT1S"));
        try (var strict = new RunningCrier(conf);
                var producer = RawClient.request(strict.port(), "POST /runs/1?lines", BEARER, CHUNKED)) {
            sendChunk(producer, "one\n");
            var stopping = web.request(HttpMethod.DELETE, strict.port(), "127.0.0.1", "/runs/1")
                    .bearerTokenAuthentication(TOKEN);
            assertEquals(200, RunningCrier.await(stopping.send()).statusCode());
            Eventually.until("the connection is closed", () -> {
                try {
                    sendChunk(producer, "never\n");
                    return false;
                } catch (IOException closed) {
                    return true;
                }
            });
        }
    }

    @Test
    void anotherProducersEndStopsTheRest() throws Exception {
        try (var producer = open("/runs/1?lines&end")) {
            sendChunk(producer, "one\n");
            awaitEvents("/runs/1", "one");
            String end = post("/runs/1?end", "two").bodyAsJsonObject().getString("id");
            assertEquals(1, assertStopped(end, producer).getInteger("count"));
        }
        assertEquals(
                "data: one\n\ndata: two\n\n" + end("ended"), ended("/runs/1").events());
    }

    @Test
    void aProducerWithAKeyIsStoppedAndItsRetryIsRefused() throws Exception {
        String key = "Idempotency-Key: k";
        try (var producer = open("/runs/1?lines&end", key)) {
            sendChunk(producer, "one\ntwo");
            awaitEvents("/runs/1", "one");
            String end = stopChannel("/runs/1");
            assertEquals(1, assertStopped(end, producer).getInteger("count"));
            var retry = post("/runs/1?lines&end", "one\ntwo\n", key);
            assertConflict(end, retry);
            assertEquals(1, retry.bodyAsJsonObject().getInteger("count"));
        }
        assertEquals("data: one\n\n" + end("stopped"), ended("/runs/1").events());
    }

    /** The producer's first connection is lost without a sign, and it sends everything again over another one. */
    @Test
    void aProducerThatHasEndedTheChannelOverAnotherConnectionIsNotStopped() throws Exception {
        String key = "Idempotency-Key: k";
        try (var lost = open("/runs/1?lines&end", key)) {
            sendChunk(lost, "one\nt");
            awaitEvents("/runs/1", "one");
            var sentAgain = post("/runs/1?lines&end", "one\ntwo\n", key);
            assertEquals(201, sentAgain.statusCode());
            sendChunk(lost, "wo\n");
            lost.send("0\r\n\r\n");
            assertEquals("HTTP/1.1 201 Created", lost.head().get(0));
            assertEquals(sentAgain.bodyAsString(), lost.readThrough("}").trim());
            assertEquals(
                    sentAgain.bodyAsString(),
                    post("/runs/1?lines&end", "one\ntwo\n", key).bodyAsString());
        }
        assertEquals(
                "data: one\n\ndata: two\n\n" + end("ended"), ended("/runs/1").events());
    }

    @Test
    void onlyTheChannelsOwnProducersAreStopped() throws Exception {
        try (var producer = open("/runs/2?lines")) {
            sendChunk(producer, "one\n");
            awaitEvents("/runs/2", "one");
            stopChannel("/runs/1");
            sendChunk(producer, "two\n");
            awaitEvents("/runs/2", "two");
            producer.send("0\r\n\r\n");
            assertEquals("HTTP/1.1 201 Created", producer.head().get(0));
        }
    }

    /** The notification of a request's own end comes before the answer of the log. */
    @Test
    void aRequestsOwnEndDoesNotStopIt() throws Exception {
        for (int i = 0; i < 200; i++) {
            var answer = post("/runs/" + i + "?lines&end", "one\ntwo\n");
            assertEquals(201, answer.statusCode(), answer.bodyAsString());
            assertEquals(2, answer.bodyAsJsonObject().getInteger("count"));
        }
    }

    /** A producer that ends its channel and a client that stops it at the same time: one of them does. */
    @Test
    void anEndAndAStopAtTheSameTimeAgree() throws Exception {
        var codes = new TreeSet<Integer>();
        for (int i = 0; i < 200; i++) {
            String path = "/runs/" + i;
            var publishing = request(HttpMethod.POST, path + "?lines&end").sendBuffer(Buffer.buffer("one\n"));
            var stopping = request(HttpMethod.DELETE, path).send();
            var published = RunningCrier.await(publishing);
            Ended ended = ended(path);
            assertEquals(
                    ended.id(), RunningCrier.await(stopping).bodyAsJsonObject().getString("id"));
            codes.add(published.statusCode());
            if (published.statusCode() == 201) {
                assertEquals(ended.id(), published.bodyAsJsonObject().getString("id"));
                assertEquals("data: one\n\n" + end("ended"), ended.events());
            } else {
                assertConflict(ended.id(), published);
                int count = published.bodyAsJsonObject().getInteger("count");
                assertEquals("data: one\n\n".repeat(count) + end("stopped"), ended.events());
            }
        }
        assertTrue(Set.of(201, 409).containsAll(codes), codes.toString());
    }

    /** The rest would take the rate a minute. */
    @Test
    void aProducerThatWaitsForTheRateIsStopped() throws Exception {
        try (var limited = new RunningCrier(conf().put("limits", new JsonObject().put("publicationsPerSecond", RATE)));
                var producer = RawClient.request(limited.port(), "POST /runs/1?lines&end", BEARER, CHUNKED)) {
            sendChunk(producer, "x\n".repeat(60 * RATE));
            producer.send("0\r\n\r\n");
            try (var subscriber = RawClient.request(limited.port(), "GET /runs/1?lastEventId=earliest")) {
                subscriber.head();
                subscriber.readThrough("data: x\n");
            }
            long begin = System.nanoTime();
            var stopped = RunningCrier.await(web.request(HttpMethod.DELETE, limited.port(), "127.0.0.1", "/runs/1")
                    .bearerTokenAuthentication(jwt("stop", "/runs/:id"))
                    .send());
            int count = assertStopped(stopped.bodyAsJsonObject().getString("id"), producer)
                    .getInteger("count");
            assertTrue(count >= 1 && count < 10 * RATE, count + " events");
            long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begin);
            assertTrue(millis < NO_TIMER_MILLIS, millis + " ms");
        }
    }

    @Test
    void aProducerOverHttp2IsStoppedWithoutTheOthersOfItsConnection() throws Exception {
        try (var client = RawHttp2Client.withWindow(crier.port(), 1 << 16)) {
            int other = client.open("POST", "/runs/2?lines", BEARER);
            int stopped = client.open("POST", "/runs/1?lines", BEARER);
            client.data(stopped, "one\ntwo", false);
            awaitEvents("/runs/1", "one");
            stopChannel("/runs/1");
            assertEquals("409", client.status(stopped));
            String problem =
                    new String(client.next(RawHttp2Client.DATA, stopped).payload(), StandardCharsets.UTF_8);
            assertEquals(1, new JsonObject(problem).getInteger("count"));
            client.next(RawHttp2Client.RST_STREAM, stopped);
            client.data(other, "one\n", true);
            assertEquals("201", client.status(other));
        }
    }

    /** With {@code -T -}, curl would wait for the next line first. */
    @Test
    void curlNoticesAtOnceThatItsChannelHasBeenStopped() throws Exception {
        var pipe = new ProcessBuilder(
                        "sh",
                        "-c",
                        "(echo one; exec sleep 100) | curl -s -X POST -T . -H '" + BEARER + "' 'http://127.0.0.1:"
                                + crier.port() + "/runs/1?lines'")
                .start();
        try {
            awaitEvents("/runs/1", "one");
            String end = stopChannel("/runs/1");
            var in = pipe.getInputStream();
            var answer = new StringBuilder();
            while (!answer.toString().endsWith("}")) {
                int next = in.read();
                assertTrue(next >= 0, answer.toString());
                answer.append((char) next);
            }
            assertTrue(new JsonObject(answer.toString()).getString("detail").contains(end), answer.toString());
        } finally {
            for (ProcessHandle process : List.copyOf(pipe.descendants().toList())) {
                process.destroy();
            }
            pipe.destroy();
            pipe.waitFor(10, TimeUnit.SECONDS);
        }
    }
}
