package dev.crier.channel;

import dev.crier.event.EventId;

/** Where a new reader wants to begin. */
public sealed interface Start {

    /** With what comes from now on. */
    record Now() implements Start {}

    /** With all that is kept. */
    record Earliest() implements Start {}

    /**
     * Behind a place.
     *
     * @param asked the place in the reader's own words
     */
    record After(EventId place, String asked) implements Start {}

    /** With what came from a time on, which may still be to come. */
    record From(EventId place, String asked) implements Start {}

    /** Behind a place that Crier does not know. */
    record Unknown(String asked) implements Start {}
}
