package dev.crier.log;

import dev.crier.event.Entry;
import dev.crier.event.EventId;
import dev.crier.log.store.ReadResult;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Entries in the order of their ids. One thread adds at the end and removes at the beginning. Any thread may call the methods
 * that are marked as thread-safe. They take no lock.
 *
 * <p>An array costs a fraction of a sorted map, because entries arrive in order. A reader takes one range, whose slots do not
 * change, except that a removed entry becomes null. A reader that finds null also sees what the writer did before it removed
 * the entry.
 */
final class OrderedEntries {

    private static final int MIN_SLOTS = 4;

    /** The entries in the slots from the first index to the second, exclusively. */
    private record Range(AtomicReferenceArray<Entry> slots, int from, int to) {

        int size() {
            return to - from;
        }

        List<Entry> after(EventId position, long maxBytes) {
            int index = indexAfter(position);
            if (index == to) {
                return List.of();
            }
            var read = new ArrayList<Entry>();
            long bytes = 0;
            for (int i = index; i < to && bytes < maxBytes; i++) {
                Entry entry = slots.getAcquire(i);
                if (entry != null) { // otherwise it was removed meanwhile
                    read.add(entry);
                    bytes += ReadResult.bytes(entry);
                }
            }
            return read;
        }

        /**
         * Returns the index of the first entry after the position. All removed entries come before it. Searches from the end,
         * because most readers ask for the last few entries.
         */
        private int indexAfter(EventId position) {
            int high = to;
            int step = 1;
            while (high - step >= from && isAfter(high - step, position)) {
                high -= step;
                step *= 2;
            }
            int low = Math.max(from, high - step + 1);
            while (low < high) {
                int middle = (low + high) >>> 1;
                if (isAfter(middle, position)) {
                    high = middle;
                } else {
                    low = middle + 1;
                }
            }
            return low;
        }

        private boolean isAfter(int index, EventId position) {
            Entry entry = slots.getAcquire(index);
            return entry != null && position.isBefore(entry.id());
        }

        /** Returns the same entries in an array that has room for as many again. */
        Range copy() {
            var copy = new AtomicReferenceArray<Entry>(Math.max(MIN_SLOTS, 2 * size()));
            for (int i = from; i < to; i++) {
                copy.setPlain(i - from, slots.getPlain(i));
            }
            return new Range(copy, 0, size());
        }
    }

    private volatile Range range = new Range(new AtomicReferenceArray<>(MIN_SLOTS), 0, 0);

    /** Adds an entry that comes after all others. */
    void add(Entry entry) {
        Range old = range;
        Range free = old.to() < old.slots().length() ? old : old.copy();
        free.slots().setPlain(free.to(), entry); // no reader looks at this slot before the range includes it
        range = new Range(free.slots(), free.from(), free.to() + 1);
    }

    /** Removes the first entry. */
    void removeFirst() {
        Range old = range;
        var rest = new Range(old.slots(), old.from() + 1, old.to());
        boolean tooLarge = rest.slots().length() > Math.max(MIN_SLOTS, 4 * rest.size());
        range = tooLarge ? rest.copy() : rest;
        old.slots().setRelease(old.from(), null);
    }

    /** Returns the first entry, or null. Not thread-safe. */
    Entry first() {
        Range all = range;
        return all.size() == 0 ? null : all.slots().getPlain(all.from());
    }

    /** Returns the last entry, or null. Thread-safe. */
    Entry last() {
        Range all;
        Entry last;
        do { // if the last entry was removed meanwhile, others may follow
            all = range;
            last = all.size() == 0 ? null : all.slots().getAcquire(all.to() - 1);
        } while (last == null && all != range);
        return last;
    }

    /** Returns all entries, oldest first. Not thread-safe. */
    Stream<Entry> stream() {
        Range all = range;
        return IntStream.range(all.from(), all.to()).mapToObj(all.slots()::getPlain);
    }

    /** Returns the number of entries. Thread-safe. */
    int size() {
        return range.size();
    }

    /** Returns the first entry after the position, or null. Thread-safe. */
    Entry firstAfter(EventId position) {
        List<Entry> first = after(position, 1);
        return first.isEmpty() ? null : first.get(0);
    }

    /** Returns the entries after the position, oldest first, up to the first that reaches the size. Thread-safe. */
    List<Entry> after(EventId position, long maxBytes) {
        Range all;
        List<Entry> read;
        do { // if all entries of the range were removed meanwhile, others may follow
            all = range;
            read = all.after(position, maxBytes);
        } while (read.isEmpty() && all != range);
        return read;
    }
}
