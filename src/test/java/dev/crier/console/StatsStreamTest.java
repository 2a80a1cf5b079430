package dev.crier.console;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.testing.Eventually;
import dev.crier.testing.RawClient;
import dev.crier.testing.RunningCrier;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The channel {@code /stats} of the console. */
class StatsStreamTest {

    private static final String NEWS = """
        "channels": {"/news": {"keep": {"events": 100}, "publish": true}}\
        """;

    @Test
    void anEventHasTheValuesOfASecond() throws Exception {
        try (var crier = new RunningCrier(ConsoleClient.conf(NEWS));
                var stats = ConsoleClient.stats(crier);
                var subscriber = RawClient.request(crier.port(), "GET /news")) {
            subscriber.head();
            Eventually.until("a subscriber", () -> crier.subscribers() == 1);
            crier.publish("/news", "one");
            crier.publish("/news", "two");
            subscriber.readThrough("data: two");
            var sums = new long[2];
            JsonObject last = stats.await(event -> {
                sums[0] += event.getLong("published");
                sums[1] += event.getLong("delivered");
                return sums[1] == 2 && event.getInteger("subscribers") == 1;
            });
            assertEquals(2, sums[0]);
            assertTrue(last.getLong("time") > 1_700_000_000_000L, last.encode());
            assertEquals(1, last.getInteger("connections"));
            assertTrue(last.getInteger("maxConnections") > 1);
            JsonObject log = last.getJsonObject("log");
            assertEquals("memory", log.getString("store"));
            assertEquals(2, log.getInteger("entries"));
            assertEquals(1, log.getInteger("channels"));
            assertTrue(log.getLong("memoryBytes") > 0 && log.getLong("memoryBytes") < log.getLong("maxMemoryBytes"));
            assertTrue(log.getBoolean("available"));
            JsonObject jvm = last.getJsonObject("jvm");
            assertTrue(jvm.getLong("heapBytes") > 0 && jvm.getLong("heapBytes") < jvm.getLong("maxHeapBytes"));
            assertTrue(jvm.getJsonObject("loopDelay").getDouble("max") >= 0, "measured ten times a second");
            assertFalse(last.containsKey("redis"));
            assertEquals(new JsonArray(), last.getJsonArray("problems"));
        }
    }

    @Test
    void delaysAndReasonsAreThoseOfTheSecond() throws Exception {
        try (var crier = new RunningCrier(ConsoleClient.conf(NEWS));
                var stats = ConsoleClient.stats(crier)) {
            try (var subscriber = RawClient.request(crier.port(), "GET /news")) {
                subscriber.head();
                Eventually.until("a subscriber", () -> crier.subscribers() == 1);
                crier.publish("/news", "one");
                subscriber.readThrough("data: one");
                JsonObject delay =
                        stats.await(event -> event.containsKey("delay")).getJsonObject("delay");
                assertTrue(delay.getDouble("p50") <= delay.getDouble("p99"), delay.encode());
            }
            try (var refused = RawClient.request(crier.port(), "POST /news", "Content-Length: 0")) {
                refused.head();
            }
            var seen = new JsonObject();
            stats.await(event -> {
                seen.mergeIn(event.getJsonObject("ended")).mergeIn(event.getJsonObject("refused"));
                return seen.fieldNames().containsAll(List.of("left", "401"));
            });
            assertEquals(1, seen.getInteger("left"));
            assertEquals(1, seen.getInteger("401"));
            JsonObject quiet = stats.await(event -> !event.containsKey("delay"));
            assertEquals(new JsonObject(), quiet.getJsonObject("ended"));
            assertEquals(0, quiet.getInteger("published"));
        }
    }

    @Test
    void theStreamBeginsWithWhatWasKeptAndResumesAsAnyOther() throws Exception {
        try (var crier = new RunningCrier(ConsoleClient.conf(NEWS))) {
            String id;
            long time;
            try (var live = ConsoleClient.stats(crier)) {
                live.next();
                time = live.next().getLong("time");
            }
            try (var late = new ConsoleClient(crier.managementPort(), "/console/stats?lastEventId=earliest")) {
                assertTrue(late.next().getLong("time") < time);
                List<String> block = late.block();
                id = block.stream()
                        .filter(line -> line.startsWith("id: "))
                        .findFirst()
                        .orElseThrow()
                        .substring(4);
                time = new JsonObject(block.get(0).substring(6)).getLong("time");
            }
            try (var resumed = new ConsoleClient(crier.managementPort(), "/console/stats", "Last-Event-ID: " + id)) {
                long next = resumed.next().getLong("time");
                assertTrue(next > time && next < time + 1_900, next - time + " ms later");
            }
        }
    }
}
