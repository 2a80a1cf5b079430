package dev.crier.fanout;

import dev.crier.event.ChannelSet;
import dev.crier.event.EventId;
import dev.crier.log.CatchUp;
import dev.crier.log.EventLog;
import dev.crier.log.SetLoss;
import dev.crier.log.SetRead;
import dev.crier.log.store.Requester;
import dev.crier.sse.EventStream;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.Optional;

/**
 * Reads a channel set for one subscriber that asked for the earliest events, or has been told that events may be missing in
 * every channel. Leaves out the gaps that the channels already had when it joined. What they lose later is a gap.
 */
final class KnownLossReader implements StreamReader {

    private final ChannelSet set;
    private final EventLog log;
    private final SetEncoder encoder;
    private final SetLoss known;
    private final EventId end;
    private final CatchUp catchUp;

    /**
     * @param known the loss when the subscriber joined
     * @param end a position at or after that loss, where the shared reader takes over
     */
    KnownLossReader(ChannelSet set, EventLog log, SetEncoder encoder, SetLoss known, EventId end) {
        this.set = set;
        this.log = log;
        this.encoder = encoder;
        this.known = known;
        this.end = end;
        this.catchUp = log.sets().catchUp(set);
    }

    @Override
    public Optional<EncodedRead> read(EventId position) {
        return log.sets().read(set, position).map(read -> encode(read, position));
    }

    @Override
    public Future<Optional<EncodedRead>> fetch(EventId position, Requester requester) {
        return catchUp.read(position, requester).map(read -> Optional.of(encode(read, position)));
    }

    private EncodedRead encode(SetRead read, EventId position) {
        var items = read.items().stream()
                .filter(item -> !(item instanceof SetRead.Lost gap && known.includes(gap)))
                .toList();
        return encoder.encode(new SetRead(items, read.through(), read.more()), position);
    }

    @Override
    public boolean isReadThrough(EventId position) {
        return !position.isBefore(end);
    }

    @Override
    public Buffer endBlock(EventId position, Duration retry) {
        return EventStream.appendEnd(Buffer.buffer(), position, retry);
    }
}
