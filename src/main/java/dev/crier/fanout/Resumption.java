package dev.crier.fanout;

import dev.crier.event.ChannelName;
import dev.crier.event.EventId;
import dev.crier.event.Retention;
import dev.crier.log.EventLog;
import dev.crier.log.ReadResult;
import dev.crier.log.Requester;
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
record Resumption(EventId cursor, Buffer preamble, boolean gap) {

    static Future<Resumption> of(
            StartAt start, ChannelName channel, Retention keep, EventLog log, Duration retry, Requester requester) {
        if (keep instanceof Retention.Latest) {
            return Future.succeededFuture(
                    new Resumption(EventId.FIRST, EventStream.appendRetry(Buffer.buffer(), retry), false));
        }
        if (start instanceof StartAt.Now) {
            return Future.succeededFuture(at(log.newest(), retry));
        }
        if (start instanceof StartAt.From from && log.newest().isBefore(from.place())) {
            return Future.succeededFuture(at(log.newest(), retry));
        }
        if (start instanceof StartAt.From from) {
            return of(new StartAt.After(from.place(), from.asked()), channel, keep, log, retry, requester);
        }
        if (start instanceof StartAt.After after) {
            return log.gap(channel, after.place(), requester)
                    .map(gap -> gap.through().equals(after.place())
                            ? at(after.place(), retry)
                            : behind(gap, after.asked(), retry));
        }
        // an unknown position may be before everything that was ever published
        Future<ReadResult.Gap> all = log.gap(channel, EventId.FIRST, requester);
        return start instanceof StartAt.Unknown unknown
                ? all.map(gap -> behind(gap, unknown.asked(), retry))
                : all.map(gap -> at(gap.through(), retry));
    }

    private static Resumption at(EventId place, Duration retry) {
        return new Resumption(place, EventStream.appendStart(Buffer.buffer(), place, retry), false);
    }

    private static Resumption behind(ReadResult.Gap gap, String asked, Duration retry) {
        Buffer preamble = EventStream.appendRetry(Buffer.buffer(), retry);
        return new Resumption(gap.through(), preamble.appendBuffer(ChannelFanout.gapFrame(asked, gap)), true);
    }
}
