package dev.crier.fanout;

import dev.crier.event.ChannelName;
import dev.crier.event.ChannelPattern;
import dev.crier.event.ChannelSet;
import dev.crier.event.EventId;
import dev.crier.event.StartAt;
import dev.crier.log.EventLog;
import dev.crier.log.SetLoss;
import dev.crier.log.store.Requester;
import dev.crier.sse.EventStream;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The start of a channel set's stream, found from the position that the client asked for.
 *
 * @param reader the first reader of the subscriber; empty for the one that it shares with others
 */
record SetResumption(Resumption start, Optional<StreamReader> reader) {

    static Future<SetResumption> of(
            StartAt start, ChannelSet set, EventLog log, SetEncoder encoder, Duration retry, Requester requester) {
        return log.sets().latest(set).isEmpty()
                ? begin(start, set, log, encoder, retry, requester)
                : log.now() // until then, memory may have an old event
                        .compose(now -> begin(start, set, log, encoder, retry, requester));
    }

    private static Future<SetResumption> begin(
            StartAt start, ChannelSet set, EventLog log, SetEncoder encoder, Duration retry, Requester requester) {
        EventId newest = log.newest();
        if (start instanceof StartAt.Now) {
            return log.now().map(now -> now(set, log, encoder, now, retry));
        }
        if (start instanceof StartAt.From from) {
            return Beginning.position(from, log).map(position -> at(position, retry));
        }
        if (start instanceof StartAt.After after) {
            return log.resumption(after.position())
                    .compose(position -> position.equals(after.position())
                            ? Future.succeededFuture(at(position, retry))
                            : log.sets().lost(set, requester).map(lost -> {
                                var reader = new KnownLossReader(set, log, encoder, lost, newest);
                                return afterGaps(position, after.requested(), set, log, reader, retry);
                            }));
        }
        return log.sets().lost(set, requester).map(lost -> {
            EventId earliest = earliest(lost, set, log);
            var reader = new KnownLossReader(set, log, encoder, lost, newest);
            return start instanceof StartAt.Unknown unknown
                    ? afterGaps(earliest, unknown.requested(), set, log, reader, retry)
                    : new SetResumption(Resumption.at(earliest, retry), Optional.of(reader));
        });
    }

    private static SetResumption at(EventId position, Duration retry) {
        return new SetResumption(Resumption.at(position, retry), Optional.empty());
    }

    private static SetResumption now(ChannelSet set, EventLog log, SetEncoder encoder, EventId newest, Duration retry) {
        List<ChannelName> latest = log.sets().latest(set);
        return latest.isEmpty()
                ? at(newest, retry)
                : withoutStart(EventId.FIRST, new LatestReader(latest, log, encoder, newest, retry), retry);
    }

    /** Begins the stream with the reconnection time alone. The reader writes its start block or its gaps. */
    private static SetResumption withoutStart(EventId position, StreamReader reader, Duration retry) {
        Buffer preamble = EventStream.appendRetry(Buffer.buffer(), retry);
        return new SetResumption(new Resumption(position, preamble, 0), Optional.of(reader));
    }

    /** Returns the position before the first event of any channel. */
    private static EventId earliest(SetLoss lost, ChannelSet set, EventLog log) {
        EventId first = lost.first();
        boolean isFirst = log.sets().latest(set).stream()
                .allMatch(channel -> log.sets().newest(channel, first).isEmpty());
        return isFirst ? first : EventId.FIRST;
    }

    /** Reports a gap in each channel and family that keeps events, because it is unknown what the client has received. */
    private static SetResumption afterGaps(
            EventId position, String requested, ChannelSet set, EventLog log, StreamReader reader, Duration retry) {
        List<ChannelName> channels = Stream.concat(
                        set.names().stream(), set.families().stream().map(ChannelPattern::name))
                .filter(log.sets()::keepsEvents)
                .toList();
        return channels.isEmpty()
                ? new SetResumption(Resumption.at(position, retry), Optional.of(reader))
                : withoutStart(position, new GapReader(channels, requested, reader), retry);
    }
}
