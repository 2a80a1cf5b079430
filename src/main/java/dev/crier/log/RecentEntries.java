package dev.crier.log;

import dev.crier.event.ChannelName;
import dev.crier.event.Entry;
import dev.crier.event.EventId;
import dev.crier.event.Retention;
import dev.crier.log.store.HeapSize;
import dev.crier.log.store.KeptEntries;
import dev.crier.log.store.LogSize;
import dev.crier.log.store.ReadResult;
import dev.crier.log.store.Store;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/**
 * The newest entries of all channels, in memory, as far as retention keeps them. Only the log's context uses this class,
 * except for the methods that are marked as thread-safe. They take no lock.
 *
 * <p>These positions matter, from the oldest to the newest:
 *
 * <ul>
 *   <li>{@code begin}: nothing is known of what was at or before it
 *   <li>{@code floor}: at or before it, the store may have entries that are not in memory
 *   <li>{@code settled}: up to it, all entries can be read
 *   <li>{@code newest}: the newest entry that the store has shown, which is being added
 * </ul>
 *
 * <p>{@code forgotten} stands for the channels that are not in memory: none of them has lost an entry after it.
 *
 * <p>The class is long because a read is correct only if these positions and the channels change in a fixed order, so one class
 * reads and changes them.
 */
final class RecentEntries {

    private final Function<ChannelName, Optional<Retention>> retentionOf;

    /** Whether entries may leave memory because the store has them too. */
    private final boolean evicts;

    private final Map<ChannelName, ChannelEntries> channels = new ConcurrentHashMap<>();
    private final KnownChannels known;
    private final ExpirySweep expiry;
    private final EvictionSteps eviction;
    private final RecentOrder order;

    /** Counts the entries and channels that only retention removes from memory. */
    private final LogSize retained;

    /** Counts the entries that may leave memory, because the store has them too. */
    private final LogSize evictable = new LogSize();

    private final EventId begin;
    private volatile EventId floor;
    private volatile long floorStoredMillis;
    private volatile EventId newest;
    private volatile EventId settled;
    private volatile EventId forgotten;

    /**
     * @param maxBytes about how many bytes of entries stay in memory; {@link Long#MAX_VALUE} if the store has none of them
     * @param maxEmpty how many emptied channels are remembered one by one with what each has lost
     * @param retained counts what only retention removes from memory
     */
    RecentEntries(
            Function<ChannelName, Optional<Retention>> retentionOf,
            long maxBytes,
            int maxEmpty,
            Store.Opened opened,
            LogSize retained) {
        this.retentionOf = retentionOf;
        this.evicts = maxBytes < Long.MAX_VALUE;
        this.retained = retained;
        this.known = new KnownChannels(retained, name -> retentionOf.apply(name).isPresent());
        this.eviction = new EvictionSteps(maxBytes, opened.floor());
        forgotten = opened.forgotten();
        begin = opened.begin();
        floor = opened.floor();
        floorStoredMillis = floor.millis();
        newest = opened.newest();
        known.replace(opened.channels());
        opened.dropped()
                .forEach((name, dropped) ->
                        retentionOf.apply(name).ifPresent(retention -> channel(name, retention, dropped)));
        opened.entries().forEach(this::add);
        expiry = new ExpirySweep(channels, maxEmpty);
        expiry.excess().forEach(this::forget);
        order = new RecentOrder(newest);
        settled = newest;
    }

    /**
     * Continues from a new state of the store. Removes entries up to its floor from memory, except those of channels that keep
     * the latest event. Raises the floor before it removes entries, so that a concurrent read uses the store.
     */
    void reopen(Store.Opened opened) {
        forgotten = EventId.later(forgotten, opened.forgotten());
        floorStoredMillis = opened.floor().millis();
        floor = EventId.later(floor, opened.floor());
        newest = EventId.later(newest, opened.newest());
        for (ChannelEntries channel : List.copyOf(channels.values())) {
            channel.evict(floor);
            removeIfCovered(channel);
        }
        eviction.restart(floor);
        known.replace(opened.channels());
        for (Entry entry : opened.entries()) {
            ChannelEntries channel = channels.get(entry.channel());
            if (channel == null || channel.endsBefore(entry.id())) {
                add(entry);
            }
        }
        order.restart(newest);
        settled = newest;
    }

