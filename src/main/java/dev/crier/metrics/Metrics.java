package dev.crier.metrics;

import java.util.function.LongSupplier;

/**
 * What is counted and measured for those who run Crier, by any thread. By itself it counts nothing.
 *
 * <p>What tells numbers of the same name apart comes from the conf or from Crier, and never from a client: or anyone could
 * make as many of them as he likes, and read there what others read.
 */
public interface Metrics {

    Metrics NONE = new Metrics() {};

    /** Of the channels that are declared as this one is. */
    default ChannelMetrics channel(String name) {
        return ChannelMetrics.NONE;
    }

    default void ended(EndReason why) {}

    default void connected() {}

    default void disconnected() {}

    /** A connection is closed that only held its place. */
    default void shed() {}

    /** Counts the requests that are refused with the status, each time it is run. */
    default Runnable refusals(int status) {
        return () -> {};
    }

    /** An event loop came to what it was to do by so much too late. */
    default void late(long nanos) {}

    /** The store has taken so long to store what it was given at once, or to fail. */
    default void written(long nanos, boolean stored) {}

    /**
     * Asks for the size of the log each time it is to be told.
     *
     * @param channels how many exist
     * @param memoryBytes about how much memory the log takes
     * @param memoryLimit how much it may take
     * @param fileBytes how much of the disk; may wait for it
     */
    default void log(
            LongSupplier entries,
            LongSupplier channels,
            LongSupplier memoryBytes,
            LongSupplier memoryLimit,
            LongSupplier fileBytes) {}

    /** Registers the number of bytes that wait in the connections of all subscribers. */
    default void queued(LongSupplier bytes) {}

    /** @param dropped the number of log lines that were dropped */
    default void console(LongSupplier dropped) {}

    /**
     * All of it, which takes a while.
     *
     * @param accept what the asker takes, as HTTP has it; "" for anything
     */
    default Exposition expose(String accept) {
        throw new IllegalStateException("nothing is counted");
    }

    default void close() {}
}
