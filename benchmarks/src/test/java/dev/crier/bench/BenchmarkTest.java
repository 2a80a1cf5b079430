package dev.crier.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.bench.load.Metric;
import dev.crier.bench.load.Task;
import dev.crier.bench.peer.CrierPeer;
import dev.crier.bench.peer.FloorPeer;
import dev.crier.bench.peer.Peer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs each kind of task with a small load on Crier, and one of them on the floor. */
class BenchmarkTest {

    private static final Peer CRIER = new CrierPeer("Crier", "sqlite", 1, List.of());

    @TempDir
    private Path folder;

    private Map<Metric, Double> load(Peer peer, Task task) throws Exception {
        return Benchmark.load(Participant.of(peer, task), folder);
    }

    @Test
    void pacedEventsReachAllSubscribersAndTheirCostIsMeasured() throws Exception {
        for (Peer peer : List.of(CRIER, new FloorPeer())) {
            var apart = Participant.apart(peer, Task.paced(50, 40, 0.2, 0.5));
            Map<Metric, Double> values = Benchmark.load(apart, folder);
            assertEquals(0, values.get(Metric.MISSING));
            assertTrue(values.get(Metric.DELIVERED) > 0);
            assertTrue(values.get(Metric.DELAY_P99) >= values.get(Metric.DELAY_P50));
        }
    }

    @Test
    void eventsAtFullSpeedReachAllSubscribers() throws Exception {
        Map<Metric, Double> values = load(CRIER, Task.flood(20, 8, 10, 0.2, 0.5));
        assertEquals(0, values.get(Metric.MISSING));
        assertTrue(values.get(Metric.PUBLISHED) > 0);
    }

    @Test
    void disconnectedSubscribersCatchUp() throws Exception {
        Map<Metric, Double> values = load(CRIER, Task.catchUp(50, 20));
        assertEquals(0, values.get(Metric.MISSING));
        assertTrue(values.get(Metric.CATCH_UP) > 0);
    }

    @Test
    void theMemoryOfIdleSubscribersIsMeasured() throws Exception {
        assertTrue(load(CRIER, Task.idle(50)).get(Metric.RESIDENT) > 0);
        assertTrue(load(CRIER, Task.retained(500)).get(Metric.RETAINED) > 0);
    }
}
