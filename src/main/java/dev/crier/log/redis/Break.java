package dev.crier.log.redis;

import dev.crier.event.EventId;

/**
 * A range in which Redis may have lost entries that had been shown.
 *
 * @param after the position before the range; entries after it may be missing
 * @param through the position at the end of the range
 */
record Break(EventId after, EventId through) {

    /** The ids of an epoch have sequences from its number times this. The scripts have the same constant. */
    private static final long EPOCH_SEQUENCES = 1_000_000;

    static Break parse(String text) {
        String[] ids = text.split(" ");
        return new Break(id(ids[0]), id(ids[1]));
    }

    static EventId id(String text) {
        return EventId.parse(text).orElseThrow(() -> new IllegalStateException("Redis sent the event id " + text));
    }

    /** Returns the number of the epoch in which the id was given. */
    static long epochNumber(EventId id) {
        return id.sequence() / EPOCH_SEQUENCES;
    }

    /** Returns whether a reader at the position may miss entries. */
    boolean contains(EventId position) {
        return !position.isBefore(after) && position.isBefore(through);
    }
}
