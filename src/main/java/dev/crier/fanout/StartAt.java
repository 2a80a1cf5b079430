package dev.crier.fanout;

import dev.crier.event.EventId;

/** Where a new reader wants to begin. */
public sealed interface StartAt {

    /** With what comes from now on. */
    record Now() implements StartAt {}

    /** With all that is kept. */
    record Earliest() implements StartAt {}

    /**
     * Behind a place.
     *
     * @param asked the place in the reader's own words
     */
    record After(EventId place, String asked) implements StartAt {}

    /** With what came from a time on, which may still be to come. */
    record From(EventId place, String asked) implements StartAt {}

    /** Behind a place that Crier does not know. */
    record Unknown(String asked) implements StartAt {}
}
