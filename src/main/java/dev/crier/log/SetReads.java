package dev.crier.log;

import dev.crier.event.ChannelName;
import dev.crier.event.ChannelPattern;
import dev.crier.event.ChannelSet;
import dev.crier.event.Entry;
import dev.crier.event.EventId;
import dev.crier.event.Retention;
import dev.crier.log.store.ReadResult;
import dev.crier.log.store.Requester;
import dev.crier.log.store.Store;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Predicate;

/**
 * Reads many channels and merges them into the one order over all channels. Thread-safe.
 *
 * <p>A subscriber that is up to date reads in memory: {@link RecentOrder} knows which channels of its set have new entries. A
 * subscriber that has more to read uses a {@link CatchUp}.
 *
 * <p>The class is long because it has everything that other packages read of a channel set.
 */
public final class SetReads {

    /** A set with at most this number of channels is read in memory even if it is unknown which of them have changed. */
    private static final int SMALL = 64;

    private final RecentEntries recent;
    private final Store store;

    SetReads(RecentEntries recent, Store store) {
        this.recent = recent;
        this.store = store;
    }

    /** Returns what memory has after the position, or nothing if a {@link CatchUp} must read it. */
    public Optional<SetRead> read(ChannelSet set, EventId after) {
        EventId through = recent.settled();
        if (!after.isBefore(through)) {
            return Optional.of(SetRead.nothing(after, through));
        }
        Optional<Collection<ChannelName>> changed = changed(set, after, through);
        if (changed.isEmpty()) {
            return Optional.empty();
        }
        var merge = new SetMerge(through);
        for (ChannelName channel : changed.get()) {
            if (isLatest(channel)) {
                merge.addEntries(recent.latest(channel, after));
            } else if (!read(set, channel, after, merge)) {
                return Optional.empty();
            }
        }
        return Optional.of(merge.result(after));
    }

    /**
     * Collects the wanted channels that have entries after the one position and up to the other. Returns false if it is unknown
     * which these are.
     */
    public boolean collectChanged(
            EventId after, EventId through, Predicate<ChannelName> wanted, Collection<ChannelName> changed) {
        return recent.order().collect(after, through, Long.MAX_VALUE, wanted, changed);
    }

    /**
     * Returns what a set has between the positions if only this channel of it has entries there. Returns nothing if the channel
     * has lost some of them, or if memory does not have them.
     */
    public Optional<SetRead> read(ChannelName channel, EventId after, EventId through) {
        var merge = new SetMerge(through);
        if (isLatest(channel)) {
            merge.addEntries(recent.latest(channel, after));
        } else if (recent.read(channel, after) instanceof ReadResult.Entries read) {
            merge.addEntries(read);
            merge.limit(read.through());
        } else {
            return Optional.empty();
        }
        return Optional.of(merge.result(after));
    }

    /** Adds what memory has of a channel that keeps events. Returns false if some of it may be in the store only. */
    private boolean read(ChannelSet set, ChannelName channel, EventId after, SetMerge merge) {
        EventId from = after;
        ReadResult result = recent.read(channel, from);
        while (result instanceof ReadResult.Gap gap) { // there is a second one if entries are dropped meanwhile
            addGap(set, channel, gap, after, merge);
            from = gap.through();
            result = recent.read(channel, from);
        }
        if (result instanceof ReadResult.Entries entries) {
            merge.addEntries(entries);
            merge.limit(entries.through());
            return true;
        }
        return false;
    }

    private void addGap(ChannelSet set, ChannelName channel, ReadResult.Gap gap, EventId after, SetMerge merge) {
        Optional<ChannelPattern> family = set.onlyFamilyOf(channel);
        Optional<ReadResult.Gap> ofFamily = family.flatMap(found -> recent.gap(found.name(), after));
        if (ofFamily.isPresent() && !ofFamily.get().through().isBefore(gap.through())) {
            merge.addGap(family.orElseThrow().name(), ofFamily.get());
        } else {
            merge.addGap(channel, gap);
        }
    }

    boolean isLatest(ChannelName channel) {
        return recent.retention(channel)
                .filter(Retention.Latest.class::isInstance)
                .isPresent();
    }

    /** Returns whether the channel keeps events, and not only the latest one. */
    public boolean keepsEvents(ChannelName channel) {
        return recent.retention(channel)
                .filter(Retention.Events.class::isInstance)
                .isPresent();
    }

