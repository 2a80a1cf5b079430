package dev.crier.fanout;

import dev.crier.event.ChannelName;
import dev.crier.event.EventId;
import dev.crier.log.EventLog;
import io.vertx.core.buffer.Buffer;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;

/**
 * Finds the channel sets of an event loop that have new entries: follows the order of all entries, and marks the sets that have
 * their channels. So no set searches that order itself.
 *
 * <p>Most sets with new entries have them in one channel only. All of these sets receive the same bytes, which are read and
 * encoded once.
 */
final class SetChanges {

    private static final Buffer EMPTY = Buffer.buffer(0);

    private final EventLog log;
    private final Fanouts fanouts;
    private final SetEncoder encoder;

    /** The number of the last {@link #find} that found new entries. */
    private int pass;

    /** The position at which the last pass began, which is the end of the pass before. */
    private EventId after = EventId.FIRST;

    /** The position up to which sets have been marked. */
    private EventId through = EventId.FIRST;

    /** Sets may have entries at or before this position for which they were not marked. */
    private EventId unmarked = EventId.FIRST;

    /** The channel that {@link #lastRead} was read from; null if there is none. */
    private ChannelName lastChannel;

    private Optional<StreamReader.EncodedRead> lastRead = Optional.empty();

    private Optional<StreamReader.EncodedRead> nothing = Optional.empty();

    SetChanges(EventLog log, Fanouts fanouts, SetEncoder encoder) {
        this.log = log;
        this.fanouts = fanouts;
        this.encoder = encoder;
    }

    /** Marks the sets that have entries since the last call, and adds their fan-outs. Adds all if these entries are unknown. */
    void find(List<Fanout> due) {
        EventId newest = fanouts.ofSets().isEmpty() ? through : log.newest();
        if (!through.isBefore(newest)) {
            return;
        }
        EventId marked = unmarked;
        unmarked = newest; // until all sets are marked: if that fails, as when memory is exhausted, each set reads for
        // itself
        release();
        pass++;
        after = through;
        through = newest;
        nothing = Optional.of(new StreamReader.EncodedRead(through, EMPTY, false, 0, 0, 0));
        var changed = new LinkedHashSet<ChannelName>();
        if (log.sets().collectChanged(after, through, fanouts::isFollowedBySet, changed)) {
            changed.forEach(channel -> fanouts.forEachSet(channel, set -> mark(set, channel, due)));
            unmarked = marked;
        } else {
            due.addAll(fanouts.ofSets());
        }
    }

    private static void mark(Fanout set, ChannelName channel, List<Fanout> due) {
        if (set.reader().markChanged(channel)) {
            due.add(set);
        }
    }

    int pass() {
        return pass;
    }

    EventId through() {
        return through;
    }

    /** Returns whether the last pass has looked at all entries after the position that earlier passes have not. */
    boolean covers(EventId position) {
        return !position.isBefore(unmarked) && !after.isBefore(position);
    }

    /**
     * Returns what a set receives that has new entries in this channel only. Returns nothing if the set must read for itself,
     * because the channel has lost some of them, or memory does not have them.
     */
    Optional<StreamReader.EncodedRead> read(ChannelName channel) {
        if (channel != lastChannel) {
            lastRead = log.sets().read(channel, after, through).map(read -> encoder.encode(read, after));
            lastChannel = channel;
        }
        return lastRead;
    }

    /** Returns what a set receives that has no new entries. */
    Optional<StreamReader.EncodedRead> nothing() {
        return nothing;
    }

    /** Releases encoded bytes, which otherwise stay in memory until the next event. */
    void release() {
        lastChannel = null;
        lastRead = Optional.empty();
    }
}
