package dev.crier.fanout;

import dev.crier.event.ChannelName;
import dev.crier.event.Entry;
import dev.crier.event.EventId;
import dev.crier.event.Retention;
import dev.crier.log.AbandonedException;
import dev.crier.log.EventLog;
import dev.crier.log.ReadResult;
import dev.crier.log.Requester;
import dev.crier.metrics.ChannelMetrics;
import dev.crier.sse.EventStream;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
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
import java.util.function.Consumer;

/**
 * One channel on one event loop: its subscribers, and the bytes that those at the same place share. What is shared lasts
 * until the channel grows: so nobody is given a state that is no longer the newest.
 */
final class ChannelFanout {

    private static final Buffer NOTHING = Buffer.buffer(0);

    /**
     * A read from the store for several subscribers. It is queued once for each of their addresses and runs at the first
     * turn, because a subscriber must not wait for the other reads of another address.
     */
    private static final class Fetch {

        final Promise<Optional<Frames>> frames = Promise.promise();

        /** For each subscriber, whether it has left. */
        final Queue<BooleanSupplier> waiting = new ConcurrentLinkedQueue<>();

        final Set<String> addresses = new HashSet<>();

        /** The address whose turn came first. */
        final AtomicReference<String> reader = new AtomicReference<>();

        /** Whether the read is not needed when the address has its turn. */
        boolean isNeedless(String address) {
            return waiting.stream().allMatch(BooleanSupplier::getAsBoolean)
                    || !(reader.compareAndSet(null, address) || address.equals(reader.get()));
        }

        /** Completes the shared result. The turns after the first are abandoned, which is not a failure. */
        void end(AsyncResult<Optional<Frames>> read) {
            if (read.succeeded()) {
                frames.tryComplete(read.result());
            } else if (!(read.cause() instanceof AbandonedException) || reader.get() == null) {
                frames.tryFail(read.cause());
            }
        }
    }

    private final ChannelName name;
    private final Retention keep;
    private final EventLog log;
    private final ChannelMetrics metrics;
    private final DeliveryStats tally;
    private final List<Subscriber> subscribers = new ArrayList<>();
    private final Map<EventId, Fetch> fetches = new HashMap<>();
    private EventId sharedAfter;
    private Frames shared;
    private List<Entry> encoded = List.of();
    private Buffer bytes = NOTHING;

    ChannelFanout(ChannelName name, Retention keep, EventLog log, ChannelMetrics metrics) {
        this.name = name;
        this.keep = keep;
        this.log = log;
        this.metrics = metrics;
        this.tally = new DeliveryStats(metrics);
    }

    /** What comes after the cursor; nothing where that is no longer in memory. */
    Optional<Frames> after(EventId cursor) {
        if (!cursor.equals(sharedAfter)) {
            Optional<Frames> frames = frames(log.read(name, keep, cursor), cursor);
            if (frames.isEmpty()) {
                return frames;
            }
            sharedAfter = cursor;
            shared = frames.get();
        }
        return Optional.of(shared);
    }

    /**
     * Reads what comes after the cursor from the store, once for all subscribers that wait for it. Reads nothing if all of
     * them have left before the read begins.
     */
    Future<Optional<Frames>> fetch(EventId cursor, Requester requester) {
        Fetch fetch = fetches.get(cursor);
        if (fetch == null) {
            fetch = new Fetch();
            fetches.put(cursor, fetch);
            fetch.frames.future().onComplete(done -> fetches.remove(cursor));
        }
        fetch.waiting.add(requester.hasLeft());
        String address = requester.address();
        if (fetch.addresses.add(address)) {
            Fetch shared = fetch;
            log.fetch(name, cursor, new Requester(address, () -> shared.isNeedless(address)))
                    .map(slice -> frames(slice, cursor))
                    .onComplete(shared::end);
        }
        return fetch.frames.future();
    }

