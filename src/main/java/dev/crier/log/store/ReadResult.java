package dev.crier.log.store;

import dev.crier.event.Entry;
import dev.crier.event.EventId;
import java.util.List;
import java.util.Optional;

/** The result of reading a channel after a position. */
public sealed interface ReadResult {

    /** The approximate maximum size of one read, in bytes. */
    long MAX_BYTES = 64L << 10;

    /** Returns the approximate number of bytes that the entry adds to a read. */
    static long bytes(Entry entry) {
        return 200 + entry.event().data().length() + entry.event().type().length();
    }

    /**
     * Entries, oldest first.
     *
     * @param through the position up to which the channel is read
     * @param more whether the read reached its size limit, so that another returns more at once
     */
    record Entries(List<Entry> entries, EventId through, boolean more) implements ReadResult {

        /** Returns the result of a read that found these entries between the two positions. */
        public static Entries of(List<Entry> entries, EventId after, EventId through) {
            return of(entries, after, through, MAX_BYTES);
        }

        /** @param maxBytes the size at which the read stopped */
        public static Entries of(List<Entry> entries, EventId after, EventId through, long maxBytes) {
            boolean more = entries.stream().mapToLong(ReadResult::bytes).sum() >= maxBytes;
            EventId last =
                    entries.isEmpty() ? after : entries.get(entries.size() - 1).id();
            return new Entries(entries, more ? last : EventId.later(last, through), more);
        }
    }

    /**
     * The channel has lost entries after the position.
     *
     * @param through the position after which nothing is missing
     * @param oldest the first entry after it, if there is one
     */
    record Gap(EventId through, Optional<EventId> oldest) implements ReadResult {}

    /** Entries after the position may be in the store only. {@code EventLog.fetch} reads them. */
    record Elsewhere() implements ReadResult {}
}
