package dev.crier.log;

import dev.crier.event.ChannelName;
import dev.crier.event.Entry;
import dev.crier.event.Event;
import dev.crier.event.EventId;
import dev.crier.event.UnknownChannelException;
import io.vertx.core.Future;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The record of events, in one order over all channels, in memory. Of each channel it keeps the
 * latest.
 *
 * <p>One thread appends: the log's one writer. Any thread reads, and sees an entry whole or not at
 * all.
 */
public final class EventLog {

    private final Set<ChannelName> channels;
    private final InstantSource clock;
    private final Map<ChannelName, Entry> latest = new ConcurrentHashMap<>();
    private EventId newest = EventId.FIRST;

    public EventLog(Set<ChannelName> channels, InstantSource clock) {
        this.channels = Set.copyOf(channels);
        this.clock = clock;
    }

    /** Stores the event; fails with {@link UnknownChannelException} where the channel is not one. */
    public Future<Entry> append(ChannelName channel, Event event) {
        if (!channels.contains(channel)) {
            return Future.failedFuture(new UnknownChannelException(channel));
        }
        newest = newest.next(clock.millis());
        var entry = new Entry(newest, channel, event);
        latest.put(channel, entry);
        return Future.succeededFuture(entry);
    }

    /** What the channel has after the given place, oldest first: of the latest, none or one. */
    public List<Entry> read(ChannelName channel, EventId after) {
        Entry entry = latest.get(channel);
        return entry == null || entry.id().compareTo(after) <= 0 ? List.of() : List.of(entry);
    }
}
