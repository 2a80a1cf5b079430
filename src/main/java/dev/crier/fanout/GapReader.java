package dev.crier.fanout;

import dev.crier.event.ChannelName;
import dev.crier.event.EventId;
import dev.crier.log.store.ReadResult;
import dev.crier.log.store.Requester;
import dev.crier.sse.EventStream;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Reports a gap in each of many channels to one subscriber, because it is unknown what its client has received. Then reads on
 * through another reader.
 *
 * <p>Only the last gap has an id. A client whose connection breaks before that comes back as it came, and gets all of them.
 */
final class GapReader implements StreamReader {

    private final List<ChannelName> channels;
    private final String requested;
    private final StreamReader next;

    /** How many gaps have been read. */
    private int index;

    /**
     * @param channels not empty
     * @param requested the position that the client asked for
     */
    GapReader(List<ChannelName> channels, String requested, StreamReader next) {
        this.channels = channels;
        this.requested = requested;
        this.next = next;
    }

    @Override
    public Optional<EncodedRead> read(EventId position) {
        if (isComplete()) {
            return next.read(position);
        }
        Buffer stream = Buffer.buffer();
        int first = index;
        while (!isComplete() && stream.length() < ReadResult.MAX_BYTES) {
            ChannelName channel = channels.get(index++);
            Optional<EventId> id = isComplete() ? Optional.of(position) : Optional.empty();
            EventStream.appendGap(stream, channel, id, requested, Optional.empty());
        }
        return Optional.of(new EncodedRead(position, stream, true, 0, index - first, 0));
    }

    private boolean isComplete() {
        return index == channels.size();
    }

    @Override
    public Future<Optional<EncodedRead>> fetch(EventId position, Requester requester) {
        return next.fetch(position, requester);
    }

    @Override
    public boolean isReadThrough(EventId position) {
        return isComplete() && next.isReadThrough(position);
    }

    @Override
    public Buffer endBlock(EventId position, Duration retry) {
        return isComplete() ? next.endBlock(position, retry) : EventStream.appendEnd(Buffer.buffer(), retry);
    }
}
