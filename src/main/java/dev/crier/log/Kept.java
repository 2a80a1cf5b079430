package dev.crier.log;

import dev.crier.event.Entry;
import dev.crier.event.EventId;
import dev.crier.event.Keep;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;

/**
 * What is in memory of one channel. The log's writer changes it, any thread reads it, and nobody waits: before the
 * writer takes entries away it says how far, so that a reader who looks for entries first and at that place afterwards
 * knows whether it missed one.
 */
final class Kept {

    private final Keep keep;
    private final ConcurrentSkipListMap<EventId, Entry> entries = new ConcurrentSkipListMap<>();
    private final Size size;
    private volatile EventId dropped;
    private int count;

    /** @param size of all channels; this one counts what is its own */
    Kept(Keep keep, EventId dropped, Size size) {
        this.keep = keep;
        this.dropped = dropped;
        this.size = size;
    }

    /** The newest entry that retention has taken, or a later place before which nobody knows. */
    EventId dropped() {
        return dropped;
    }

    boolean isEmpty() {
        return entries.isEmpty();
    }

    /** Entries after the place, oldest first, until they have so many bytes. */
    List<Entry> after(EventId place, long maxBytes) {
        Collection<Entry> later = entries.tailMap(place, false).values();
        if (later.isEmpty()) {
            return List.of();
        }
        var read = new ArrayList<Entry>();
        long size = 0;
        for (Entry entry : later) {
            read.add(entry);
            size += bytes(entry);
            if (size >= maxBytes) {
                break;
            }
        }
        return read;
    }

    /** The oldest entry after the place. */
    Optional<EventId> firstAfter(EventId place) {
        return Optional.ofNullable(entries.higherKey(place));
    }

    void add(Entry entry) {
        entries.put(entry.id(), entry);
        size.add(entry);
        count++;
        while (count > keep.most()) {
            drop(entries.firstEntry().getValue());
        }
    }

    /** Lets go of what is older than it may be. */
    void expire(long nowMillis) {
        if (keep instanceof Keep.Events events) {
            EventId oldest = EventId.before(nowMillis - events.age().toMillis());
            for (var first = entries.firstEntry();
                    first != null && first.getKey().isBefore(oldest);
                    first = entries.firstEntry()) {
                drop(first.getValue());
            }
        }
    }

    /** Takes out of memory what can be fetched, up to and with the place; the latest stays. */
    void evict(EventId floor) {
        if (keep instanceof Keep.Events) {
            for (var first = entries.firstEntry();
                    first != null && !floor.isBefore(first.getKey());
                    first = entries.firstEntry()) {
                remove(first.getValue());
            }
        }
    }

    private void drop(Entry entry) {
        dropped = EventId.later(dropped, entry.id());
        remove(entry);
    }

    private void remove(Entry entry) {
        entries.remove(entry.id());
        size.remove(entry);
        count--;
    }

    /** About what an entry takes in memory. */
    static long bytes(Entry entry) {
        return 200 + entry.event().data().length() + entry.event().type().length();
    }
}
