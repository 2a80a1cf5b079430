package dev.crier.fanout;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.testing.Eventually;
import dev.crier.testing.RawClient;
import dev.crier.testing.RunningCrier;
import io.netty.util.internal.PlatformDependent;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class StalledSubscriberTest {

    private static final int OTHERS = 500;
    private static final int OF_THE_SAME_CHANNEL = 5;
    private static final int EVENTS = 800;
    private static final String FILLER = "x".repeat(65_000); // 52 MB in all
    private static final long SLACK = 10 << 20;

    @Test
    void nobodyWaitsForAReaderThatStallsAndItCostsNothingAndIsGivenEverything() throws Exception {
        var keep = new JsonObject().put("keep", new JsonObject().put("events", 10_000));
        var conf = new JsonObject()
                .put("channels", new JsonObject().put("/big", keep).put("/small", keep))
                .put("subscriber", new JsonObject().put("stallTimeout", "PT1H"));
        try (var crier = new RunningCrier(conf);
                var stalled = RawClient.slow(crier.port())) {
            stalled.send("GET /big HTTP/1.1\r\nHost: a\r\n\r\n");
            stalled.head();
            stalled.chunk();
            List<RawClient> others = join(crier);
            for (int i = 0; i < EVENTS; i++) {
                crier.publish("/big", i + " " + FILLER);
                crier.publish("/small", String.valueOf(i));
                // each is with all the others before the next is published: nobody is behind by one
                for (int other = 0; other < OTHERS; other++) {
                    String event = others.get(other).chunk();
                    String data = other < OF_THE_SAME_CHANNEL ? i + " " + FILLER : String.valueOf(i);
                    assertTrue(event.startsWith("data: " + data + "\nid: "));
                }
            }
            long whileStalled = memory();
            for (int i = 0; i < EVENTS; i++) {
                assertTrue(stalled.readThrough("\n\n").contains("data: " + i + " " + FILLER + "\nid: "), "event " + i);
            }
            long afterwards = memory();
            assertTrue(
                    whileStalled - afterwards < SLACK,
                    "what was unread took " + (whileStalled - afterwards) + " bytes");
            for (RawClient other : others) {
                other.close();
            }
        }
    }

    private static List<RawClient> join(RunningCrier crier) throws Exception {
        var others = new ArrayList<RawClient>();
        for (int i = 0; i < OTHERS; i++) {
            var client = RawClient.request(crier.port(), i < OF_THE_SAME_CHANNEL ? "GET /big" : "GET /small");
            client.head();
            client.chunk();
            others.add(client);
        }
        return others;
    }

    /** What is used after a collection, on the heap and beside it. */
    private static long memory() {
        System.gc();
        var runtime = Runtime.getRuntime();
        return runtime.totalMemory() - runtime.freeMemory() + Math.max(0, PlatformDependent.usedDirectMemory());
    }

    @Test
    void aReaderThatTakesNothingIsClosedAndResumesByItself() throws Exception {
        var keep = new JsonObject().put("keep", new JsonObject().put("events", 10_000));
        var conf = new JsonObject()
                .put("channels", new JsonObject().put("/big", keep))
                .put("subscriber", new JsonObject().put("stallTimeout", "PT0.5S"));
        try (var crier = new RunningCrier(conf);
                var stalled = RawClient.slow(crier.port())) {
            stalled.send("GET /big HTTP/1.1\r\nHost: a\r\n\r\n");
            stalled.head();
            stalled.chunk();
            for (int i = 0; i < 400; i++) {
                crier.publish("/big", i + " " + FILLER);
            }
            Eventually.until("it is closed", () -> crier.subscribers() == 0);
            try (var back = RawClient.request(crier.port(), "GET /big?lastEventId=earliest")) {
                back.head();
                for (int i = 0; i < 400; i++) {
                    assertTrue(back.readThrough("\n\n").length() > 0);
                }
                assertEquals(1, crier.subscribers());
            }
        }
    }
}
