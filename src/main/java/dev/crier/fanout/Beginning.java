package dev.crier.fanout;

import dev.crier.event.ChannelName;
import dev.crier.event.EventId;
import dev.crier.event.Retention;
import dev.crier.event.StartAt;
import dev.crier.log.EventLog;
import dev.crier.log.store.ReadResult;
import dev.crier.log.store.Requester;
import io.vertx.core.Future;
import java.util.Optional;

/**
 * Where a subscriber of a channel begins, found from the position that it asked for.
 *
 * @param position where delivery begins
 * @param gap the gap before that; empty if nothing is missing
 */
record Beginning(EventId position, Optional<Gap> gap) {

    /**
     * A gap at the beginning.
     *
     * @param requested the position that the subscriber asked for
     * @param oldest the first entry after the gap
     */
    record Gap(String requested, Optional<EventId> oldest) {}

    static Future<Beginning> of(
            StartAt start, ChannelName channel, Retention retention, EventLog log, Requester requester) {
        if (retention instanceof Retention.Latest) {
            return Future.succeededFuture(at(EventId.FIRST));
        }
        if (start instanceof StartAt.Now && !retention.ends()) {
            return Future.succeededFuture(at(log.newest()));
        }
        if (start instanceof StartAt.From from && log.newest().isBefore(from.position())) {
            return Future.succeededFuture(at(log.newest()));
        }
        if (start instanceof StartAt.From from) {
            return of(new StartAt.After(from.position(), from.requested()), channel, retention, log, requester);
        }
        if (start instanceof StartAt.After after) {
            return log.gap(channel, after.position(), requester)
                    .map(gap -> gap.through().equals(after.position())
                            ? at(after.position())
                            : afterGap(gap, after.requested()));
        }
        // an unknown position may be before every event that was ever published
        Future<ReadResult.Gap> fromFirst = log.gap(channel, EventId.FIRST, requester);
        return start instanceof StartAt.Unknown unknown
                ? fromFirst.map(gap -> afterGap(gap, unknown.requested()))
                : fromFirst.map(gap -> at(gap.through()));
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

    private static Beginning at(EventId position) {
        return new Beginning(position, Optional.empty());
    }

    private static Beginning afterGap(ReadResult.Gap gap, String requested) {
        return new Beginning(gap.through(), Optional.of(new Gap(requested, gap.oldest())));
    }
}
