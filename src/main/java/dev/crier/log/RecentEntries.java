package dev.crier.log;

import dev.crier.event.ChannelName;
import dev.crier.event.Entry;
import dev.crier.event.EventId;
import dev.crier.event.Publication;
import dev.crier.event.Retention;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/**
 * What the log has in memory: of all channels together the newest entries, as far as they are still kept. The log's
 * writer changes it, any thread reads.
 *
 * <p>Four places matter. Nobody knows what was at or before {@code begin}. At or before {@code floor} the store may have
 * entries that are not here. Up to {@code newest} entries are stored; up to {@code settled} they can all be read.
 */
public final class RecentEntries {

    /** About how much one read gives. */
    public static final long MAX_READ_BYTES = 64L << 10;

    /** The floor is raised in steps of this. */
    private static final long STEP_BYTES = 1L << 20;

    /** How many channels are looked at for expired entries at once: a log of 100,000 would stop the event loop for 100 ms. */
    static final int CHANNELS_AT_ONCE = 5_000;

    /**
     * A position in the log.
     *
     * @param bytesAdded how many bytes had been added when it was the newest
     * @param grown the channels that got entries which may be evicted, since the step before
     */
    private record Step(EventId place, long storedMillis, long bytesAdded, List<ChannelEntries> grown) {}

    private final Function<ChannelName, Optional<Retention>> keeps;
    private final long maxBytes;
    private final int maxEmpty;
    private final Map<ChannelName, ChannelEntries> channels = new ConcurrentHashMap<>();

    /** The channels that exist: those that have something here, and those of which only the store has something. */
    private final Set<ChannelName> names = new HashSet<>();

    private volatile int count;

    /** The channels that have not been looked at in this round, and those that were found empty in it. */
    private Iterator<ChannelEntries> round = Collections.emptyIterator();

    private final List<ChannelEntries> empty = new ArrayList<>();

    /** What only retention removes. */
    private final LogSize held;

    /** What the store can be asked for again. */
    private final LogSize recent = new LogSize();

    /** The first one is at the floor. */
    private final Deque<Step> steps = new ArrayDeque<>();

    /** Of the step that comes next. */
    private List<ChannelEntries> grown = new ArrayList<>();

    private int stepNumber;
    private long bytesAdded;

    private final EventId begin;
    private volatile EventId floor;
    private volatile long floorStoredMillis;
    private volatile EventId newest;
    private volatile EventId settled;

    /** What channels that have nothing here may have lost. */
    private volatile EventId forgotten;

