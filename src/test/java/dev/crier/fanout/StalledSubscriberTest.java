package dev.crier.fanout;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.testing.Eventually;
import dev.crier.testing.RawClient;
import dev.crier.testing.RunningCrier;
import dev.crier.testing.Scrape;
import dev.crier.testing.StreamParser;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Clients on real sockets that stop reading, so that the buffers of both kernels fill up and the connection stalls. */
class StalledSubscriberTest {

    /** Together more than the kernels buffer, which is about 5 MB. */
    private static final int EVENTS = 200;

    private static final String FILLER = " " + "x".repeat(65_000);

    /** At most what one connection may queue, what one read may return, and some overhead. */
    private static final int MAX_QUEUED_BYTES = 512 << 10;

    private static JsonObject conf(String stallTimeout) {
        var keep = new JsonObject().put("keep", new JsonObject().put("events", 10_000));
        return new JsonObject()
                .put("management", new JsonObject().put("port", 0))
                .put("channels", new JsonObject().put("/big", keep).put("/small", keep))
                .put("subscriber", new JsonObject().put("stallTimeout", stallTimeout));
    }

    private static RawClient stall(RunningCrier crier) throws IOException {
        RawClient client = RawClient.slow(crier.port());
        client.send("GET /big HTTP/1.1\r\nHost: a\r\n\r\n");
        client.head();
        client.chunk();
        return client;
    }

    private static List<RawClient> subscribe(RunningCrier crier, String channel, int clients) throws IOException {
        var subscribed = new ArrayList<RawClient>();
        for (int i = 0; i < clients; i++) {
            RawClient client = RawClient.request(crier.port(), "GET " + channel);
            client.head();
            client.chunk();
            subscribed.add(client);
        }
        return subscribed;
    }

    @Test
    void aStalledSubscriberDelaysNoOtherAndLaterReceivesEveryEvent() throws Exception {
        try (var crier = new RunningCrier(conf("PT1H"));
                var stalled = stall(crier)) {
            List<RawClient> big = subscribe(crier, "/big", 3);
            List<RawClient> small = subscribe(crier, "/small", 20);
            for (int i = 0; i < EVENTS; i++) {
                crier.publish("/big", i + FILLER);
                crier.publish("/small", String.valueOf(i));
                // all others receive each event before the next is published
                for (RawClient client : big) {
                    assertTrue(client.chunk().startsWith("data: " + i + FILLER + "\nid: "), "event " + i);
                }
                for (RawClient client : small) {
                    assertTrue(client.chunk().startsWith("data: " + i + "\nid: "), "event " + i);
                }
            }
            Eventually.until("the connection stalls", () -> queuedBytes(crier) > 0);
            assertTrue(queuedBytes(crier) < MAX_QUEUED_BYTES, "queued bytes: " + queuedBytes(crier));
            for (int i = 0; i < EVENTS; i++) {
                assertTrue(stalled.readThrough("\n\n").contains("data: " + i + FILLER + "\nid: "), "event " + i);
            }
            for (RawClient client : big) {
                client.close();
            }
            for (RawClient client : small) {
                client.close();
            }
        }
    }

    private static double queuedBytes(RunningCrier crier) throws IOException {
        return Scrape.of(crier).value("crier_queued_bytes");
    }

    @Test
    void aStalledSubscriberIsClosedAfterTheTimeoutAndResumesWhereItStopped() throws Exception {
        try (var crier = new RunningCrier(conf("PT0.5S"));
                var stalled = stall(crier)) {
            crier.publish("/big", 0 + FILLER);
            String first = stalled.chunk();
            for (int i = 1; i < EVENTS; i++) {
                crier.publish("/big", i + FILLER);
            }
            Eventually.until("it is closed", () -> crier.subscribers() == 0);
            Scrape scrape = Scrape.of(crier);
            assertEquals(1, scrape.value("crier_streams_ended_total{reason=\"stalled\"}"));
            assertEquals(0, scrape.value("crier_streams_ended_total{reason=\"left\"}"));
            assertEquals(0, scrape.value("crier_lagging_subscribers{channel=\"/big\"}"));
            var received = new ArrayList<>(numbers(first));
            String id = readUntilClosed(stalled, StreamParser.lastEventId(first), received);
            assertTrue(received.size() < EVENTS, "received " + received.size());
            try (var resumed = RawClient.request(crier.port(), "GET /big", "Last-Event-ID: " + id)) {
                resumed.head();
                while (received.size() < EVENTS) {
                    received.addAll(numbers(resumed.chunk()));
                }
            }
            assertEquals(IntStream.range(0, EVENTS).boxed().toList(), received);
        }
    }

    /**
     * Returns the last event id. The last chunk is incomplete, as for any client whose connection breaks. It may also be the
     * only one, because one chunk may have several events.
     */
    private static String readUntilClosed(RawClient client, String idBefore, List<Integer> received) {
        String id = idBefore;
        try {
            while (true) {
                String chunk = client.chunk();
                received.addAll(numbers(chunk));
                id = StreamParser.lastEventId(chunk);
            }
        } catch (IOException closed) {
            return id;
        }
    }

    /** A chunk has whole blocks. */
    private static List<Integer> numbers(String chunk) {
        return StreamParser.parse(chunk).stream()
                .filter(event -> event.data().endsWith(FILLER))
                .map(event ->
                        Integer.valueOf(event.data().substring(0, event.data().indexOf(' '))))
                .toList();
    }
}
