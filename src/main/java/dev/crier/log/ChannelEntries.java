package dev.crier.log;

import dev.crier.event.ChannelName;
import dev.crier.event.Entry;
import dev.crier.event.EventId;
import dev.crier.event.Retention;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentSkipListMap;

/**
 * What is in memory of one channel. The log's writer changes it, any thread reads it, and nobody waits: before the
 * writer takes entries away it says how far, so that a reader who looks for entries first and at that place afterwards
 * knows whether it missed one.
 */
final class ChannelEntries {

    private final ChannelName name;
    private final Retention keep;
    private final ConcurrentSkipListMap<EventId, Entry> entries = new ConcurrentSkipListMap<>();
    private final LogSize size;
    private volatile EventId dropped;
    private int count;

    /** Of the last step in which it got an entry. */
    private int stepNumber = -1;

    /** @param size of all channels; this one counts what is its own */
    ChannelEntries(ChannelName name, Retention keep, EventId dropped, LogSize size) {
        this.name = name;
        this.keep = keep;
        this.dropped = dropped;
        this.size = size;
    }

    /** The one instance of the name that all entries of the channel share. */
    ChannelName name() {
        return name;
    }

    Retention keep() {
        return keep;
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
            size += ReadResult.bytes(entry);
            if (size >= maxBytes) {
                break;
            }
        }
        return read;
    }

    /** When the oldest entry after the place was stored. */
    OptionalLong storedAfter(EventId place) {
        var first = entries.higherEntry(place);
        return first == null
                ? OptionalLong.empty()
                : OptionalLong.of(first.getValue().storedMillis());
    }

    /** How much memory its oldest entries free when so many more come, since it keeps only a number of them. */
    long freedBy(int more) {
        long beyond = (long) count + more - keep.most();
        return entries.values().stream()
                .limit(Math.max(0, beyond))
                .mapToLong(HeapSize::of)
                .sum();
    }

    /** Adds an entry, and drops the oldest ones that are too many; returns how many bytes the entry takes. */
    long add(Entry entry) {
        Entry own = entry.channel() == name ? entry : new Entry(entry.id(), name, entry.event(), entry.storedMillis());
        entries.put(own.id(), own);
        long bytes = size.add(own);
        count++;
        while (count > keep.most()) {
            drop(entries.firstEntry().getValue());
        }
        return bytes;
    }

    /** Whether it got no entry in this step before. */
    boolean growsIn(int step) {
        boolean first = stepNumber != step;
        stepNumber = step;
        return first;
    }

    /** Drops the entries that are older than the channel keeps them. */
    void expire(long nowMillis) {
        if (keep instanceof Retention.Events events) {
            long oldest = nowMillis - events.age().toMillis();
            for (var first = entries.firstEntry();
                    first != null && first.getValue().storedMillis() < oldest;
                    first = entries.firstEntry()) {
                drop(first.getValue());
            }
        }
    }

    /** Takes out of memory what can be fetched, up to and with the place; the latest stays. */
    void evict(EventId floor) {
        if (keep instanceof Retention.Events) {
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
}
