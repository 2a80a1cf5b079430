package dev.crier.log;

import dev.crier.event.ChannelName;
import dev.crier.event.ChannelPattern;
import dev.crier.event.ChannelSet;
import dev.crier.event.EventId;
import dev.crier.log.SetReads.Next;
import dev.crier.log.store.ReadResult;
import dev.crier.log.store.Requester;
import dev.crier.log.store.Store;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;

/**
 * Reads a channel set step by step up to the position that was the newest at the first step. Remembers the next entry of each
 * channel, so a step asks only for those channels that it has read. Only one step runs at a time, on one event loop.
 */
public final class CatchUp {

    /** How many channels one step reads. They share {@link ReadResult#MAX_BYTES}. */
    private static final int MAX_CHANNELS = 64;

    /** A channel with entries to read, from a position on; the next of them has this id. */
    private record Unread(ChannelName channel, EventId from, EventId next) {}

    private final ChannelSet set;
    private final SetReads sets;
    private final RecentEntries recent;
    private final Store store;
    private final PriorityQueue<Unread> unread = new PriorityQueue<>(Comparator.comparing(Unread::next));

    /** What channels and families have lost after the position. */
    private final Map<ChannelName, ReadResult.Gap> gaps = new HashMap<>();

    /** The position of the next step; null before the first step, and when all is read. */
    private EventId position;

    /** The newest position at the first step. */
    private EventId newest;

    /** The position up to which the steps read. A store may permit less than {@link #newest}. */
    private EventId through;

    CatchUp(ChannelSet set, SetReads sets, RecentEntries recent, Store store) {
        this.set = set;
        this.sets = sets;
        this.recent = recent;
        this.store = store;
    }

    /** Returns whether the next step begins at the position. */
    public boolean isAt(EventId after) {
        return after.equals(position);
    }

    /** Reads a step. Begins anew unless {@link #isAt} is true. */
    public Future<SetRead> read(EventId after, Requester requester) {
        return isAt(after) ? step(after, requester) : begin(after, requester).compose(begun -> step(after, requester));
    }

    private Future<?> begin(EventId after, Requester requester) {
        position = null;
        unread.clear();
        gaps.clear();
        newest = recent.settled();
        through = store.readableThrough(after, newest);
        for (ChannelName channel : sets.latest(set)) {
            recent.latest(channel, after).entries().forEach(entry -> add(new Unread(channel, after, entry.id())));
        }
        return sets.gaps(set, after, requester).onSuccess(found -> {
            found.forEach(this::add);
            gaps.values().removeIf(gap -> !after.isBefore(gap.through()));
            gaps.keySet().removeIf(this::isReportedByFamily);
        });
    }

    private void add(Next next) {
        gaps.put(next.channel(), next.gap());
        next.gap()
                .oldest()
                .ifPresent(oldest -> add(new Unread(next.channel(), next.gap().through(), oldest)));
    }

    private void add(Unread channel) {
        if (!through.isBefore(channel.next())) {
            unread.add(channel);
        }
    }

    /** Returns whether the family of the channel has lost as much, for example because the log begins later. */
    private boolean isReportedByFamily(ChannelName channel) {
        return set.onlyFamilyOf(channel)
                .map(ChannelPattern::name)
                .filter(family -> !family.equals(channel) && gaps.containsKey(family))
                .filter(family ->
                        !gaps.get(family).through().isBefore(gaps.get(channel).through()))
                .isPresent();
    }

    private Future<SetRead> step(EventId after, Requester requester) {
        position = null; // a failed step begins anew
        var merge = new SetMerge(newest);
        merge.limit(through);
        gaps.forEach(merge::addGap);
        var channels = new ArrayList<Unread>();
        while (channels.size() < MAX_CHANNELS && !unread.isEmpty()) {
            channels.add(unread.poll());
        }
        if (!unread.isEmpty()) {
            merge.limit(channels.get(MAX_CHANNELS - 1).next()); // the other channels have nothing up to there
        }
        return readAll(channels, merge, requester).compose(read -> {
            SetRead result = merge.result(after);
            return result.through().isBefore(through)
                    ? findNext(channels, result.through(), requester).map(found -> result)
                    : Future.succeededFuture(result);
        });
    }

    private Future<?> readAll(List<Unread> channels, SetMerge merge, Requester requester) {
        EventId end = merge.limit();
        long maxBytes = ReadResult.MAX_BYTES / Math.max(1, channels.size());
        return Future.all(channels.stream()
                .map(channel -> read(channel, end, maxBytes, requester).onSuccess(read -> add(channel, read, merge)))
                .toList());
    }

    private Future<ReadResult> read(Unread channel, EventId end, long maxBytes, Requester requester) {
        ReadResult inMemory = sets.isLatest(channel.channel())
                ? recent.latest(channel.channel(), channel.from())
                : recent.read(channel.channel(), channel.from());
        return inMemory instanceof ReadResult.Elsewhere
                ? store.read(channel.channel(), channel.from(), end, maxBytes, requester)
                : Future.succeededFuture(inMemory);
    }

    private void add(Unread channel, ReadResult read, SetMerge merge) {
        if (!(read instanceof ReadResult.Entries entries)) {
            merge.limit(channel.from()); // entries were dropped meanwhile, so the next step finds a gap
            return;
        }
        merge.addEntries(entries);
        if (!sets.isLatest(channel.channel())) {
            merge.limit(entries.through());
        }
    }

    /** Finds the next entries of the channels that were read. Those that were dropped meanwhile are a gap. */
    private Future<?> findNext(List<Unread> channels, EventId after, Requester requester) {
        gaps.values().removeIf(gap -> !after.isBefore(gap.through()));
        var found = new ArrayList<Future<?>>();
        for (Unread channel : channels) {
            EventId from = EventId.later(channel.from(), after);
            if (sets.isLatest(channel.channel())) {
                recent.latest(channel.channel(), from)
                        .entries()
                        .forEach(entry -> add(new Unread(channel.channel(), from, entry.id())));
            } else {
                found.add(sets.gap(channel.channel(), from, requester)
                        .onSuccess(gap -> addNext(new Next(channel.channel(), gap), from)));
            }
        }
        return Future.all(found).onSuccess(all -> position = after);
    }

    private void addNext(Next next, EventId from) {
        ReadResult.Gap before = gaps.get(next.channel());
        add(next);
        if (!from.isBefore(next.gap().through())) { // nothing more is lost
            gaps.remove(next.channel());
            if (before != null) {
                gaps.put(next.channel(), before);
            }
        }
    }
}