    /** Returns the channels of the set that may have entries between the positions, or nothing if there may be too many. */
    private Optional<Collection<ChannelName>> changed(ChannelSet set, EventId after, EventId through) {
        var changed = new LinkedHashSet<ChannelName>();
        boolean hasFamilies = !set.families().isEmpty();
        // to look at a channel costs about as much as to skip four entries
        long maxEntries = hasFamilies ? Long.MAX_VALUE : 4L * set.names().size();
        if (recent.order().collect(after, through, maxEntries, set::contains, changed)) {
            return Optional.of(changed);
        }
        return hasFamilies || set.names().size() > SMALL ? Optional.empty() : Optional.of(set.names());
    }

    /**
     * Returns the channels of the set, and for each family its name. This name stands for those channels of the family that no
     * longer exist: no event is published to it, and it has lost what any of them may have lost.
     */
    Collection<ChannelName> existing(ChannelSet set) {
        return existing(set.names(), set.families());
    }

    private Collection<ChannelName> existing(List<ChannelName> names, List<ChannelPattern> families) {
        if (families.isEmpty()) {
            return names;
        }
        var channels = new LinkedHashSet<>(names);
        families.forEach(family -> channels.add(family.name()));
        recent.known().forEach(channel -> {
            for (ChannelPattern family : families) {
                if (family.matches(channel)) {
                    channels.add(channel);
                }
            }
        });
        return channels;
    }

    /** Returns the latest channels of the set that have an event, in the order of these events. */
    public List<ChannelName> latest(ChannelSet set) {
        List<ChannelName> names = set.names().stream().filter(this::isLatest).toList();
        // all channels of a family keep the same, so a large family that keeps events is not searched
        List<ChannelPattern> families = set.families().stream()
                .filter(family -> isLatest(family.name()))
                .toList();
        return existing(names, families).stream()
                .flatMap(channel -> recent.latest(channel, EventId.FIRST).entries().stream())
                .sorted(Comparator.comparing(Entry::id))
                .map(Entry::channel)
                .toList();
    }

    /** Returns the newest event of a latest channel, if it is at or before the position. */
    public Optional<Entry> newest(ChannelName channel, EventId through) {
        return recent.latest(channel, EventId.FIRST).entries().stream()
                .filter(entry -> !through.isBefore(entry.id()))
                .findFirst();
    }

    /**
     * Returns when the oldest entry after the position was stored. If many channels would have to be read for that, returns
     * the time of the position, which is earlier.
     */
    public OptionalLong storedAfter(ChannelSet set, EventId position) {
        EventId through = recent.settled();
        if (!position.isBefore(through)) {
            return OptionalLong.empty();
        }
        return changed(set, position, through)
                .map(channels -> channels.stream()
                        .flatMap(channel -> recent.retention(channel).stream()
                                .map(retention -> recent.storedAfter(channel, retention, position)))
                        .flatMapToLong(OptionalLong::stream)
                        .min())
                .orElse(OptionalLong.of(position.millis()));
    }

    /** Returns what the channels of the set have lost until now. */
    public Future<SetLoss> lost(ChannelSet set, Requester requester) {
        return gaps(set, EventId.FIRST, requester).map(found -> {
            var lost = new HashMap<ChannelName, EventId>();
            EventId first = EventId.LAST;
            for (Next next : found) {
                lost.put(next.channel(), next.gap().through());
                first = next.gap().through().isBefore(first) ? next.gap().through() : first;
            }
            EventId others = set.families().stream()
                    .map(family -> lost.getOrDefault(family.name(), EventId.FIRST))
                    .reduce(EventId.FIRST, EventId::later);
            lost.keySet()
                    .removeIf(channel -> set.onlyFamilyOf(channel)
                            .filter(family -> !family.name().equals(channel)
                                    && !lost.get(family.name()).isBefore(lost.get(channel)))
                            .isPresent());
            return new SetLoss(lost, others, found.isEmpty() ? EventId.FIRST : first);
        });
    }

    /** A channel that keeps events, and its next entry after a position. */
    record Next(ChannelName channel, ReadResult.Gap gap) {}

    /** Returns the next entry of each channel that keeps events. */
    Future<List<Next>> gaps(ChannelSet set, EventId after, Requester requester) {
        var gaps = new ArrayList<Future<Next>>();
        for (ChannelName channel : existing(set)) {
            if (!isLatest(channel)) {
                gaps.add(gap(channel, after, requester).map(gap -> new Next(channel, gap)));
            }
        }
        return Future.all(gaps).map(all -> all.<Next>list());
    }

    Future<ReadResult.Gap> gap(ChannelName channel, EventId after, Requester requester) {
        return recent.gap(channel, after)
                .map(Future::succeededFuture)
                .orElseGet(() -> store.gap(channel, after, requester));
    }

    /** Begins to read what the set has after a position that is no longer in memory, or where it has too many channels. */
    public CatchUp catchUp(ChannelSet set) {
        return new CatchUp(set, this, recent, store);
    }
}
