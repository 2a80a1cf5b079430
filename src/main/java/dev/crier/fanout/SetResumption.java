package dev.crier.fanout;

import dev.crier.event.ChannelName;
import dev.crier.event.ChannelPattern;
import dev.crier.event.ChannelSet;
import dev.crier.event.EventId;
import dev.crier.log.EventLog;
import dev.crier.log.SetLoss;
import dev.crier.log.store.Requester;
import dev.crier.sse.EventStream;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * The start of a channel set's stream, found from the position that the client asked for.
 *
 * @param reader the first reader of the subscriber; empty for the one that it shares with others
 */
record SetResumption(Resumption start, Optional<StreamReader> reader) {

    /** Finds the start of streams of one channel set. */
    static final class Finder {

        private final ChannelSet set;
        private final EventLog log;
        private final SetEncoder encoder;
        private final Predicate<ChannelName> keepsEvents;
        private final Duration retry;

        /** @param keepsEvents whether a channel, or the family that a pattern names, keeps events and not the latest one */
        Finder(ChannelSet set, EventLog log, SetEncoder encoder, Predicate<ChannelName> keepsEvents, Duration retry) {
            this.set = set;
            this.log = log;
            this.encoder = encoder;
            this.keepsEvents = keepsEvents;
            this.retry = retry;
        }

        Future<SetResumption> find(StartAt start, Requester requester) {
            EventId newest = log.newest();
            if (start instanceof StartAt.Now) {
                return Future.succeededFuture(now(newest));
            }
            if (start instanceof StartAt.Earliest) {
                return log.sets()
                        .lost(set, requester)
                        .map(lost -> quiet(Resumption.at(earliest(lost), retry), lost, newest));
            }
            if (start instanceof StartAt.From from) {
                return newest.isBefore(from.position())
                        ? Future.succeededFuture(shared(newest))
                        : Future.succeededFuture(shared(from.position()));
            }
            if (start instanceof StartAt.After after) {
                return log.resumption(after.position())
                        .compose(position -> position.equals(after.position())
                                ? Future.succeededFuture(shared(position))
                                : afterGaps(after.position(), position, after.requested(), requester, newest));
            }
            String requested = ((StartAt.Unknown) start).requested();
            return afterGaps(EventId.FIRST, EventId.FIRST, requested, requester, newest);
        }

        private SetResumption shared(EventId position) {
            return new SetResumption(Resumption.at(position, retry), Optional.empty());
        }

        private SetResumption quiet(Resumption start, SetLoss lost, EventId newest) {
            return new SetResumption(start, Optional.of(new QuietReader(set, log, encoder, lost, newest)));
        }

        /** Returns the position before the first event of any channel. */
        private EventId earliest(SetLoss lost) {
            EventId first = lost.first();
            boolean isFirst = log.sets().latest(set).stream()
                    .allMatch(channel -> log.sets().newest(channel, first).isEmpty());
            return isFirst ? first : EventId.FIRST;
        }

        private SetResumption now(EventId newest) {
            List<ChannelName> latest = log.sets().latest(set);
            if (latest.isEmpty()) {
                return shared(newest);
            }
            Buffer preamble = EventStream.appendRetry(Buffer.buffer(), retry);
            return new SetResumption(
                    new Resumption(EventId.FIRST, preamble, 0),
                    Optional.of(new LatestReader(latest, log, encoder, newest, retry)));
        }

        /**
         * Reports a gap in each channel that keeps events, because it is unknown what the client has received. Only the last
         * gap has the new position. A client whose connection breaks before that comes back as it came, and gets all of them.
         */
        private Future<SetResumption> afterGaps(
                EventId before, EventId position, String requested, Requester requester, EventId newest) {
            Buffer preamble = EventStream.appendRetry(Buffer.buffer(), retry);
            List<ChannelName> channels = Stream.concat(
                            set.names().stream(), set.families().stream().map(ChannelPattern::name))
                    .filter(keepsEvents)
                    .toList();
            for (int i = 0; i < channels.size(); i++) {
                EventId reached = i + 1 < channels.size() ? before : position;
                EventStream.appendGap(preamble, channels.get(i), reached, requested, Optional.empty());
            }
            return log.sets()
                    .lost(set, requester)
                    .map(lost -> quiet(new Resumption(position, preamble, channels.size()), lost, newest));
        }
    }
}
