package dev.crier.log;

import dev.crier.event.Entry;
import dev.crier.event.EventId;
import java.util.List;
import java.util.Optional;

/** What a read answers. */
public sealed interface ReadResult {

    /** About how much an entry adds to a read. */
    static long bytes(Entry entry) {
        return 200 + entry.event().data().length() + entry.event().type().length();
    }

    /**
     * Entries, oldest first.
     *
     * @param through nothing of the channel is left unread up to here
     * @param more whether the read was cut short, and another would give more at once
     */
    record Entries(List<Entry> entries, EventId through, boolean more) implements ReadResult {

        /** All that there is from the one place to the other, as far as a read gives it. */
        public static Entries of(List<Entry> entries, EventId after, EventId through) {
            boolean more = entries.stream().mapToLong(ReadResult::bytes).sum() >= RecentEntries.MAX_READ_BYTES;
            EventId last =
                    entries.isEmpty() ? after : entries.get(entries.size() - 1).id();
            return new Entries(entries, more ? last : EventId.later(last, through), more);
        }
    }

    /**
     * Something after the place is no longer kept.
     *
     * @param through the place from which on nothing is missing
     * @param oldest the first entry after it, if there is one
     */
    record Gap(EventId through, Optional<EventId> oldest) implements ReadResult {}

    /** What is asked for is no longer in memory: it is to be fetched. */
    record Elsewhere() implements ReadResult {}
}
