package dev.crier.failures;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * One run of a failure under traffic.
 *
 * @param seed determines the nodes that each publisher and subscriber uses, and the place of the failure
 * @param length the duration of the failure after it is noticed
 */
record FailureRun(Failure failure, long seed, Duration length) {

    /** Runs in a cluster of its own, and returns the faults. */
    List<String> faults(Path folder) throws Exception {
        try (var cluster = Cluster.start(folder, failure.layout())) {
            return faults(cluster);
        }
    }

    /** Returns the faults. If there are any, adds the log lines of the nodes and the command that repeats the run. */
    List<String> faults(Cluster cluster) throws Exception {
        var random = new Random(seed);
        var faults = new ArrayList<String>();
        try (var traffic = Traffic.start(cluster.nodes(), cluster.nextRun(), failure.usesKeys(), random)) {
            failure.strike(cluster, traffic, random, length);
            cluster.awaitReadiness(200);
            long healed = System.nanoTime();
            traffic.awaitProgress();
            faults.addAll(traffic.finish(failure.loss(), healed, failure.endsNodes()));
        } catch (AssertionError e) {
            faults.add(e.getMessage());
        }
        for (Node node : cluster.nodes()) {
            if (node.output().contains("\tat ")) {
                faults.add("a node has logged a stack trace");
            }
        }
        if (!faults.isEmpty()) {
            cluster.nodes().forEach(node -> faults.add("a node has logged:\n" + node.output()));
            faults.add("To repeat the run: " + command());
        }
        return faults;
    }

    private String command() {
        return "./mvnw -q -f benchmarks compile exec:exec@failures -Dfailures.only=%s -Dfailures.seed=%d -Dfailures.length=%s -Dfailures.runs=1"
                .formatted(failure, seed, length);
    }
}
