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
            return log.now().map(now -> at(EventId.FIRST)); // until then, memory may have an old event
        }
        if (start instanceof StartAt.Now && !retention.ends()) {
            return log.now().map(Beginning::at);
        }
        if (start instanceof StartAt.From from) {
            return position(from, log)
                    .compose(position -> position.equals(from.position())
                            ? of(new StartAt.After(position, from.requested()), channel, retention, log, requester)
                            : Future.succeededFuture(at(position)));
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
        if (start instanceof StartAt.After after) {
            return isAfterEnd(after.position(), channel, log, requester);
        }
        return start instanceof StartAt.From from
                ? position(from, log).compose(position -> isAfterEnd(position, channel, log, requester))
                : Future.succeededFuture(false);
    }

    private static Future<Boolean> isAfterEnd(
            EventId position, ChannelName channel, EventLog log, Requester requester) {
        return log.end(channel, requester)
                .compose(end -> end.isEmpty() || position.isBefore(end.get())
                        ? Future.succeededFuture(false)
                        : log.resumption(position).map(from -> !from.isBefore(end.get())));
    }

    /** Returns the position from which a subscriber reads: that of the time, or the newest one if the time is later. */
    static Future<EventId> position(StartAt.From from, EventLog log) {
        return log.newest().isBefore(from.position())
                ? log.now().map(now -> now.isBefore(from.position()) ? now : from.position())
                : Future.succeededFuture(from.position());
    }

    private static Beginning at(EventId position) {
        return new Beginning(position, Optional.empty());
    }

    private static Beginning afterGap(ReadResult.Gap gap, String requested) {
        return new Beginning(gap.through(), Optional.of(new Gap(requested, gap.oldest())));
    }
}
