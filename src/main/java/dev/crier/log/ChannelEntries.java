package dev.crier.log;

import dev.crier.event.ChannelName;
import dev.crier.event.Entry;
import dev.crier.event.EventId;
import dev.crier.event.Retention;
import dev.crier.log.store.HeapSize;
import dev.crier.log.store.KeptEntries;
import dev.crier.log.store.LogSize;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

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
    private final OrderedEntries entries = new OrderedEntries();
    private final LogSize size;
    private volatile EventId dropped;

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
        return entries.size() == 0;
    }

    /** Returns the entries after the position, oldest first, up to the first that reaches the size. Thread-safe. */
    List<Entry> after(EventId position, long maxBytes) {
        return entries.after(position, maxBytes);
    }

    /** Returns whether the id comes after all entries. */
    boolean endsBefore(EventId id) {
        return isEmpty() || entries.last().id().isBefore(id);
    }

    /** Returns the newest entry. Thread-safe. */
    Optional<Entry> newest() {
        return Optional.ofNullable(entries.last());
    }

    /** Returns the id of the first entry after the position. Thread-safe. */
    Optional<EventId> firstAfter(EventId position) {
        return Optional.ofNullable(entries.firstAfter(position)).map(Entry::id);
    }

    /** Returns the entries in memory. Thread-safe. */
    KeptEntries kept() {
        Optional<EventId> first = firstAfter(EventId.FIRST);
        return new KeptEntries(
                entries.size(),
                false,
                first.isPresent() ? OptionalLong.of(first.get().millis()) : OptionalLong.empty());
    }

    /** Returns when the oldest entry after the position was stored. Thread-safe. */
    OptionalLong storedAfter(EventId position) {
        Entry first = entries.firstAfter(position);
        return first == null ? OptionalLong.empty() : OptionalLong.of(first.storedMillis());
    }

    /** Returns how much memory is freed when more events arrive, because the channel keeps only a number of them. */
    long freedBy(int moreEvents) {
        long excess = (long) entries.size() + moreEvents - retention.maxEvents();
        return entries.stream()
                .limit(Math.max(0, excess))
                .mapToLong(HeapSize::of)
                .sum();
    }

    /** Adds an entry, drops the oldest ones beyond the channel's number, and returns how many bytes the entry takes. */
    long add(Entry entry) {
        Entry own = entry.channel() == name ? entry : new Entry(entry.id(), name, entry.event(), entry.storedMillis());
        entries.add(own);
        long bytes = size.add(own);
        while (entries.size() > retention.maxEvents()) {
            drop(entries.first());
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
            for (Entry first = entries.first();
                    first != null && first.storedMillis() < oldest;
                    first = entries.first()) {
                drop(first);
            }
        }
    }

    /** Removes the entries through the position from memory, because the store has them. The latest entry of a channel stays. */
    void evict(EventId floor) {
        if (retention instanceof Retention.Events) {
            for (Entry first = entries.first(); first != null && !floor.isBefore(first.id()); first = entries.first()) {
                remove(first);
            }
        }
    }

    private void drop(Entry first) {
        dropped = EventId.later(dropped, first.id());
        remove(first);
    }

    private void remove(Entry first) {
        entries.removeFirst();
        size.remove(first);
    }
}