    private Optional<Frames> frames(ReadResult slice, EventId cursor) {
        if (slice instanceof ReadResult.Entries read) {
            List<Entry> entries = read.entries();
            long since = entries.isEmpty() ? 0 : entries.get(0).storedMillis();
            return Optional.of(new Frames(read.through(), encode(entries), read.more(), entries.size(), since));
        }
        return slice instanceof ReadResult.Gap gap
                ? Optional.of(new Frames(gap.through(), gapFrame(cursor.toString(), gap), true, 0, 0))
                : Optional.empty();
    }

    /** Once for all who are to be given the same entries, whatever the place they are at. */
    private Buffer encode(List<Entry> entries) {
        if (entries.isEmpty()) {
            return NOTHING;
        }
        if (!isSame(entries, encoded)) {
            Buffer stream = Buffer.buffer();
            for (Entry entry : entries) {
                if (keep instanceof Retention.Latest) {
                    EventStream.append(stream, entry.event());
                } else {
                    EventStream.append(stream, entry);
                }
            }
            encoded = entries;
            bytes = stream;
        }
        return bytes;
    }

    /** Nothing is left out between two entries that are read: hence their ends and how many they are tell all. */
    private static boolean isSame(List<Entry> one, List<Entry> other) {
        int last = one.size() - 1;
        return one.size() == other.size()
                && one.get(0).id().equals(other.get(0).id())
                && one.get(last).id().equals(other.get(last).id());
    }

    /**
     * Tells that something is missing, with the id from which on nothing is: so a client that leaves here is not told
     * again.
     */
    static Buffer gapFrame(String asked, ReadResult.Gap gap) {
        var told = new JsonObject()
                .put("asked", asked)
                .put("oldest", gap.oldest().map(EventId::toString).orElse(null));
        return EventStream.appendGap(Buffer.buffer(), gap.through(), told.encode());
    }

    /** Returns the last block of a stream, which names the position to resume from unless the channel has no ids. */
    Buffer endFrame(EventId cursor, Duration retry) {
        return keep instanceof Retention.Latest
                ? EventStream.appendEnd(Buffer.buffer(), retry)
                : EventStream.appendEnd(Buffer.buffer(), cursor, retry);
    }

    /** The channel has grown, or may have. */
    void grown(Consumer<Subscriber> wake) {
        sharedAfter = null;
        tally.walk();
        // from the end: a write may find a connection closed, and its subscriber leaves in mid-walk
        for (int i = subscribers.size() - 1; i >= 0; i--) {
            if (i < subscribers.size()) {
                wake.accept(subscribers.get(i));
            }
        }
        tally.walked();
    }

    /** Checks each subscriber, and drops encoded bytes that none has needed since the last time. */
    void beat() {
        grown(Subscriber::beat);
        tally.tellLag();
        encoded = List.of();
        bytes = NOTHING;
        shared = null;
        sharedAfter = null;
    }

    void forEach(Consumer<Subscriber> action) {
        subscribers.forEach(action);
    }

    /** Its connection takes nothing more at present, or what comes next is being fetched. */
    void held(EventId cursor) {
        log.storedAfter(name, keep, cursor).ifPresent(tally::lags);
    }

    void add(Subscriber subscriber) {
        subscriber.index = subscribers.size();
        subscribers.add(subscriber);
        metrics.joined();
    }

    /** The last one takes the place of the one that leaves, so that leaving costs the same for all. */
    boolean remove(Subscriber subscriber) {
        int index = subscriber.index;
        if (index < 0) {
            return false;
        }
        Subscriber last = subscribers.remove(subscribers.size() - 1);
        if (last != subscriber) {
            subscribers.set(index, last);
            last.index = index;
        }
        subscriber.index = -1;
        metrics.left();
        if (subscribers.isEmpty()) {
            tally.tell();
            tally.tellLag();
        }
        return true;
    }

    DeliveryStats tally() {
        return tally;
    }

    ChannelName name() {
        return name;
    }

    boolean isEmpty() {
        return subscribers.isEmpty();
    }
}
