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

/**
 * Reads many channels and merges them into the one order over all channels. Thread-safe.
 *
 * <p>A read in memory asks {@link RecentOrder} which channels of the set have new entries, and reads only these.
 */
public final class SetReads {

    /** How many channels one read takes from the store. They share {@link ReadResult#MAX_BYTES}. */
    private static final int MAX_STORED = 64;

    private final RecentEntries recent;
    private final Store store;

    SetReads(RecentEntries recent, Store store) {
        this.recent = recent;
        this.store = store;
    }

    /** Returns what memory has after the position, or nothing if some of it may be in the store only. */
    public Optional<SetRead> read(ChannelSet set, EventId after) {
        EventId through = recent.settled();
        if (!after.isBefore(through)) {
            return Optional.of(SetRead.nothing(after, through));
        }
        var merge = new SetMerge(through);
        for (ChannelName channel : changed(set, after, through)) {
            if (isLatest(channel)) {
                merge.addLatest(recent.latest(channel, after));
            } else if (!read(channel, after, merge)) {
                return Optional.empty();
            }
        }
        return Optional.of(merge.result(after));
    }

    /** Adds what memory has of a channel that keeps events. Returns false if some of it may be in the store only. */
    private boolean read(ChannelName channel, EventId after, SetMerge merge) {
        ReadResult result = recent.read(channel, after);
        if (result instanceof ReadResult.Gap gap) {
            merge.add(channel, gap);
            result = recent.read(channel, gap.through());
        }
        if (result instanceof ReadResult.Entries entries) {
            merge.add(entries);
            return true;
        }
        return false;
    }

    private boolean isLatest(ChannelName channel) {
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

    /** Returns the channels of the set that may have entries between the positions. Usually there are few. */
    private Collection<ChannelName> changed(ChannelSet set, EventId after, EventId through) {
        var changed = new LinkedHashSet<ChannelName>();
        // to look at a channel costs about as much as to skip four entries
        long maxEntries = set.families().isEmpty() ? 4L * set.names().size() : Long.MAX_VALUE;
        return recent.order().collect(after, through, maxEntries, set::contains, changed) ? changed : existing(set);
    }

    private Collection<ChannelName> existing(ChannelSet set) {
        return existing(set.names(), set.families());
    }

    private Collection<ChannelName> existing(List<ChannelName> names, List<ChannelPattern> families) {
        if (families.isEmpty()) {
            return names;
        }
        var channels = new LinkedHashSet<>(names);
        // the name of a family stands for those of its channels that no longer exist, and finds what they have lost
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

    /** Returns when the oldest entry after the position was stored, or a later time if it is no longer in memory. */
    public OptionalLong storedAfter(ChannelSet set, EventId position) {
        return changed(set, position, recent.settled()).stream()
                .flatMap(channel -> recent.retention(channel).stream()
                        .map(retention -> recent.storedAfter(channel, retention, position)))
                .flatMapToLong(OptionalLong::stream)
                .min();
    }

    /** Returns what the channels of the set have lost until now. */
    public Future<SetLoss> lost(ChannelSet set, Requester requester) {
        var gaps = existing(set).stream()
                .filter(channel -> !isLatest(channel))
                .map(channel -> gap(channel, EventId.FIRST, requester).map(gap -> new Next(channel, gap)))
                .toList();
        return Future.all(gaps).map(found -> {
            var lost = new HashMap<ChannelName, EventId>();
            found.<Next>list()
                    .forEach(next -> lost.put(next.channel(), next.gap().through()));
            EventId others = EventId.FIRST;
            for (ChannelPattern family : set.families()) {
                others = EventId.later(others, lost.getOrDefault(family.name(), EventId.FIRST));
            }
            return new SetLoss(lost, others);
        });
    }

    /**
     * Reads what the store has after the position. First finds the next entry of each channel, and then reads the channels
     * whose entries come first.
     */
    public Future<SetRead> fetch(ChannelSet set, EventId after, Requester requester) {
        EventId through = recent.settled();
        var merge = new SetMerge(through);
        var gaps = new ArrayList<Future<Next>>();
        for (ChannelName channel : existing(set)) {
            if (isLatest(channel)) {
                merge.addLatest(recent.latest(channel, after));
            } else {
                gaps.add(gap(channel, after, requester).map(gap -> new Next(channel, gap)));
            }
        }
        return Future.all(gaps)
                .compose(found -> fetch(found.<Next>list(), after, through, merge, requester))
                .map(fetched -> merge.result(after));
    }

    private record Next(ChannelName channel, ReadResult.Gap gap) {}

    private Future<?> fetch(List<Next> channels, EventId after, EventId through, SetMerge merge, Requester requester) {
        channels.stream()
                .filter(next -> after.isBefore(next.gap().through()))
                .forEach(next -> merge.add(next.channel(), next.gap()));
        List<Next> next = channels.stream()
                .filter(channel -> channel.gap().oldest().isPresent())
                .sorted(Comparator.comparing(channel -> channel.gap().oldest().orElseThrow()))
                .limit(MAX_STORED + 1L)
                .toList();
        if (next.isEmpty()) {
            return Future.succeededFuture();
        }
        EventId end = through;
        if (next.size() > MAX_STORED) {
            next = next.subList(0, MAX_STORED);
            end = next.get(MAX_STORED - 1).gap().oldest().orElseThrow(); // the other channels have nothing up to there
            merge.limit(end);
        }
        long maxBytes = ReadResult.MAX_BYTES / next.size();
        EventId last = end;
        return Future.all(next.stream()
                .map(channel -> {
                    EventId from = channel.gap().through();
                    return store.read(channel.channel(), from, last, maxBytes, requester)
                            .onSuccess(read -> add(from, read, merge));
                })
                .toList());
    }

    private static void add(EventId from, ReadResult read, SetMerge merge) {
        if (read instanceof ReadResult.Entries entries) {
            merge.add(entries);
        } else {
            merge.limit(from); // entries were dropped meanwhile, so the next read finds a gap
        }
    }

    private Future<ReadResult.Gap> gap(ChannelName channel, EventId after, Requester requester) {
        return recent.gap(channel, after)
                .map(Future::succeededFuture)
                .orElseGet(() -> store.gap(channel, after, requester));
    }
}