    /** Returns the entry of each channel that keeps the latest event. */
    List<Entry> latest() {
        return channels.values().stream()
                .filter(channel -> channel.retention() instanceof Retention.Latest)
                .flatMap(channel -> channel.after(EventId.FIRST, 1).stream())
                .toList();
    }

    /** Adds entries that the store shows, in order, and lets them be read. */
    void show(List<Entry> shown) {
        newest = shown.get(shown.size() - 1).id();
        shown.forEach(this::add);
        order.add(shown, this::sharedName);
        settled = newest;
        eviction.evict(this::evict);
    }

    private void add(Entry entry) {
        retentionOf.apply(entry.channel()).ifPresent(retention -> {
            ChannelEntries channel = channel(entry.channel(), retention, forgotten);
            known.add(channel.name()); // the store may have forgotten the channel since its last entry
            long bytes = channel.add(entry);
            if (evicts) {
                eviction.add(entry, channel, bytes, isEvicted(retention));
            }
        });
    }

    private ChannelEntries channel(ChannelName name, Retention retention, EventId dropped) {
        return channels.computeIfAbsent(name, absent -> {
            retained.add(HeapSize.CHANNEL);
            return new ChannelEntries(
                    name, retention, EventId.later(begin, dropped), isEvicted(retention) ? evictable : retained);
        });
    }

    private boolean isEvicted(Retention retention) {
        return evicts && retention instanceof Retention.Events;
    }

    private void evict(EvictionSteps.Step step) {
        floorStoredMillis = step.storedMillis();
        floor = EventId.later(floor, step.position());
        for (ChannelEntries channel : step.channels()) {
            channel.evict(floor);
            removeIfCovered(channel);
        }
    }

    /** Removes an empty channel once the floor has passed its last lost entry. Reads before the floor use the store. */
    private void removeIfCovered(ChannelEntries channel) {
        if (channel.isEmpty() && !isComplete() && !floor.isBefore(channel.dropped())) {
            remove(channel);
        }
    }

    private void remove(ChannelEntries channel) {
        if (channels.remove(channel.name(), channel)) {
            retained.add(-HeapSize.CHANNEL);
        }
    }

    /** Drops expired entries of some channels. If too many channels are empty, one position stands for the oldest of them. */
    void expire(long nowMillis) {
        expiry.step(nowMillis).forEach(this::removeIfCovered);
        expiry.excess().forEach(this::forget);
    }

    private void forget(ChannelEntries channel) {
        forgotten = EventId.later(forgotten, channel.dropped());
        remove(channel);
        if (!evicts) {
            known.remove(channel.name());
        }
    }

    /** Reads a channel that keeps events. Thread-safe. */
    ReadResult read(ChannelName name, EventId after) {
        EventId through = settled;
        ChannelEntries channel = channels.get(name);
        List<Entry> entries = channel == null ? List.of() : channel.after(after, ReadResult.MAX_BYTES);
        // the writer advances these positions before it removes an entry, so they are read after the entries
        if (after.isBefore(floor) && !isComplete()) {
            return new ReadResult.Elsewhere();
        }
        EventId lost = EventId.later(begin, channel == null ? forgotten : channel.dropped());
        if (after.isBefore(lost)) {
            return new ReadResult.Gap(lost, channel == null ? Optional.empty() : channel.firstAfter(lost));
        }
        return ReadResult.Entries.of(entries, after, through);
    }

