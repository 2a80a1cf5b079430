package dev.crier.fanout;

import dev.crier.event.ChannelName;
import dev.crier.event.EventId;
import dev.crier.event.Retention;
import dev.crier.log.EventLog;
import dev.crier.log.store.ReadResult;
import dev.crier.log.store.Requester;
import dev.crier.sse.EventStream;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;

/**
 * The start of a stream, found from the position that the client asked for.
 *
 * @param position where delivery starts
 * @param preamble the first block of the stream
 * @param gaps how many gaps the preamble reports
 */
record Resumption(EventId position, Buffer preamble, int gaps) {

    static Future<Resumption> of(
            StartAt start,
            ChannelName channel,
            Retention retention,
            EventLog log,
            Duration retry,
            Requester requester) {
        if (retention instanceof Retention.Latest) {
            return Future.succeededFuture(
                    new Resumption(EventId.FIRST, EventStream.appendRetry(Buffer.buffer(), retry), 0));
        }
        if (start instanceof StartAt.Now && !retention.ends()) {
            return Future.succeededFuture(at(log.newest(), retry));
        }
        if (start instanceof StartAt.From from && log.newest().isBefore(from.position())) {
            return Future.succeededFuture(at(log.newest(), retry));
        }
        if (start instanceof StartAt.From from) {
            return of(new StartAt.After(from.position(), from.requested()), channel, retention, log, retry, requester);
        }
        if (start instanceof StartAt.After after) {
            return log.gap(channel, after.position(), requester)
                    .map(gap -> gap.through().equals(after.position())
                            ? at(after.position(), retry)
                            : afterGap(gap, after.requested(), retry));
        }
        // an unknown position may be before every event that was ever published
        Future<ReadResult.Gap> fromFirst = log.gap(channel, EventId.FIRST, requester);
        return start instanceof StartAt.Unknown unknown
                ? fromFirst.map(gap -> afterGap(gap, unknown.requested(), retry))
                : fromFirst.map(gap -> at(gap.through(), retry));
    }

    /**
     * Returns whether the channel has ended at or before the position where a stream would start, so that the stream would never
     * have an event.
     */
    static Future<Boolean> isAfterEnd(StartAt start, ChannelName channel, EventLog log, Requester requester) {
        EventId position;
        if (start instanceof StartAt.After after) {
            position = after.position();
        } else if (start instanceof StartAt.From from) {
            position = log.newest().isBefore(from.position()) ? log.newest() : from.position();
        } else {
            return Future.succeededFuture(false);
        }
        return log.end(channel, requester)
                .compose(end -> end.isEmpty() || position.isBefore(end.get())
                        ? Future.succeededFuture(false)
                        : log.resumption(position).map(from -> !from.isBefore(end.get())));
    }

    static Resumption at(EventId position, Duration retry) {
        return new Resumption(position, EventStream.appendStart(Buffer.buffer(), position, retry), 0);
    }

    private static Resumption afterGap(ReadResult.Gap gap, String requested, Duration retry) {
        Buffer preamble = EventStream.appendRetry(Buffer.buffer(), retry);
        EventStream.appendGap(preamble, gap.through(), requested, gap.oldest());
        return new Resumption(gap.through(), preamble, 1);
    }
}
