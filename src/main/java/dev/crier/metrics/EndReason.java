package dev.crier.metrics;

import java.util.Locale;

/** Why a stream has ended. */
public enum EndReason {

    /** The reader left, or its connection broke. */
    LEFT,

    /** The reader took nothing for too long. */
    STALLED,

    /** It lasted as long as a stream may, or as the token of its reader. */
    LIFETIME,

    /** Crier stops. */
    SHUTDOWN,

    /** Too many bytes waited in all connections, and this subscriber had taken nothing for longest. */
    EVICTED,

    /** A write to the subscriber failed. */
    WRITE_FAILED,

    /** What is stored could not be read, so that it could not begin. */
    UNREADABLE;

    String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
