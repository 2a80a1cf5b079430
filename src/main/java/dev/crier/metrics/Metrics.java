package dev.crier.metrics;

import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/**
 * Counts and measurements for the operators of Crier. Thread-safe. The default methods do nothing.
 *
 * <p>Label values come from the configuration or from Crier, never from a client. Otherwise anyone could create any number of
 * time series, and channel names would leak to everyone who reads the metrics.
 */
public interface Metrics {

    Metrics NONE = new Metrics() {};

    /** A scrape's response. */
    record Exposition(String contentType, byte[] body) {}

    /** Returns the metrics of the declaration that the channel belongs to. */
    default ChannelMetrics channel(String name) {
        return ChannelMetrics.NONE;
    }

    /** Returns the metrics of all subscribers that follow several channels. */
    default ChannelMetrics channelSets() {
        return ChannelMetrics.NONE;
    }

    default void streamEnded(StreamEndReason reason) {}

    default void connectionOpened() {}

    default void connectionClosed() {}

    /** Counts a connection that was closed because it had no complete request, or made room for another one. */
    default void idleConnectionClosed() {}

    /** Returns the counter of the requests that were refused with the status. Each run adds one. */
    default Runnable refusals(int status) {
        return () -> {};
    }

    /** Records how long after its due time an event loop ran a task. */
    default void eventLoopDelayed(long nanos) {}

    /** Records how long the store took for one append, and whether it succeeded. */
    default void appended(long nanos, boolean succeeded) {}

    /**
     * Registers the size of the log. Each function is called at each scrape.
     *
     * @param channels the number of channels that exist
     * @param memoryBytes the approximate memory that the log takes
     * @param memoryLimit the memory that it may take
     * @param fileBytes the disk space that it takes; may block
     * @param available whether it can be read and can store
     */
    default void observeLog(
            LongSupplier entries,
            LongSupplier channels,
            LongSupplier memoryBytes,
            LongSupplier memoryLimit,
            LongSupplier fileBytes,
            BooleanSupplier available) {}

    /** Registers the number of bytes that wait in the connections of all subscribers. */
    default void observeQueuedBytes(LongSupplier bytes) {}

    /** Registers the number of log lines that were dropped because standard output did not accept them. */
    default void observeDroppedLines(LongSupplier lines) {}

    /**
     * Returns all metrics as text. Blocks while the values are read.
     *
     * @param accept the request's {@code Accept} header; empty for any format
     */
    default Exposition scrape(String accept) {
        throw new IllegalStateException("metrics are off");
    }

    /** Returns the values of the metrics. Takes less than a millisecond. */
    default Reading read() {
        throw new IllegalStateException("metrics are off");
    }

    default void close() {}
}
