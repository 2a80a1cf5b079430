package dev.crier.metrics;

import java.util.Locale;

/** The reason why a stream ended. Its name in lower case is the value of the label {@code reason}. */
public enum StreamEndReason {

    /** The client left, or its connection broke. */
    LEFT,

    /** The connection accepted nothing for too long. */
    STALLED,

    /** The stream reached its longest lifetime, or the client's token expired. */
    LIFETIME,

    /** The channel ended, and the subscriber has received its end. */
    CHANNEL_ENDED,

    /** Crier stopped. */
    SHUTDOWN,

    /** Too many bytes waited in all connections together, and this subscriber had made no progress for longest. */
    EVICTED,

    /** A write to the connection failed. */
    WRITE_FAILED,

    /** The log could not be read, so the stream could not start. */
    UNREADABLE;

    String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
