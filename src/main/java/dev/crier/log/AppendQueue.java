package dev.crier.log;

import dev.crier.event.ChannelName;
import dev.crier.event.Event;
import dev.crier.event.EventId;
import dev.crier.event.Publication;
import dev.crier.event.PublishException;
import dev.crier.log.store.AgeClock;
import dev.crier.log.store.HeapSize;
import dev.crier.log.store.LogSize;
import dev.crier.log.store.OwnContext;
import dev.crier.log.store.Receipt;
import dev.crier.log.store.Receipts;
import dev.crier.log.store.Store;
import dev.crier.log.store.Store.Outcome;
import dev.crier.log.store.UnknownOutcomeException;
import dev.crier.metrics.ChannelMetrics;
import dev.crier.metrics.Metrics;
import io.netty.buffer.ByteBufUtil;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The publications that wait for the store. One batch is at the store at a time; what arrives meanwhile goes next. Admission,
 * batches and answers are in one class, because the order of the answers and the counts of what waits depend on all three.
 * The log's context alone uses it.
 */
final class AppendQueue {

    /** How many publications may wait before the next is refused. */
    static final int MAX_WAITING = 10_000;

    /** How many bytes of events may wait before the next publication is refused. */
    static final long MAX_WAITING_BYTES = 64L << 20;

    /** The number of events after which no further publication joins a batch. */
    static final int MAX_BATCH_EVENTS = 1_000;

    /** The number of bytes after which no further publication joins a batch, because a slow network must carry it in time. */
    static final long MAX_BATCH_BYTES = 8L << 20;

    /** How many retries may ask the store for their first attempt before the next is refused. */
    static final int MAX_LOOKUPS = 1_000;

    private record Waiting(Publication publication, long bytes, Promise<List<EventId>> ids) {}

    private record Key(ChannelName channel, String key) {

        static Key of(Publication publication) {
            return new Key(publication.channel(), publication.attempt().key());
        }
    }

    private final OwnContext own;
    private final Store store;
    private final StoreHealth health;
    private final Capacity capacity;
    private final LogSize size;
    private final AgeClock clock;
    private final Metrics metrics;
    private final Deque<Waiting> waiting = new ArrayDeque<>();

    /** The publications with a key that have not been answered. The store knows only those that it was given. */
    private final Map<Key, Waiting> unanswered = new HashMap<>();

    private long waitingBytes;
    private long storingBytes;
    private boolean storing;
    private int lookups;

    /**
     * @param own the context on which all of this runs
     * @param size counts the memory that waiting publications take
     */
    AppendQueue(
            OwnContext own,
            Store store,
            StoreHealth health,
            Capacity capacity,
            LogSize size,
            AgeClock clock,
            Metrics metrics) {
        this.own = own;
        this.store = store;
        this.health = health;
        this.capacity = capacity;
        this.size = size;
        this.clock = clock;
        this.metrics = metrics;
    }

    /** Returns whether a batch is at the store. */
    boolean isStoring() {
        return storing;
    }

    /**
     * Queues the publication for the store. Answers a retry as its first attempt was answered, even while nothing can be
     * stored.
     *
     * @return its ids once its entries are shown. Otherwise an {@link dev.crier.event.AlreadyStoredException}, or a {@link
     *     PublishException} if it was refused or its outcome is unknown
     */
    Future<List<EventId>> append(Publication publication) {
        if (isOneAttempt(publication)) {
            Waiting first = unanswered.get(Key.of(publication));
            if (first != null) {
                return answerOf(first, publication.attempt());
            }
        }
        Optional<PublishException> refusal = unavailable();
        if (refusal.isEmpty()) {
            long bytes = bytes(publication);
            refusal = capacity.admit(publication, bytes, waitingBytes + storingBytes);
            if (refusal.isEmpty()) {
                return add(publication, bytes);
            }
        }
        return earlierOr(refusal.get(), publication);
    }

    /** Returns whether a retry is the same publication. A stream may be sent again in other parts, which the store compares. */
    private static boolean isOneAttempt(Publication publication) {
        return publication.attempt().isRepeatable() && !publication.attempt().isPart();
    }

    private static Future<List<EventId>> answerOf(Waiting first, Publication.Attempt retry) {
        return first.publication().attempt().digest().equals(retry.digest())
                ? first.ids().future()
                : Future.failedFuture(Receipt.keyReused());
    }

    /** Answers a retry from the store's receipts, and refuses any other publication. */
    private Future<List<EventId>> earlierOr(PublishException refusal, Publication publication) {
        Future<List<EventId>> refused = Future.failedFuture(refusal);
        if (!publication.attempt().isRepeatable() || lookups >= MAX_LOOKUPS) {
            return refused;
        }
        lookups++;
        return Future.succeededFuture()
                .compose(start -> store.earlier(publication)) // an exception becomes a failure
                .onComplete(done -> lookups--)
                .otherwise(Optional.empty())
                .compose(earlier -> earlier.map(AppendQueue::answer).orElse(refused));
    }

