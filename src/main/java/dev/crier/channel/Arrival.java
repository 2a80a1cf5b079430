package dev.crier.channel;

import dev.crier.event.ChannelName;
import dev.crier.event.Entry;
import dev.crier.event.EventId;
import dev.crier.event.Keep;
import dev.crier.log.EventLog;
import dev.crier.log.Slice;
import dev.crier.sse.EventStream;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.Optional;

/**
 * How a reader begins.
 *
 * @param cursor where
 * @param preamble what it is told before the first event
 * @param gap whether that is that something is missing
 */
record Arrival(EventId cursor, Buffer preamble, boolean gap) {

    static Future<Arrival> of(Start start, ChannelName channel, Keep keep, EventLog log, Duration retry) {
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
            return of(new Start.After(from.place(), from.asked()), channel, keep, log, retry);
        }
        if (start instanceof Start.After after) {
            return look(log, channel, keep, after.place())
                    .map(slice -> slice instanceof Slice.Gap gap
                            ? behind(gap, after.asked(), retry)
                            : at(after.place(), retry));
        }
        Future<Slice> all = look(log, channel, keep, EventId.FIRST);
        return start instanceof Start.Unknown unknown
                ? all.map(slice -> behind(gap(slice), unknown.asked(), retry))
                : all.map(slice -> at(slice instanceof Slice.Gap gap ? gap.through() : EventId.FIRST, retry));
    }

    private static Future<Slice> look(EventLog log, ChannelName channel, Keep keep, EventId after) {
        Slice slice = log.read(channel, keep, after);
        return slice instanceof Slice.Elsewhere ? log.fetch(channel, after) : Future.succeededFuture(slice);
    }

    private static Arrival at(EventId place, Duration retry) {
        return new Arrival(place, EventStream.appendStart(Buffer.buffer(), place, retry), false);
    }

    private static Arrival behind(Slice.Gap gap, String asked, Duration retry) {
        Buffer preamble = EventStream.appendRetry(Buffer.buffer(), retry);
        return new Arrival(gap.through(), preamble.appendBuffer(LocalChannel.gapFrame(asked, gap)), true);
    }

    /** Of a place that means nothing, all that there ever was may be missing. */
    private static Slice.Gap gap(Slice slice) {
        if (slice instanceof Slice.Gap gap) {
            return gap;
        }
        Optional<EventId> oldest = slice instanceof Slice.Entries read
                ? read.entries().stream().map(Entry::id).findFirst()
                : Optional.empty();
        return new Slice.Gap(EventId.FIRST, oldest);
    }
}
