package dev.crier.fanout;

import dev.crier.event.ChannelName;
import dev.crier.event.Entry;
import dev.crier.event.EventId;
import dev.crier.log.EventLog;
import dev.crier.log.SetRead;
import dev.crier.log.store.ReadResult;
import dev.crier.log.store.Requester;
import dev.crier.sse.EventStream;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Reads the newest event of each latest channel of a set, for one subscriber that begins without a position. Then writes the
 * start of the stream: the position after which the subscriber receives the events of all channels.
 *
 * <p>The start comes last, so that its position never passes an event that the client has not received. A client whose
 * connection breaks earlier resumes after the last event that it received.
 */
final class LatestReader implements StreamReader {

    private final List<ChannelName> channels;
    private final EventLog log;
    private final SetEncoder encoder;
    private final EventId start;
    private final Duration retry;

    /** How many channels have been read. */
    private int index;

    /**
     * @param channels in the order of their newest events
     * @param start an event after this position is left out, because the subscriber receives it after the start
     */
    LatestReader(List<ChannelName> channels, EventLog log, SetEncoder encoder, EventId start, Duration retry) {
        this.channels = channels;
        this.log = log;
        this.encoder = encoder;
        this.start = start;
        this.retry = retry;
    }

    @Override
    public Optional<EncodedRead> read(EventId position) {
        var found = new ArrayList<SetRead.Item>();
        EventId last = position;
        long bytes = 0;
        for (; index < channels.size() && bytes < ReadResult.MAX_BYTES; index++) {
            Optional<Entry> newest = log.sets().newest(channels.get(index), start);
            if (newest.isPresent()) {
                found.add(new SetRead.Found(newest.get()));
                bytes += ReadResult.bytes(newest.get());
                last = newest.get().id();
            }
        }
        if (index < channels.size()) {
            return Optional.of(encoder.encode(new SetRead(found, last, true), position));
        }
        EncodedRead read = encoder.encode(new SetRead(found, start, true), position);
        Buffer stream = EventStream.appendStart(Buffer.buffer().appendBuffer(read.bytes()), start, retry);
        return Optional.of(new EncodedRead(start, stream, true, read.events(), read.gaps(), read.oldestMillis()));
    }

    @Override
    public Future<Optional<EncodedRead>> fetch(EventId position, Requester requester) {
        throw new IllegalStateException("latest events are always in memory");
    }

    @Override
    public boolean isReadThrough(EventId position) {
        return !position.isBefore(start);
    }

    /** A client that has received nothing begins again, so the block then has no position. */
    @Override
    public Buffer endBlock(EventId position, Duration retry) {
        return position.equals(EventId.FIRST)
                ? EventStream.appendEnd(Buffer.buffer(), retry)
                : EventStream.appendEnd(Buffer.buffer(), position, retry);
    }
}
