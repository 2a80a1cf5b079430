package dev.crier.console;

import dev.crier.log.StoreFailure;
import dev.crier.log.store.Store;
import dev.crier.metrics.Reading;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * All that the console observes, at one moment. Counts begin at the start of Crier.
 *
 * @param upMillis how long the process has been running
 * @param notReady why Crier is not ready, without the reasons that the log has
 * @param files the files that are open; 0 if that is not known
 * @param refusedByAddress how many subscribers were refused because their address has too many
 * @param blocked the names of event loops that are blocked
 * @param certificateEnd when the certificate's validity ends; empty without TLS
 */
record Moment(
        Instant time,
        long upMillis,
        Optional<String> notReady,
        Reading metrics,
        int subscribers,
        int connections,
        int maxConnections,
        int files,
        int maxFiles,
        long refusedByAddress,
        Log log,
        Heap heap,
        List<String> blocked,
        Optional<Instant> certificateEnd) {

    /**
     * The event log.
     *
     * @param store the name of its store in the configuration
     * @param full why it refuses publications for lack of room
     * @param failure why its store cannot append
     * @param newestMillis the time of the newest event id
     * @param shared the connection to Redis; empty with other stores
     * @param sharers the nodes that share it; empty if nobody watches
     */
    record Log(
            String store,
            boolean readable,
            long entries,
            long channels,
            long memoryBytes,
            long maxMemoryBytes,
            long fileBytes,
            Optional<String> full,
            Optional<StoreFailure> failure,
            long newestMillis,
            Optional<Store.Shared> shared,
            List<Store.Sharer> sharers) {}

    /** The heap of the virtual machine. */
    record Heap(long bytes, long maxBytes) {}
}
