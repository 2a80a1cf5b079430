package dev.crier.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.crier.bench.load.Metric;
import dev.crier.bench.load.Task;
import dev.crier.bench.peer.CrierPeer;
import dev.crier.bench.peer.FloorPeer;
import dev.crier.bench.peer.NodesPeer;
import dev.crier.bench.peer.NodesPeer.Use;
import dev.crier.bench.peer.Peer;
import dev.crier.bench.peer.RedisBenchmarkPeer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs each kind of task with a small load on Crier, and one of them on the floor. */
class BenchmarkTest {

    private static final Peer CRIER = new CrierPeer("Crier", "sqlite", 1, List.of());

    private static final List<IntFunction<Peer>> NODES =
            List.of(FloorPeer::new, port -> CrierPeer.onRedis("Crier", port));

    @TempDir
    private Path folder;

    private Map<Metric, Double> load(Peer peer, Task task) throws Exception {
        return Benchmark.load(Participant.of(peer, task), Files.createTempDirectory(folder, "bench"));
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

    @Test
    void eventsOfSeveralChannelsReachAllSubscribers() throws Exception {
        Task task = Task.paced(20, 40, 0.2, 0.5);
        for (Task several : List.of(task.followingAll(100), task.followingOwn(10), task.followingFamily(200))) {
            Map<Metric, Double> values = load(CRIER, several);
            assertEquals(0, values.get(Metric.MISSING), several.toString());
            assertTrue(values.get(Metric.DELIVERED) > 0, several.toString());
        }
    }

    @Test
    void theMemoryOfIdleSubscribersOfSeveralChannelsIsMeasured() throws Exception {
        assertTrue(load(CRIER, Task.retained(500).followingDrawn(20, 100)).get(Metric.RETAINED) > 0);
    }

    @Test
    void eventsReachTheSubscribersOfBothNodes() throws Exception {
        for (IntFunction<Peer> node : NODES) {
            Map<Metric, Double> values =
                    load(onRedis(new NodesPeer("two nodes", node, Use.BOTH)), Task.paced(20, 40, 0.2, 0.5));
            assertEquals(0, values.get(Metric.MISSING));
            assertTrue(values.get(Metric.REDIS_CPU) >= 0);
        }
    }

    @Test
    void eventsOfTheFirstNodeReachTheSubscribersOfTheSecond() throws Exception {
        for (IntFunction<Peer> node : NODES) {
            var across = Participant.apart(
                    onRedis(new NodesPeer("two nodes", node, Use.ACROSS)), Task.paced(2, 40, 0.2, 0.5));
            Map<Metric, Double> values = Benchmark.load(across, Files.createTempDirectory(folder, "bench"));
            assertEquals(0, values.get(Metric.MISSING));
            assertTrue(values.get(Metric.DELAY_P50) > 0);
        }
    }

    @Test
    void eventsThatRedisBenchmarkAddsAreCounted() throws Exception {
        for (boolean script : List.of(false, true)) {
            Map<Metric, Double> values =
                    load(onRedis(new RedisBenchmarkPeer("redis-benchmark", 1, script)), Task.commands(0.2, 0.5));
            assertTrue(values.get(Metric.PUBLISHED) > 0);
            assertTrue(values.get(Metric.REDIS_CPU) > 0);
        }
    }

    @Test
    void liveStreamsReachTheirSubscribersAtASteadyRateAndAtFullSpeed() throws Exception {
        for (int perSecond : List.of(20, 0)) {
            Map<Metric, Double> values = load(CRIER, Task.streams(20, perSecond, 0.2, 2));
            assertEquals(0, values.get(Metric.MISSING));
            assertTrue(values.get(Metric.DELIVERED) > 0);
            assertEquals(perSecond > 0, values.containsKey(Metric.PACE));
        }
    }

    @Test
    void liveStreamsOfOneNodeOnRedisReachTheirSubscribers() throws Exception {
        Peer node = onRedis(new NodesPeer("one node", port -> CrierPeer.onRedis("Crier", port), Use.ONE));
        assertEquals(0, load(node, Task.streams(20, 0, 0.2, 0.5)).get(Metric.MISSING));
    }

    @Test
    void aStreamIsReadFromItsBeginning() throws Exception {
        Map<Metric, Double> values = load(CRIER, Task.replay(500, 0.2));
        assertTrue(values.get(Metric.FIRST_EVENT) > 0);
        assertTrue(values.get(Metric.LAST_EVENT) >= values.get(Metric.FIRST_EVENT));
        double writes = values.getOrDefault(Metric.WRITES, 1.0); // without strace they are not counted
        assertTrue(writes > 0 && writes < 500, writes + " writes");
    }

    @Test
    void theMemoryOfAChannelInRedisIsMeasured() throws Exception {
        Peer nodes = onRedis(new NodesPeer("two nodes", port -> CrierPeer.onRedis("Crier", port), Use.BOTH));
        assertTrue(load(nodes, Task.channels(500, 10)).get(Metric.CHANNEL) > 0);
    }

    /** Skips the test if Redis is not installed, except under CI. */
    private static Peer onRedis(Peer peer) {
        assumeTrue(peer.version().isPresent() || "true".equals(System.getenv("CI")), "not installed: Redis");
        return peer;
    }
}