    /**
     * Returns the gap that a read of a channel that keeps events would find. If nothing is missing, the gap ends at the given
     * position. Returns nothing if only the store knows. Thread-safe.
     */
    Optional<ReadResult.Gap> gap(ChannelName name, EventId after) {
        ChannelEntries channel = channels.get(name);
        Optional<EventId> next = channel == null ? Optional.empty() : channel.firstAfter(after);
        if (after.isBefore(floor) && !isComplete()) { // read after the entries, as in read()
            return Optional.empty();
        }
        EventId lost = EventId.later(begin, channel == null ? forgotten : channel.dropped());
        EventId through = EventId.later(after, lost);
        return Optional.of(
                new ReadResult.Gap(through, after.isBefore(lost) && channel != null ? channel.firstAfter(lost) : next));
    }

    /** Returns whether memory has every entry that the store has. */
    private boolean isComplete() {
        return !begin.isBefore(floor);
    }

    /** Reads a channel that keeps the latest event: returns it if it comes after the position. Thread-safe. */
    ReadResult.Entries latest(ChannelName name, EventId after) {
        ChannelEntries channel = channels.get(name);
        List<Entry> entries = channel == null ? List.of() : channel.after(after, ReadResult.MAX_BYTES);
        List<Entry> last = entries.subList(Math.max(0, entries.size() - 1), entries.size());
        return new ReadResult.Entries(last, last.isEmpty() ? after : last.get(0).id(), false);
    }

    /**
     * Returns when the channel's oldest entry after the position was stored. If that entry is no longer in memory, returns the
     * time of the floor, which is later. Thread-safe.
     */
    OptionalLong storedAfter(ChannelName name, Retention retention, EventId position) {
        ChannelEntries channel = channels.get(name);
        if (retention instanceof Retention.Events && position.isBefore(floor) && !isComplete()) {
            return OptionalLong.of(floorStoredMillis);
        }
        return channel == null ? OptionalLong.empty() : channel.storedAfter(position);
    }

    /** Returns what the channel keeps, or nothing if it is not declared. Thread-safe. */
    Optional<Retention> retention(ChannelName name) {
        ChannelEntries channel = channels.get(name);
        return channel == null ? retentionOf.apply(name) : Optional.of(channel.retention());
    }

    /** Returns the channels of the newest entries, in order. Thread-safe. */
    RecentOrder order() {
        return order;
    }

    /** Returns the channels that exist. Thread-safe. */
    KnownChannels known() {
        return known;
    }

    /** Returns the position up to which all entries can be read. Thread-safe. */
    EventId settled() {
        return settled;
    }

    /** Returns the instance of the name that all entries of the channel share, if it has any. */
    ChannelName sharedName(ChannelName name) {
        ChannelEntries channel = channels.get(name);
        return channel == null ? name : channel.name();
    }

    /** Returns the newest entry of the channel in memory. Thread-safe. */
    Optional<Entry> newest(ChannelName name) {
        return Optional.ofNullable(channels.get(name)).flatMap(ChannelEntries::newest);
    }

    /** Returns what the channel keeps, or nothing if only the store knows. Thread-safe. */
    Optional<KeptEntries> kept(ChannelName name) {
        ChannelEntries channel = channels.get(name);
        if (!isComplete()
                && (channel == null
                        || channel.retention() instanceof Retention.Events
                                && channel.dropped().isBefore(floor))) {
            return Optional.empty();
        }
        return Optional.of(channel == null ? KeptEntries.NONE : channel.kept());
    }

    /** Returns how many bytes the events add, less those that they displace in a channel that keeps a number of events. */
    long growth(ChannelName name, int events, long bytes) {
        ChannelEntries channel = channels.get(name);
        return channel == null || isEvicted(channel.retention()) ? bytes : bytes - channel.freedBy(events);
    }

    /** Returns how many entries are in memory. Thread-safe. */
    long entries() {
        return retained.entries() + evictable.entries();
    }

    /** Returns about how many bytes of memory entries and channels take. Thread-safe. */
    long bytes() {
        return retained.bytes() + evictable.bytes();
    }
}