    private Optional<PublishException> unavailable() {
        if (!health.isGood()) {
            return Optional.of(EventLog.cannotStore());
        }
        return waiting.size() < MAX_WAITING && waitingBytes < MAX_WAITING_BYTES
                ? Optional.empty()
                : Optional.of(new PublishException(
                        PublishException.Reason.UNAVAILABLE,
                        "too many publications wait for the log (expected: fewer at a time)"));
    }

    /** Returns how many bytes of memory the entries and the receipt of the publication take. */
    private static long bytes(Publication publication) {
        long bytes = Receipts.bytes(publication);
        for (Event event : publication.events()) {
            bytes += HeapSize.of(event);
        }
        return bytes;
    }

    private Future<List<EventId>> add(Publication publication, long bytes) {
        Promise<List<EventId>> ids = Promise.promise();
        var added = new Waiting(publication, bytes, ids);
        waiting.add(added);
        if (isOneAttempt(publication)) {
            Key key = Key.of(publication);
            unanswered.put(key, added);
            ids.future().onComplete(done -> unanswered.remove(key));
        }
        waitingBytes += bytes;
        size.add(bytes);
        if (!storing) {
            storing = true;
            own.later(this::storeNext); // publications that arrive in the same turn become one batch
        }
        return ids.future();
    }

    /**
     * Gives the store a batch of whole publications. The batch is limited, so that nothing else waits long for the store or for
     * this thread.
     */
    private void storeNext() {
        storing = true;
        var batch = new ArrayList<Waiting>();
        var publications = new ArrayList<Publication>();
        int events = 0;
        while (!waiting.isEmpty() && events < MAX_BATCH_EVENTS && storingBytes < MAX_BATCH_BYTES) {
            Waiting next = waiting.poll();
            batch.add(next);
            publications.add(next.publication());
            storingBytes += next.bytes();
            events += next.publication().events().size();
        }
        waitingBytes -= storingBytes;
        long begin = clock.nanos();
        Future<List<Outcome>> appended =
                Future.succeededFuture().compose(start -> store.append(publications)); // an exception becomes a failure
        appended.onComplete((outcomes, failure) -> {
            storing = false;
            size.add(-storingBytes);
            storingBytes = 0;
            try {
                if (failure == null) {
                    stored(batch, outcomes, clock.nanos() - begin);
                } else {
                    metrics.appended(clock.nanos() - begin, false);
                    failed(batch, failure);
                }
            } finally {
                if (!waiting.isEmpty() && !storing) {
                    storeNext();
                }
            }
        });
    }

    private void stored(List<Waiting> batch, List<Outcome> outcomes, long nanos) {
        if (outcomes.stream().anyMatch(Outcome.Stored.class::isInstance)) { // otherwise the store has written nothing
            metrics.appended(nanos, true);
            health.appended();
        }
        settleCapacity();
        count(batch, outcomes);
        for (int i = 0; i < batch.size(); i++) {
            Promise<List<EventId>> ids = batch.get(i).ids();
            Outcome outcome = outcomes.get(i);
            if (outcome instanceof Outcome.Stored stored) {
                ids.complete(stored.ids());
            } else {
                answer(outcome).onComplete(ids);
            }
        }
    }

    private static Future<List<EventId>> answer(Outcome outcome) {
        if (outcome instanceof Outcome.Refused refused) {
            return Future.failedFuture(refused.reason());
        }
        return Future.succeededFuture(
                outcome instanceof Outcome.Stored stored ? stored.ids() : ((Outcome.Repeated) outcome).ids());
    }

    private void failed(List<Waiting> batch, Throwable failure) {
        if (health.isGood() || !(failure instanceof UnknownOutcomeException)) { // otherwise the cause has been logged
            health.failed(failure, true);
        }
        settleCapacity();
        PublishException refusal = failure instanceof UnknownOutcomeException
                ? new PublishException(PublishException.Reason.UNKNOWN, failure.getMessage())
                : EventLog.cannotStore();
        batch.forEach(publication -> publication.ids().fail(refusal));
    }

    /** Runs before publishers are answered, because one may publish again at once. */
    private void settleCapacity() {
        capacity.settle(waiting.stream().map(next -> next.publication().channel()));
    }

    /** Counts the stored events. Looks a channel up only when it changes, because a batch often has runs of one channel. */
    private void count(List<Waiting> batch, List<Outcome> outcomes) {
        ChannelName channel = null;
        ChannelMetrics counted = ChannelMetrics.NONE;
        for (int i = 0; i < batch.size(); i++) {
            Publication publication = batch.get(i).publication();
            if (!publication.channel().equals(channel)) {
                channel = publication.channel();
                counted = metrics.channel(channel.path());
            }
            if (counted != ChannelMetrics.NONE && outcomes.get(i) instanceof Outcome.Stored) {
                for (Event event : publication.events()) {
                    counted.published(ByteBufUtil.utf8Bytes(event.data()));
                }
            }
        }
    }
}
