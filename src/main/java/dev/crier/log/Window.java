package dev.crier.log;

import dev.crier.event.ChannelName;
import dev.crier.event.Entry;
import dev.crier.event.EventId;
import dev.crier.event.Keep;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/**
 * What the log has in memory: of all channels together the newest entries, as far as they are still kept. The log's
 * writer changes it, any thread reads.
 *
 * <p>Four places matter. Nobody knows what was at or before {@code begin}. At or before {@code floor} the store may have
 * entries that are not here. Up to {@code newest} entries are stored; up to {@code settled} they can all be read.
 */
final class Window {

    /** About how much one read gives. */
    static final long MAX_READ_BYTES = 64L << 10;

    /** The floor is raised in steps of this. */
    private static final long STEP_BYTES = 1L << 20;

    /** Of how many empty channels it is known what they lost. */
    static final int MAX_EMPTY = 10_000;

    /** A place in the log, and how many bytes had been added when it was the newest. */
    private record Step(EventId place, long bytesAdded) {}

    private final Function<ChannelName, Optional<Keep>> keeps;
    private final long maxBytes;
    private final Map<ChannelName, Kept> channels = new ConcurrentHashMap<>();
    private final Size size = new Size();
    private final Deque<Step> steps = new ArrayDeque<>();
    private long bytesAdded;

    private final EventId begin;
    private volatile EventId floor;
    private volatile EventId newest;
    private volatile EventId settled;

    /** What channels that have nothing here may have lost. */
    private volatile EventId forgotten = EventId.FIRST;

    Window(Function<ChannelName, Optional<Keep>> keeps, long maxBytes, Store.Opened opened) {
        this.keeps = keeps;
        this.maxBytes = maxBytes;
        begin = opened.begin();
        floor = opened.floor();
        newest = opened.newest();
        opened.dropped().forEach((name, place) -> keeps.apply(name).ifPresent(keep -> channel(name, keep, place)));
        opened.entries().forEach(this::add);
        settled = newest;
    }

    /** The newest place up to which all can be read. */
    EventId settled() {
        return settled;
    }

    EventId newest() {
        return newest;
    }

    /** Whether all there is of any channel is here. */
    boolean isAll() {
        return !begin.isBefore(floor);
    }

    /** Lets readers see what has been stored. */
    void show(List<Entry> stored) {
        newest = stored.get(stored.size() - 1).id();
        stored.forEach(this::add);
        settled = newest;
        while (steps.size() > 1 && bytesAdded - steps.getFirst().bytesAdded() > maxBytes) {
            steps.removeFirst();
            raiseFloor(steps.getFirst().place());
        }
    }

    private void add(Entry entry) {
        keeps.apply(entry.channel()).ifPresent(keep -> {
            channel(entry.channel(), keep, forgotten).add(entry);
            bytesAdded += Kept.bytes(entry);
            if (maxBytes < Long.MAX_VALUE
                    && (steps.isEmpty()
                            || bytesAdded - steps.getLast().bytesAdded() >= Math.min(STEP_BYTES, maxBytes))) {
                steps.add(new Step(entry.id(), bytesAdded));
            }
        });
    }

    private Kept channel(ChannelName name, Keep keep, EventId dropped) {
        return channels.computeIfAbsent(name, absent -> new Kept(keep, EventId.later(begin, dropped), size));
    }

    private void raiseFloor(EventId place) {
        floor = EventId.later(floor, place);
        channels.values().forEach(kept -> kept.evict(floor));
        channels.values().removeIf(kept -> kept.isEmpty() && !floor.isBefore(kept.dropped()));
    }

    /** Lets go of what is older than its channel keeps it. */
    void expire(long nowMillis) {
        channels.values().forEach(kept -> kept.expire(nowMillis));
        var empty = channels.entrySet().stream()
                .filter(channel -> channel.getValue().isEmpty())
                .toList();
        if (empty.size() > MAX_EMPTY) {
            forget(empty);
        }
    }

    /** Of the half that was emptied longest ago, only one place is remembered, for all of them. */
    private void forget(List<Map.Entry<ChannelName, Kept>> empty) {
        empty.stream()
                .sorted(Comparator.comparing(channel -> channel.getValue().dropped()))
                .limit(empty.size() / 2)
                .forEach(channel -> {
                    forgotten = EventId.later(forgotten, channel.getValue().dropped());
                    channels.remove(channel.getKey());
                });
    }

    /** What a channel that keeps events has after the place. */
    Slice read(ChannelName channel, EventId after) {
        EventId through = settled;
        Kept kept = channels.get(channel);
        List<Entry> entries = kept == null ? List.of() : kept.after(after, MAX_READ_BYTES);
        // who takes an entry away says so before: so this is looked at after the entries were
        if (after.isBefore(floor) && !isAll()) {
            return new Slice.Elsewhere();
        }
        EventId horizon = horizon(kept);
        if (after.isBefore(horizon) || newest.isBefore(after)) {
            return new Slice.Gap(horizon, first(kept, horizon));
        }
        return Slice.Entries.of(entries, after, through);
    }

    /** The newest event of a channel that keeps the latest, if that comes after the place. */
    Slice latest(ChannelName channel, EventId after) {
        Kept kept = channels.get(channel);
        List<Entry> entries = kept == null ? List.of() : kept.after(after, MAX_READ_BYTES);
        List<Entry> last = entries.subList(Math.max(0, entries.size() - 1), entries.size());
        return new Slice.Entries(last, last.isEmpty() ? after : last.get(0).id(), false);
    }

    /**
     * The oldest entry that the channel has after the place. Of one that is no longer here it is only known that it is
     * older than the floor.
     */
    Optional<EventId> firstAfter(ChannelName channel, Keep keep, EventId place) {
        Kept kept = channels.get(channel);
        if (keep instanceof Keep.Events && place.isBefore(floor) && !isAll()) {
            return Optional.of(floor);
        }
        return kept == null ? Optional.empty() : kept.firstAfter(place);
    }

    Size size() {
        return size;
    }

    private EventId horizon(Kept kept) {
        return EventId.later(begin, kept == null ? forgotten : kept.dropped());
    }

    private static Optional<EventId> first(Kept kept, EventId after) {
        return kept == null
                ? Optional.empty()
                : kept.after(after, 1).stream().map(Entry::id).findFirst();
    }
}
