package dev.crier.fanout;

import dev.crier.event.ChannelSet;
import dev.crier.event.EventId;
import dev.crier.log.CatchUp;
import dev.crier.log.EventLog;
import dev.crier.log.store.Requester;
import dev.crier.sse.EventStream;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.Optional;

/** Reads a channel set. */
final class SetReader extends SharedReader {

    private final ChannelSet set;
    private final EventLog log;
    private final SetEncoder encoder;

    /** Where the last subscriber that catches up goes on; null if none does. */
    private CatchUp catchUp;

    /** Whether {@link #catchUp} has been used since the last check. */
    private boolean isCatchUpUsed;

    SetReader(ChannelSet set, EventLog log, SetEncoder encoder, DeliveryStats stats) {
        super(stats);
        this.set = set;
        this.log = log;
        this.encoder = encoder;
    }

    @Override
    Optional<EncodedRead> readMemory(EventId position) {
        return log.sets().read(set, position).map(read -> encoder.encode(read, position));
    }

    @Override
    Future<Optional<EncodedRead>> readStore(EventId position, Requester requester) {
        boolean goesOn = catchUp != null && catchUp.isAt(position);
        CatchUp used = goesOn ? catchUp : log.sets().catchUp(set);
        catchUp = null; // no other read may use it meanwhile
        return used.read(position, requester).map(read -> {
            if (used.isAt(read.through())) {
                catchUp = used;
                isCatchUpUsed = true;
            }
            return Optional.of(encoder.encode(read, position));
        });
    }

    /** Forgets a catch-up whose subscriber has left. */
    @Override
    void release() {
        super.release();
        if (!isCatchUpUsed) {
            catchUp = null;
        }
        isCatchUpUsed = false;
    }

    @Override
    public Buffer endBlock(EventId position, Duration retry) {
        return EventStream.appendEnd(Buffer.buffer(), position, retry);
    }

    @Override
    void countLag(EventId position) {
        log.sets().storedAfter(set, position).ifPresent(stats()::lags);
    }

    @Override
    String description() {
        return set.toString();
    }
}