    /**
     * @param maxBytes how much it may hold of what the store can be asked for again
     * @param maxEmpty of how many emptied channels it is remembered what each has lost
     */
    RecentEntries(
            Function<ChannelName, Optional<Retention>> keeps,
            long maxBytes,
            int maxEmpty,
            Store.Opened opened,
            LogSize held) {
        this.keeps = keeps;
        this.maxBytes = maxBytes;
        this.maxEmpty = maxEmpty;
        this.held = held;
        forgotten = opened.forgotten();
        begin = opened.begin();
        floor = opened.floor();
        floorStoredMillis = floor.millis();
        newest = opened.newest();
        steps.add(new Step(floor, floorStoredMillis, 0, List.of()));
        opened.channels().stream().filter(name -> keeps.apply(name).isPresent()).forEach(this::exists);
        opened.dropped().forEach((name, place) -> keeps.apply(name).ifPresent(keep -> channel(name, keep, place)));
        opened.entries().forEach(this::add);
        channels.values().stream().filter(ChannelEntries::isEmpty).forEach(empty::add);
        forgetEmptied();
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

    /** Whether the channel has entries, or has had some and it is remembered which it has lost. */
    boolean has(ChannelName channel) {
        return names.contains(channel);
    }

    /** How many channels there are; for any thread. */
    int channels() {
        return count;
    }

    /** Returns the publication with the instance of its channel's name that all entries of the channel share, if it has any. */
    Publication withSharedName(Publication publication) {
        ChannelEntries kept = channels.get(publication.channel());
        return kept == null || kept.name() == publication.channel()
                ? publication
                : new Publication(kept.name(), publication.events(), publication.attempt());
    }

    /** How much more memory the events take than what they push out, since their channel keeps only a number of them. */
    long growth(ChannelName channel, int events, long bytes) {
        ChannelEntries kept = channels.get(channel);
        return kept == null || isEvicted(kept.keep()) ? bytes : bytes - kept.freedBy(events);
    }

    private boolean isEvicted(Retention keep) {
        return keep instanceof Retention.Events && maxBytes < Long.MAX_VALUE;
    }

    long entries() {
        return held.entries() + recent.entries();
    }

    long bytes() {
        return held.bytes() + recent.bytes();
    }

    private void exists(ChannelName name) {
        if (names.add(name)) {
            count = names.size();
            held.add(HeapSize.of(name));
        }
    }

    private void existsNoLonger(ChannelName name) {
        if (names.remove(name)) {
            count = names.size();
            held.add(-HeapSize.of(name));
        }
    }

    /** Lets readers see what has been stored. */
    void show(List<Entry> stored) {
        newest = stored.get(stored.size() - 1).id();
        stored.forEach(this::add);
        settled = newest;
        while (steps.size() > 1 && bytesAdded - steps.getFirst().bytesAdded() > maxBytes) {
            steps.removeFirst();
            raiseFloor(steps.getFirst());
        }
    }

    private void add(Entry entry) {
        keeps.apply(entry.channel()).ifPresent(keep -> {
            ChannelEntries kept = channel(entry.channel(), keep, forgotten);
            exists(kept.name()); // the store may have forgotten the channel since it was last shown
            bytesAdded += kept.add(entry);
            if (isEvicted(keep) && kept.growsIn(stepNumber)) {
                grown.add(kept);
            }
            if (maxBytes < Long.MAX_VALUE
                    && bytesAdded - steps.getLast().bytesAdded() >= Math.min(STEP_BYTES, maxBytes)) {
                steps.add(new Step(entry.id(), entry.storedMillis(), bytesAdded, grown));
                grown = new ArrayList<>();
                stepNumber++;
            }
        });
    }

    private ChannelEntries channel(ChannelName name, Retention keep, EventId dropped) {
        return channels.computeIfAbsent(name, absent -> {
            held.add(HeapSize.CHANNEL);
            return new ChannelEntries(name, keep, EventId.later(begin, dropped), isEvicted(keep) ? recent : held);
        });
    }

    private void remove(ChannelName name) {
        channels.remove(name);
        held.add(-HeapSize.CHANNEL);
    }

    /** Looks only at the channels of the step: a look at each of 50,000 takes 10 ms. */
    private void raiseFloor(Step step) {
        floorStoredMillis = step.storedMillis();
        floor = EventId.later(floor, step.place());
        for (ChannelEntries kept : step.grown()) {
            kept.evict(floor);
            if (isKnownByFloor(kept) && channels.get(kept.name()) == kept) {
                remove(kept.name());
            }
        }
    }

    /** Whether the floor says all that the channel's own entries would. */
    private boolean isKnownByFloor(ChannelEntries kept) {
        return kept.isEmpty() && !isAll() && !floor.isBefore(kept.dropped());
    }

    /** Drops what is older than its channel keeps it: in some channels each time, round and round. */
    void expire(long nowMillis) {
        if (!round.hasNext()) {
            round = channels.values().iterator();
        }
        for (int i = 0; i < CHANNELS_AT_ONCE && round.hasNext(); i++) {
            ChannelEntries kept = round.next();
            kept.expire(nowMillis);
            if (isKnownByFloor(kept)) {
                if (channels.get(kept.name()) == kept) {
                    remove(kept.name());
                }
            } else if (kept.isEmpty()) {
                empty.add(kept);
            }
        }
        if (!round.hasNext()) {
            empty.removeIf(kept -> !kept.isEmpty() || channels.get(kept.name()) != kept);
            forgetEmptied();
        }
    }

    /** Where too many channels are empty, remembers one position for all of them but those that were emptied last. */
    private void forgetEmptied() {
        if (empty.size() > maxEmpty) {
            empty.stream()
                    .sorted(Comparator.comparing(ChannelEntries::dropped))
                    .limit(empty.size() - maxEmpty / 2)
                    .forEach(this::forget);
        }
        empty.clear();
    }

    private void forget(ChannelEntries kept) {
        forgotten = EventId.later(forgotten, kept.dropped());
        remove(kept.name());
        if (maxBytes == Long.MAX_VALUE) {
            existsNoLonger(kept.name());
        }
    }

    /**
     * Stops counting channels that the store has removed. A channel may still be in memory, without entries; it is counted
     * again when an entry is added.
     */
    void forgottenByStore(Collection<ChannelName> forgotten) {
        forgotten.forEach(this::existsNoLonger);
    }

    /** What a channel that keeps events has after the place. */
    ReadResult read(ChannelName channel, EventId after) {
        EventId through = settled;
        ChannelEntries kept = channels.get(channel);
        List<Entry> entries = kept == null ? List.of() : kept.after(after, MAX_READ_BYTES);
        // who takes an entry away says so before: so this is looked at after the entries were
        if (after.isBefore(floor) && !isAll()) {
            return new ReadResult.Elsewhere();
        }
        EventId horizon = horizon(kept);
        if (after.isBefore(horizon)) {
            return new ReadResult.Gap(horizon, first(kept, horizon));
        }
        return ReadResult.Entries.of(entries, after, through);
    }

    /** The newest event of a channel that keeps the latest, if that comes after the place. */
    ReadResult latest(ChannelName channel, EventId after) {
        ChannelEntries kept = channels.get(channel);
        List<Entry> entries = kept == null ? List.of() : kept.after(after, MAX_READ_BYTES);
        List<Entry> last = entries.subList(Math.max(0, entries.size() - 1), entries.size());
        return new ReadResult.Entries(last, last.isEmpty() ? after : last.get(0).id(), false);
    }

    /**
     * When the oldest entry that the channel has after the place was stored. Of one that is no longer here it is only known
     * that it is older than the floor.
     */
    OptionalLong storedAfter(ChannelName channel, Retention keep, EventId place) {
        ChannelEntries kept = channels.get(channel);
        if (keep instanceof Retention.Events && place.isBefore(floor) && !isAll()) {
            return OptionalLong.of(floorStoredMillis);
        }
        return kept == null ? OptionalLong.empty() : kept.storedAfter(place);
    }

    private EventId horizon(ChannelEntries kept) {
        return EventId.later(begin, kept == null ? forgotten : kept.dropped());
    }

    private static Optional<EventId> first(ChannelEntries kept, EventId after) {
        return kept == null
                ? Optional.empty()
                : kept.after(after, 1).stream().map(Entry::id).findFirst();
    }
}
