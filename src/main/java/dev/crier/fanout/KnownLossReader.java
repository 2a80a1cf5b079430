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
 * every channel. So what the channels had lost when it joined is no gap. What they lose later is one.
 */
final class QuietReader implements StreamReader {

    private final ChannelSet set;
    private final EventLog log;
    private final SetEncoder encoder;
    private final SetLoss lost;
    private final EventId through;
    private final CatchUp catchUp;

    /**
     * @param lost for which no gap is reported
     * @param through a position after that
     */
    QuietReader(ChannelSet set, EventLog log, SetEncoder encoder, SetLoss lost, EventId through) {
        this.set = set;
        this.log = log;
        this.encoder = encoder;
        this.lost = lost;
        this.through = through;
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
                .filter(item -> !(item instanceof SetRead.Lost gap && lost.includes(gap)))
                .toList();
        return encoder.encode(new SetRead(items, read.through(), read.more()), position);
    }

    @Override
    public boolean isReadThrough(EventId position) {
        return !position.isBefore(through);
    }

    @Override
    public Buffer endBlock(EventId position, Duration retry) {
        return EventStream.appendEnd(Buffer.buffer(), position, retry);
    }
}
