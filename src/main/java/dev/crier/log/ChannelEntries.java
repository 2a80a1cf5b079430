package dev.crier.log;

import dev.crier.event.ChannelName;
import dev.crier.event.Entry;
import dev.crier.event.EventId;
import dev.crier.event.Retention;
import dev.crier.log.store.HeapSize;
import dev.crier.log.store.LogSize;
import dev.crier.log.store.ReadResult;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentSkipListMap;

/**
 * One channel's entries in memory. Only the log's context uses this class, except for the methods that are marked as
 * thread-safe. They take no lock.
 *
 * <p>The writer advances {@link #dropped} before it removes an entry. A reader therefore reads the entries first and {@code
 * dropped} afterwards, and knows whether it has missed one.
 */
final class ChannelEntries {

    private final ChannelName name;
    private final Retention retention;
    private final ConcurrentSkipListMap<EventId, Entry> entries = new ConcurrentSkipListMap<>();
    private final LogSize size;
    private volatile EventId dropped;
    private int count;

    /** The number of the last {@link EvictionSteps.Step} in which the channel got an entry. */
    private int lastStep = -1;

    /**
     * @param dropped the position before which the channel may have lost entries
     * @param size counts the entries of many channels
     */
    ChannelEntries(ChannelName name, Retention retention, EventId dropped, LogSize size) {
        this.name = name;
        this.retention = retention;
        this.dropped = dropped;
        this.size = size;
    }

    /** Returns the one instance of the name that all entries of the channel share. */
    ChannelName name() {
        return name;
    }

    Retention retention() {
        return retention;
    }

    /**
     * Returns the newest entry that retention has dropped, or a later position before which nothing is known. Thread-safe.
     */
    EventId dropped() {
        return dropped;
    }

    boolean isEmpty() {
        return entries.isEmpty();
    }

    /** Returns the entries after the position, oldest first, up to the first that reaches the size. Thread-safe. */
    List<Entry> after(EventId position, long maxBytes) {
        Collection<Entry> later = entries.tailMap(position, false).values();
        if (later.isEmpty()) {
            return List.of();
        }
        var read = new ArrayList<Entry>();
        long bytes = 0;
        for (Entry entry : later) {
            read.add(entry);
            bytes += ReadResult.bytes(entry);
            if (bytes >= maxBytes) {
                break;
            }
        }
        return read;
    }

    /** Returns whether the id comes after all entries. */
    boolean endsBefore(EventId id) {
        return entries.isEmpty() || entries.lastKey().isBefore(id);
    }

    /** Returns the id of the first entry after the position. Thread-safe. */
    Optional<EventId> firstAfter(EventId position) {
        return Optional.ofNullable(entries.higherKey(position));
    }

    /** Returns when the oldest entry after the position was stored. Thread-safe. */
    OptionalLong storedAfter(EventId position) {
        var first = entries.higherEntry(position);
        return first == null
                ? OptionalLong.empty()
                : OptionalLong.of(first.getValue().storedMillis());
    }

    /** Returns how much memory is freed when more events arrive, because the channel keeps only a number of them. */
    long freedBy(int moreEvents) {
        long excess = (long) count + moreEvents - retention.maxEvents();
        return entries.values().stream()
                .limit(Math.max(0, excess))
                .mapToLong(HeapSize::of)
                .sum();
    }

    /** Adds an entry, drops the oldest ones beyond the channel's number, and returns how many bytes the entry takes. */
    long add(Entry entry) {
        Entry own = entry.channel() == name ? entry : new Entry(entry.id(), name, entry.event(), entry.storedMillis());
        entries.put(own.id(), own);
        long bytes = size.add(own);
        count++;
        while (count > retention.maxEvents()) {
            drop(entries.firstEntry().getValue());
        }
        return bytes;
    }

    /** Joins the step of {@link EvictionSteps}, and returns whether the channel had not joined it before. */
    boolean joinStep(int step) {
        boolean isNew = lastStep != step;
        lastStep = step;
        return isNew;
    }

    /** Drops the entries that are older than the channel keeps them. */
    void expire(long nowMillis) {
        if (retention instanceof Retention.Events events) {
            long oldest = nowMillis - events.age().toMillis();
            for (var first = entries.firstEntry();
                    first != null && first.getValue().storedMillis() < oldest;
                    first = entries.firstEntry()) {
                drop(first.getValue());
            }
        }
    }

    /** Removes the entries through the position from memory, because the store has them. The latest entry of a channel stays. */
    void evict(EventId floor) {
        if (retention instanceof Retention.Events) {
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
