package dev.crier.fanout;

import dev.crier.event.ChannelName;
import dev.crier.event.Entry;
import dev.crier.event.EventId;
import dev.crier.event.Retention;
import dev.crier.log.EventLog;
import dev.crier.log.store.ReadResult;
import dev.crier.log.store.Requester;
import dev.crier.sse.EventStream;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Reads one channel. */
final class ChannelReader extends SharedReader {

    private static final Buffer EMPTY = Buffer.buffer(0);

    private final ChannelName name;
    private final Retention retention;
    private final EventLog log;

    /** The entries that {@link #lastBytes} encodes. */
    private List<Entry> lastEntries = List.of();

    private Buffer lastBytes = EMPTY;

    ChannelReader(ChannelName name, Retention retention, EventLog log, DeliveryStats stats) {
        super(stats);
        this.name = name;
        this.retention = retention;
        this.log = log;
    }

    @Override
    Optional<EncodedRead> readMemory(EventId position) {
        return encode(log.read(name, retention, position), position);
    }

    @Override
    Future<Optional<EncodedRead>> readStore(EventId position, Requester requester) {
        return log.fetch(name, position, requester).map(result -> encode(result, position));
    }

    private Optional<EncodedRead> encode(ReadResult result, EventId position) {
        if (result instanceof ReadResult.Entries read) {
            return Optional.of(retention.ends() ? encodeUpToEnd(read, position) : encode(read, false));
        }
        return result instanceof ReadResult.Gap gap
                ? Optional.of(new EncodedRead(gap.through(), gapBlock(position, gap), true, 0, 1, 0))
                : Optional.empty();
    }

    private EncodedRead encodeUpToEnd(ReadResult.Entries read, EventId position) {
        UpToEnd part = UpToEnd.of(read, name, position, log);
        return encode(part.read(), part.endsStream());
    }

    private EncodedRead encode(ReadResult.Entries read, boolean endsStream) {
        List<Entry> entries = read.entries();
        long oldest = entries.isEmpty() ? 0 : entries.get(0).storedMillis();
        return new EncodedRead(read.through(), encode(entries), read.more(), entries.size(), 0, oldest, endsStream);
    }

    /** Encodes the entries. Subscribers at different positions may need the same entries, which are encoded once. */
    private Buffer encode(List<Entry> entries) {
        if (entries.isEmpty()) {
            return EMPTY;
        }
        if (!isSameRange(entries, lastEntries)) {
            Buffer stream = Buffer.buffer();
            for (Entry entry : entries) {
                if (retention instanceof Retention.Latest) {
                    EventStream.append(stream, entry.event());
                } else {
                    EventStream.append(stream, entry);
                }
            }
            lastEntries = entries;
            lastBytes = stream;
        }
        return lastBytes;
    }

    /** Compares only the ends and the number of entries, because a read leaves out no entry between its ends. */
    private static boolean isSameRange(List<Entry> one, List<Entry> other) {
        int last = one.size() - 1;
        return one.size() == other.size()
                && one.get(0).id().equals(other.get(0).id())
                && one.get(last).id().equals(other.get(last).id());
    }

    private static Buffer gapBlock(EventId position, ReadResult.Gap gap) {
        return EventStream.appendGap(Buffer.buffer(), gap.through(), position.toString(), gap.oldest());
    }

    /** A latest channel has no ids, so its last block has none. */
    @Override
    public Buffer endBlock(EventId position, Duration retry) {
        return retention instanceof Retention.Latest
                ? EventStream.appendEnd(Buffer.buffer(), retry)
                : EventStream.appendEnd(Buffer.buffer(), position, retry);
    }

    @Override
    void release() {
        super.release();
        lastEntries = List.of();
        lastBytes = EMPTY;
    }

    @Override
    void countLag(EventId position) {
        log.storedAfter(name, retention, position).ifPresent(stats()::lags);
    }

    @Override
    String description() {
        return name.path();
    }
}
