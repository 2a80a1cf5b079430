package dev.crier.channel;

import dev.crier.event.ChannelName;
import dev.crier.event.Entry;
import dev.crier.event.EventId;
import dev.crier.event.Keep;
import dev.crier.log.EventLog;
import dev.crier.log.Requester;
import dev.crier.log.Slice;
import dev.crier.sse.EventStream;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;

/**
 * How a reader begins.
 *
 * @param cursor where
 * @param preamble what it is told before the first event
 * @param gap whether that is that something is missing
 */
record Arrival(EventId cursor, Buffer preamble, boolean gap) {

    static Future<Arrival> of(
            Start start, ChannelName channel, Keep keep, EventLog log, Duration retry, Requester requester) {
        if (keep instanceof Keep.Latest) {
            return Future.succeededFuture(
                    new Arrival(EventId.FIRST, EventStream.appendRetry(Buffer.buffer(), retry), false));
        }
        if (start instanceof Start.Now) {
            return Future.succeededFuture(at(log.newest(), retry));
        }
        if (start instanceof Start.From from && log.newest().isBefore(from.place())) {
            return Future.succeededFuture(at(log.newest(), retry));
        }
        if (start instanceof Start.From from) {
            return of(new Start.After(from.place(), from.asked()), channel, keep, log, retry, requester);
        }
        if (start instanceof Start.After after) {
            return look(log, channel, keep, after.place(), requester)
                    .map(gap -> gap.through().equals(after.place())
                            ? at(after.place(), retry)
                            : behind(gap, after.asked(), retry));
        }
        // an unknown position may be before everything that was ever published
        Future<Slice.Gap> all = look(log, channel, keep, EventId.FIRST, requester);
        return start instanceof Start.Unknown unknown
                ? all.map(gap -> behind(gap, unknown.asked(), retry))
                : all.map(gap -> at(gap.through(), retry));
    }

    /**
     * Returns the gap after the position, which is empty if it ends there. Fetches no entries: they are read once, when they
     * are sent.
     */
    private static Future<Slice.Gap> look(
            EventLog log, ChannelName channel, Keep keep, EventId after, Requester requester) {
        Slice slice = log.read(channel, keep, after);
        if (slice instanceof Slice.Elsewhere) {
            return log.fetchGap(channel, after, requester);
        }
        return Future.succeededFuture(
                slice instanceof Slice.Gap gap
                        ? gap
                        : new Slice.Gap(
                                after,
                                ((Slice.Entries) slice)
                                        .entries().stream().map(Entry::id).findFirst()));
    }

    private static Arrival at(EventId place, Duration retry) {
        return new Arrival(place, EventStream.appendStart(Buffer.buffer(), place, retry), false);
    }

    private static Arrival behind(Slice.Gap gap, String asked, Duration retry) {
        Buffer preamble = EventStream.appendRetry(Buffer.buffer(), retry);
        return new Arrival(gap.through(), preamble.appendBuffer(LocalChannel.gapFrame(asked, gap)), true);
    }
}
