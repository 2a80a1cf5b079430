package dev.crier.log.redis;

import dev.crier.event.ChannelName;
import dev.crier.event.Entry;
import dev.crier.event.EventId;
import dev.crier.event.NewestEvent;
import dev.crier.log.store.KeptEntries;
import dev.crier.log.store.ReadResult;
import io.vertx.core.Future;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** Reads older entries from the lists of the channels. Only the store's context uses this class. */
final class History {

    private record Read(EventId dropped, List<Entry> entries, long bytes) {

        /** @param maxBytes the size at which the script stopped; it counts the bytes of UTF-8 */
        ReadResult.Entries upTo(EventId through, long maxBytes) {
            return bytes >= maxBytes
                    ? new ReadResult.Entries(
                            entries, entries.get(entries.size() - 1).id(), true)
                    : new ReadResult.Entries(entries, through, false);
        }
    }

    private final Session session;
    private final Breaks breaks;

    History(Session session, Breaks breaks) {
        this.session = session;
        this.breaks = breaks;
    }

    /**
     * Returns the channel's entries after one position, up to the other position or the next break. Returns a gap if entries
     * right after the first position may be missing.
     */
    Future<ReadResult> read(ChannelName channel, EventId after, EventId through, long maxBytes) {
        EventId gap = breaks.end(after);
        if (after.isBefore(gap)) {
            return gapThrough(channel, gap).map(found -> found);
        }
        EventId last = breaks.next(after, through);
        return entries(channel, after, last, maxBytes)
                .compose(read -> after.isBefore(read.dropped())
                        ? gapThrough(channel, read.dropped()).map(found -> (ReadResult) found)
                        : Future.succeededFuture(read.upTo(EventId.later(after, last), maxBytes)));
    }

    /** Returns the gap after the position. The gap is empty if nothing is missing. */
    Future<ReadResult.Gap> gap(ChannelName channel, EventId after) {
        return gapThrough(channel, breaks.end(after));
    }

    /** Returns the gap that ends at the position, or at the newest entry after it that the channel has lost. */
    private Future<ReadResult.Gap> gapThrough(ChannelName channel, EventId position) {
        return entries(channel, position, EventId.LAST, 1).map(read -> {
            EventId through = EventId.later(position, read.dropped());
            return new ReadResult.Gap(
                    through,
                    read.entries().stream()
                            .map(Entry::id)
                            .filter(through::isBefore)
                            .findFirst());
        });
    }

    /** Returns the channel's newest event. */
    Future<Optional<NewestEvent>> newest(ChannelName channel) {
        return item(channel, -1).map(found -> found.map(NewestEvent::of));
    }

    /** Returns what the channel keeps. */
    Future<KeptEntries> kept(ChannelName channel) {
        return item(channel, 0)
                .compose(oldest -> oldest.isEmpty()
                        ? Future.succeededFuture(KeptEntries.NONE)
                        : session.link()
                                .reads()
                                .send(Request.cmd(Command.LLEN)
                                        .arg(session.keys().channel(channel.path())))
                                .map(length -> new KeptEntries(
                                        length.toLong(),
                                        false,
                                        OptionalLong.of(oldest.get().id().millis()))));
    }

    private Future<Optional<Entry>> item(ChannelName channel, int index) {
        return session.link()
                .reads()
                .send(Request.cmd(Command.LINDEX)
                        .arg(session.keys().channel(channel.path()))
                        .arg(index))
                .map(item -> Optional.ofNullable(item).map(found -> EntryCodec.item(channel, found.toString())));
    }

    private Future<Read> entries(ChannelName channel, EventId after, EventId through, long bytes) {
        return session.link()
                .reads()
                .send(Script.READ.call(session.keys(), channel.path(), after, through, bytes))
                .map(answer -> parse(channel, answer));
    }

    private static Read parse(ChannelName channel, Response answer) {
        var entries = new ArrayList<Entry>(answer.size());
        long bytes = 0;
        for (int i = 1; i < answer.size(); i++) {
            entries.add(EntryCodec.item(channel, answer.get(i).toString()));
            bytes += answer.get(i).toBuffer().length();
        }
        return new Read(Break.id(answer.get(0).toString()), entries, bytes);
    }
}
