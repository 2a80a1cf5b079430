package dev.crier.metrics;

/** Counts for the channels of one declaration. Thread-safe. The default methods do nothing. */
public interface ChannelMetrics {

    ChannelMetrics NONE = new ChannelMetrics() {};

    default void subscriberJoined() {}

    default void subscriberLeft() {}

    /** Counts a stored event with its bytes of data. */
    default void published(long bytes) {}

    /** Counts events that were written to subscribers, and the bytes of their streams. */
    default void delivered(long events, long bytes) {}

    /**
     * Records that new events have now been written to all subscribers of a channel that accept bytes.
     *
     * @param publishedMillis when the oldest of these events was published, in milliseconds since 1970
     */
    default void deliveryCompleted(long publishedMillis) {}

    /** Counts gaps that were reported to subscribers. */
    default void gaps(long gaps) {}

    /**
     * Sets the lag that one reporter sees. It holds until the same reporter sets another or calls {@link #noLag}.
     *
     * @param reporter no other reporter has the same subscribers
     * @param subscribers how many of its subscribers have not received all entries
     * @param publishedMillis when the oldest event that one of them lacks was published, in milliseconds since 1970
     */
    default void lag(Object reporter, int subscribers, long publishedMillis) {}

    default void noLag(Object reporter) {}
}
