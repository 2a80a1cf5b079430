package dev.crier.sse;

import dev.crier.event.Event;
import java.util.Optional;

/** Reads events from bytes that arrive in any parts. The events do not depend on where the bytes are cut. */
public sealed interface EventParser permits EventStreamParser, LineParser {

    /** An event or a line is larger than allowed. */
    final class TooLargeException extends RuntimeException {

        private static final long serialVersionUID = 1L;

        TooLargeException() {
            super("too large", null, false, false);
        }
    }

    /** Adds bytes, which the parser keeps until it has read them. The array must not change after that. */
    void feed(byte[] bytes);

    /** Says that no more bytes follow. */
    void end();

    /**
     * Returns the next event; empty if its last byte has not arrived. Returns all events before a fault before it throws, and
     * must not be called after that.
     *
     * @throws IllegalArgumentException if the bytes are invalid; names the fault and what is expected
     * @throws TooLargeException if the event is too large
     */
    Optional<Event> next();

    /** Returns how many lines have ended. */
    long lines();

    /** Returns how many bytes are in memory that belong to no event yet. */
    int heldBytes();
}
