package dev.crier.fanout;

import dev.crier.event.ChannelName;
import dev.crier.event.EventId;
import dev.crier.log.store.AbandonedException;
import dev.crier.log.store.Requester;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;

/**
 * Reads for all subscribers of one channel or channel set on one event loop. What subscribers at the same position receive is
 * read and encoded once. Has no reference to a subscriber.
 */
abstract class SharedReader implements StreamReader {

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

    private final DeliveryStats stats;

    /** Null unless a subscriber waits for the store, because most readers never need it. */
    private Map<EventId, SharedFetch> fetches;

    /** The position that {@link #lastRead} begins at; null if there may be new entries since. */
    private EventId lastReadFrom;

    private EncodedRead lastRead;

    SharedReader(DeliveryStats stats) {
        this.stats = stats;
    }

    @Override
    public Optional<EncodedRead> read(EventId position) {
        if (!position.equals(lastReadFrom)) {
            Optional<EncodedRead> read = readMemory(position);
            if (read.isEmpty()) {
                return read;
            }
            lastReadFrom = position;
            lastRead = read.get();
        }
        return Optional.of(lastRead);
    }

    /** Reads what is in memory, or returns empty if it must be fetched. */
    abstract Optional<EncodedRead> readMemory(EventId position);

    /** Reads once for all subscribers that wait. Skips the read if all of them have left before it begins. */
    @Override
    public Future<Optional<EncodedRead>> fetch(EventId position, Requester requester) {
        if (fetches == null) {
            fetches = new HashMap<>();
        }
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
            readStore(position, new Requester(address, () -> shared.isNeedless(address)))
                    .onComplete(shared::complete);
        }
        return fetch.result.future();
    }

    /** Reads from the store. */
    abstract Future<Optional<EncodedRead>> readStore(EventId position, Requester requester);

    @Override
    public boolean isReadThrough(EventId position) {
        return false;
    }

    /**
     * Records that the channel has new entries.
     *
     * @return whether it is the first channel for which that is recorded since the last pass
     */
    boolean markChanged(ChannelName channel) {
        return true;
    }

    /** Forgets the last read, because there may be new entries. A latest channel may have replaced its event. */
    void expectNewEntries() {
        lastReadFrom = null;
    }

    /** Releases encoded bytes, which otherwise stay in memory until the next event. */
    void release() {
        lastRead = null;
        lastReadFrom = null;
    }

    void countDelivery(EncodedRead read) {
        if (read.events() > 0) {
            stats.delivered(read.events(), read.bytes().length(), read.oldestMillis());
        }
        stats.gaps(read.gaps());
    }

    /** Counts a subscriber as lagging if there are entries after its position. */
    abstract void countLag(EventId position);

    /** Names the channels in a log line. */
    abstract String description();

    DeliveryStats stats() {
        return stats;
    }
}
