package dev.crier.failures;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.failures.Judge.Loss;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The traffic of the failure runs at a single node: it reports no fault if nothing fails or the node has a file, and reports a
 * node that loses its events.
 */
class TrafficIT {

    private static final int RUN = 1;
    private static final int KILLS = 3;

    @TempDir
    private Path folder;

    private Node node() throws Exception {
        return node("memory");
    }

    private Node node(String store) throws Exception {
        var node = new Node(folder, Cluster.configuration("{\"store\": \"" + store + "\"}"));
        node.awaitReady();
        return node;
    }

    @Test
    void withoutAFailureThereIsNoFault() throws Exception {
        try (var node = node();
                var traffic = Traffic.start(List.of(node), RUN, true, new Random(1))) {
            traffic.awaitProgress();
            assertEquals(List.of(), traffic.finish(Loss.NONE, System.nanoTime(), false));
        }
    }

    @Test
    void aNodeThatLosesItsEventsIsAFaultForEverySubscriberThatStays() throws Exception {
        try (var node = node();
                var traffic = Traffic.start(List.of(node), RUN, true, new Random(1))) {
            node.kill();
            node.restart();
            traffic.awaitProgress();
            var faults = traffic.finish(Loss.NONE, System.nanoTime(), true);
            for (String channel : List.of("/a/" + RUN, "/b/" + RUN)) {
                for (String subscriber : List.of(
                        "stays at " + channel,
                        "stays at /a/1 + /b/1 + /latest/1 for " + channel,
                        "stays at /a/:run + /b/:run + /latest/:run for " + channel)) {
                    String fault = subscriber + " got a gap";
                    assertTrue(faults.stream().anyMatch(line -> line.startsWith(fault)), faults::toString);
                }
            }
        }
    }

    @Test
    void aNodeInMemoryThatIsKilledIsAGapForEverySubscriber() throws Exception {
        assertEquals(List.of(), faultsIfKilled("memory", Loss.CERTAIN));
    }

    @Test
    void aNodeWithAFileThatIsKilledLosesAndRepeatsNothing() throws Exception {
        assertEquals(List.of(), faultsIfKilled("sqlite", Loss.NONE));
    }

    private List<String> faultsIfKilled(String store, Loss loss) throws Exception {
        try (var node = node(store);
                var traffic = Traffic.start(List.of(node), RUN, true, new Random(1))) {
            for (int i = 0; i < KILLS; i++) {
                node.kill();
                node.restart();
                traffic.awaitProgress();
            }
            return traffic.finish(loss, System.nanoTime(), true);
        }
    }

    @Test
    void aStreamThatEndsIsAFault() throws Exception {
        try (var node = node();
                var traffic = Traffic.start(List.of(node), RUN, true, new Random(1))) {
            node.kill();
            node.restart();
            traffic.awaitProgress();
            var faults = traffic.finish(Loss.ALLOWED, System.nanoTime(), false);
            assertTrue(faults.contains("the stream of stays at /a/" + RUN + " ended"), faults::toString);
        }
    }
}
