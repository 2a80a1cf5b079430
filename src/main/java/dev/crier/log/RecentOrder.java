package dev.crier.log;

import dev.crier.event.ChannelName;
import dev.crier.event.Entry;
import dev.crier.event.EventId;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/**
 * The channels of the newest entries, in the order over all channels. A reader of many channels finds here which of them have
 * new entries, and so reads only those. It takes at most 720 KB, which is not counted. Only the log's context changes it; any
 * thread may ask, without a lock.
 */
final class RecentOrder {

    /** How many entries it knows. A power of two. */
    private static final int SIZE = 1 << 14;

    /**
     * An entry's id, as numbers, and its channel. A reference to the id would keep it in memory after its entry.
     *
     * @param index the number of the entry since the start, which shows whether a reader sees the slot that it expects
     */
    private record Slot(long index, long millis, long sequence, ChannelName channel) {

        boolean isAfter(EventId position) {
            return millis > position.millis() || millis == position.millis() && sequence > position.sequence();
        }
    }

    /** @param after the position before the first entry */
    private record Begin(long index, EventId after) {}

    private final AtomicReferenceArray<Slot> slots = new AtomicReferenceArray<>(SIZE);
    private volatile Begin begin;
    private volatile long next;

    /** @param position the position before the first entry that will be added */
    RecentOrder(EventId position) {
        begin = new Begin(0, position);
    }

    /** Forgets everything up to the position, because entries before it were not added. */
    void restart(EventId position) {
        begin = new Begin(next, position);
    }

    /** @param sharedName returns the instance of a name to refer to */
    void add(List<Entry> entries, UnaryOperator<ChannelName> sharedName) {
        long index = next;
        for (Entry entry : entries) {
            EventId id = entry.id();
            slots.set(slot(index), new Slot(index, id.millis(), id.sequence(), sharedName.apply(entry.channel())));
            index++;
        }
        next = index;
    }

    /** Returns how many entries each channel has since a time, of those that it knows. Thread-safe. */
    Map<ChannelName, Integer> counts(long sinceMillis) {
        var counts = new HashMap<ChannelName, Integer>();
        long first = begin.index();
        for (long index = next - 1; index >= first; index--) {
            Slot slot = slots.get(slot(index));
            if (slot.index() != index || slot.millis() < sinceMillis) {
                break;
            }
            counts.merge(slot.channel(), 1, Integer::sum);
        }
        return counts;
    }

    private static int slot(long index) {
        return (int) index & SIZE - 1;
    }

    /**
     * Collects the channels that have entries after the one position and up to the other. Returns false if it does not know
     * all of these entries, or if there are more than the given number. Thread-safe.
     */
    boolean collect(
            EventId after,
            EventId through,
            long maxEntries,
            Predicate<ChannelName> wanted,
            Collection<ChannelName> channels) {
        long end = next;
        Begin first = begin;
        long low = Math.max(first.index(), end - SIZE);
        if (low == first.index() ? after.isBefore(first.after()) : !isAtOrBefore(low, after)) {
            return false;
        }
        long high = end;
        while (low < high) {
            long middle = low + high >>> 1;
            if (isAtOrBefore(middle, after)) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        if (end - low > maxEntries) {
            return false;
        }
        for (long index = low; index < end; index++) {
            Slot slot = slots.get(slot(index));
            if (slot.index() != index) {
                return false; // the log's context has overwritten it meanwhile
            }
            if (slot.isAfter(through)) {
                return true;
            }
            if (wanted.test(slot.channel())) {
                channels.add(slot.channel());
            }
        }
        return true;
    }

    /** Returns whether the entry is at or before the position. An overwritten slot is not, so the scan finds it. */
    private boolean isAtOrBefore(long index, EventId position) {
        Slot slot = slots.get(slot(index));
        return slot.index() == index && !slot.isAfter(position);
    }
}
