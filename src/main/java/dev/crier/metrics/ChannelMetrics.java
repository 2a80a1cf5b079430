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
     * Sets the lag of one reporter, which stays until the reporter sets another lag or calls {@link #noLag}.
     *
     * @param reporter identifies the caller. No two reporters have a subscriber in common
     * @param subscribers how many of the reporter's subscribers have not received all entries
     * @param publishedMillis when the oldest event that they have not received was published, in milliseconds since 1970
     */
    default void lag(Object reporter, int subscribers, long publishedMillis) {}

    default void noLag(Object reporter) {}
}
