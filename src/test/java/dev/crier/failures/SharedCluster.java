package dev.crier.failures;

import dev.crier.failures.Cluster.Layout;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Runs failures one after another in the same cluster, which saves most of their time. A run with faults ends the cluster, so
 * that it cannot cause faults in the next run.
 */
final class SharedCluster implements AutoCloseable {

    private final Path folder;
    private final List<FailureRun> earlier = new ArrayList<>();
    private Cluster cluster;

    /** The cluster starts with the first run. */
    SharedCluster(Path folder) {
        this.folder = folder;
    }

    /**
     * Returns whether the failure leaves the cluster as it was. A killed node does not: the log counts it as a node for 5
     * seconds, and if Redis restarts meanwhile, there is a gap.
     */
    static boolean permits(Failure failure) {
        return failure.layout().equals(Layout.ONE_REDIS) && !failure.endsNodes();
    }

    /** Returns the faults of a run, and the earlier runs in its cluster if there are faults. */
    List<String> faults(FailureRun run) throws Exception {
        if (cluster == null) {
            cluster = Cluster.start(folder, Layout.ONE_REDIS);
        }
        List<String> faults = List.of("the run has not ended");
        try {
            faults = run.faults(cluster);
            if (!faults.isEmpty()) {
                faults.add("Earlier runs in the same cluster: " + earlier);
            }
            return faults;
        } finally {
            earlier.add(run);
            if (!faults.isEmpty()) {
                close();
            }
        }
    }

    @Override
    public void close() throws IOException {
        if (cluster != null) {
            cluster.close();
            cluster = null;
            earlier.clear();
        }
    }
}
