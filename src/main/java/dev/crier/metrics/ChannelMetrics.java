package dev.crier.metrics;

/** What is counted of the channels of one declaration, by any thread. By itself it counts nothing. */
public interface ChannelMetrics {

    ChannelMetrics NONE = new ChannelMetrics() {};

    /** A reader has come. */
    default void joined() {}

    /** A reader is gone, whyever. */
    default void left() {}

    /** An event was stored, with so many bytes of data. */
    default void published(long bytes) {}

    /** So many events were written to readers, as so many bytes of their streams. */
    default void delivered(long events, long bytes) {}

    /**
     * All readers that were to be given an event have it written to them now.
     *
     * @param publishedMillis when it was published, in milliseconds since 1970
     */
    default void deliveredSince(long publishedMillis) {}

    /** So many readers were told that something is missing. */
    default void gaps(long told) {}

    /**
     * Some readers have not been given all that there is, which holds until the same tells something else.
     *
     * @param teller one that tells of readers that no other tells of
     * @param readers how many
     * @param sinceMillis when the oldest event that one of them lacks was published, in milliseconds since 1970
     */
    default void lag(Object teller, int readers, long sinceMillis) {}

    /** No reader lags that it told of. */
    default void noLag(Object teller) {}
}
