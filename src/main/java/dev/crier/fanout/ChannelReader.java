package dev.crier.fanout;

import dev.crier.event.ChannelName;
import dev.crier.event.Entry;
import dev.crier.event.EventId;
import dev.crier.event.Retention;
import dev.crier.log.EventLog;
import dev.crier.log.store.AbandonedException;
import dev.crier.log.store.ReadResult;
import dev.crier.log.store.Requester;
import dev.crier.sse.EventStream;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;

/**
 * Reads one channel for its subscribers on one event loop. Entries are read once and encoded once for all subscribers at the
 * same position. Has no reference to a subscriber.
 *
 * <p>The class is long because reads from memory and from the store have the same rules for sharing and encoding.
 */
final class ChannelReader {

    private static final Buffer EMPTY = Buffer.buffer(0);

    /**
     * Entries or a gap, as bytes of an event stream.
     *
     * @param through the subscriber's position after these bytes
     * @param bytes empty if the channel has nothing up to there
     * @param more whether the next read returns more at once
     * @param events the number of events; 0 for a gap
     * @param oldestMillis when the oldest event was published, in milliseconds since 1970
     */
    record EncodedRead(EventId through, Buffer bytes, boolean more, int events, long oldestMillis) {}

    /**
     * A read from the store that several subscribers wait for. It is queued once for each of their addresses, and runs when
     * the first of these addresses has its turn. So no subscriber waits for other reads of someone else's address.
     */
    private static final class SharedFetch {

        final Promise<Optional<EncodedRead>> result = Promise.promise();

        /** For each subscriber, whether it has left. */
        final Queue<BooleanSupplier> waiting = new ConcurrentLinkedQueue<>();

        final Set<String> addresses = new HashSet<>();

        /** The address whose turn came first. */
        final AtomicReference<String> servedAddress = new AtomicReference<>();

        /** Returns whether the address can skip its turn. The store's threads call this. */
        boolean isNeedless(String address) {
            return waiting.stream().allMatch(BooleanSupplier::getAsBoolean)
                    || !(servedAddress.compareAndSet(null, address) || address.equals(servedAddress.get()));
        }

        /** Completes the shared result. Turns after the first are abandoned, which is not a failure. */
        void complete(AsyncResult<Optional<EncodedRead>> turn) {
            if (turn.succeeded()) {
                result.tryComplete(turn.result());
            } else if (!(turn.cause() instanceof AbandonedException) || servedAddress.get() == null) {
                result.tryFail(turn.cause());
            }
        }
    }

    private final ChannelName name;
    private final Retention retention;
    private final EventLog log;
    private final DeliveryStats stats;
    private final Map<EventId, SharedFetch> fetches = new HashMap<>();

    /** The position that {@link #lastRead} begins at; null if the channel may have new entries since. */
    private EventId lastReadFrom;

    private EncodedRead lastRead;

    /** The entries that {@link #lastBytes} encodes. */
    private List<Entry> lastEntries = List.of();

    private Buffer lastBytes = EMPTY;

    ChannelReader(ChannelName name, Retention retention, EventLog log, DeliveryStats stats) {
        this.name = name;
        this.retention = retention;
        this.log = log;
        this.stats = stats;
    }

    /** Returns what follows the position, or empty if it must be fetched from the store. */
    Optional<EncodedRead> read(EventId position) {
        if (!position.equals(lastReadFrom)) {
            Optional<EncodedRead> read = encode(log.read(name, retention, position), position);
            if (read.isEmpty()) {
                return read;
            }
            lastReadFrom = position;
            lastRead = read.get();
        }
        return Optional.of(lastRead);
    }

    /**
     * Reads what follows the position from the store, once for all subscribers that wait for it. Skips the read if all of
     * them have left before it begins.
     */
    Future<Optional<EncodedRead>> fetch(EventId position, Requester requester) {
        SharedFetch fetch = fetches.get(position);
        if (fetch == null) {
            fetch = new SharedFetch();
            fetches.put(position, fetch);
            fetch.result.future().onComplete(done -> fetches.remove(position));
        }
        fetch.waiting.add(requester.hasLeft());
        String address = requester.address();
        if (fetch.addresses.add(address)) {
            SharedFetch shared = fetch;
            log.fetch(name, position, new Requester(address, () -> shared.isNeedless(address)))
                    .map(result -> encode(result, position))
                    .onComplete(shared::complete);
        }
        return fetch.result.future();
    }

    private Optional<EncodedRead> encode(ReadResult result, EventId position) {
        if (result instanceof ReadResult.Entries read) {
            List<Entry> entries = read.entries();
            long oldest = entries.isEmpty() ? 0 : entries.get(0).storedMillis();
            return Optional.of(new EncodedRead(read.through(), encode(entries), read.more(), entries.size(), oldest));
        }
        return result instanceof ReadResult.Gap gap
                ? Optional.of(new EncodedRead(gap.through(), gapBlock(position, gap), true, 0, 0))
                : Optional.empty();
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

    /** Returns the last block of a stream. It has the position to resume from unless the channel has no ids. */
    Buffer endBlock(EventId position, Duration retry) {
        return retention instanceof Retention.Latest
                ? EventStream.appendEnd(Buffer.buffer(), retry)
                : EventStream.appendEnd(Buffer.buffer(), position, retry);
    }

    /** Forgets the last read, because the channel may have new entries. A latest channel may have replaced its event. */
    void expectNewEntries() {
        lastReadFrom = null;
    }

    /** Releases encoded bytes, which otherwise stay in memory until the channel's next event. */
    void release() {
        lastEntries = List.of();
        lastBytes = EMPTY;
        lastRead = null;
        lastReadFrom = null;
    }

    void countDelivery(EncodedRead read) {
        if (read.events() == 0) {
            stats.gap();
        } else {
            stats.delivered(read.events(), read.bytes().length(), read.oldestMillis());
        }
    }

    /** Counts a subscriber as lagging if the channel has entries after its position. */
    void countLag(EventId position) {
        log.storedAfter(name, retention, position).ifPresent(stats::lags);
    }

    DeliveryStats stats() {
        return stats;
    }

    ChannelName name() {
        return name;
    }
}
