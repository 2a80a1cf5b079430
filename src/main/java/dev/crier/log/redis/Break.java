package dev.crier.log.redis;

import dev.crier.event.EventId;
import java.util.List;

/**
 * The end of an epoch and the beginning of the next one. Ids between the two positions were given by other primaries, if at all,
 * so their entries are not in the log.
 *
 * @param after the position at which the old epoch ends; entries after it may be lost
 * @param through the position at which the new epoch begins
 * @param lossless whether no entry was lost, because Redis had everything that any node had shown
 * @param lastNumber the number of the new epoch, or of the last one that was merged with it
 */
record Break(EventId after, EventId through, boolean lossless, long lastNumber) {

    /** The ids of an epoch have sequences from its number times this. The scripts have the same constant. */
    private static final long EPOCH_SEQUENCES = 1_000_000;

    private static final String LOSSLESS = "=";

    /** Parses {@code <after> <through>}, and perhaps {@code =} and the last number. */
    static Break parse(String text) {
        List<String> words = List.of(text.split(" "));
        EventId through = id(words.get(1));
        String last = words.get(words.size() - 1);
        return new Break(
                id(words.get(0)),
                through,
                words.contains(LOSSLESS),
                last.matches("\\d+") ? Long.parseLong(last) : epochNumber(through));
    }

    static EventId id(String text) {
        return EventId.parse(text).orElseThrow(() -> new IllegalStateException("Redis sent the event id " + text));
    }

    /** Returns the number of the epoch in which the id was given. */
    static long epochNumber(EventId id) {
        return id.sequence() / EPOCH_SEQUENCES;
    }

    /** Returns whether the new epoch has this number. */
    boolean begins(long epochNumber) {
        return epochNumber(through) <= epochNumber && epochNumber <= lastNumber;
    }

    /**
     * Returns whether a reader at the position may miss entries. If none was lost, that is a reader that has received entries of
     * another primary.
     */
    boolean contains(EventId position) {
        return lossless
                ? isBetween(position) && !position.isInstant()
                : !position.isBefore(after) && position.isBefore(through);
    }

    /** Returns whether the id was given by another primary, if at all. */
    boolean isBetween(EventId id) {
        return after.isBefore(id) && id.isBefore(through);
    }
}
