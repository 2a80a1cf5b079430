package dev.crier.log;

import dev.crier.event.ChannelName;
import dev.crier.event.EventId;
import dev.crier.event.Publication;
import dev.crier.event.PublishException;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What was published with a key lately, so that a retry is answered as the first attempt was. The log's writer alone
 * calls it. Of more than {@link #MOST}, the oldest is forgotten before its time.
 */
public final class Receipts {

    public static final int MOST = 100_000;

    /** How many ids they may have together. */
    public static final int MOST_IDS = 1_000_000;

    private record Key(ChannelName channel, String key) {}

    private record Outcome(String digest, Future<List<EventId>> ids, int events, long atMillis) {

        long bytes(Key key) {
            return HeapSize.ofReceipt(key.key(), digest, events);
        }
    }

    private final long windowMillis;
    private final LogSize size;
    private long events;
    private final Map<Key, Outcome> outcomes = new LinkedHashMap<>();

    /** @param size counts how much memory they take */
    Receipts(Duration window, LogSize size) {
        windowMillis = window.toMillis();
        this.size = size;
    }

    /** The outcome of an earlier attempt; a failure if that was one to publish something else. */
    Optional<Future<List<EventId>>> find(Publication publication) {
        if (!publication.attempt().isRepeatable()) {
            return Optional.empty();
        }
        Outcome outcome = outcomes.get(key(publication));
        if (outcome == null) {
            return Optional.empty();
        }
        return Optional.of(
                outcome.digest().equals(publication.attempt().digest())
                        ? outcome.ids()
                        : Future.failedFuture(new PublishException(
                                PublishException.Reason.KEY_REUSED,
                                "Idempotency-Key: used for something else (expected: a key of its own for each)")));
    }

    /** How much memory it takes to remember the publication. */
    static long bytes(Publication publication) {
        return publication.attempt().isRepeatable()
                ? HeapSize.ofReceipt(
                        publication.attempt().key(),
                        publication.attempt().digest(),
                        publication.events().size())
                : 0;
    }

    /**
     * Remembers an attempt from its beginning; but one that fails may be tried again.
     *
     * @param channel the instance of its name that entries share
     */
    void add(Publication publication, ChannelName channel, Future<List<EventId>> ids, long nowMillis) {
        if (publication.attempt().isRepeatable()) {
            var key = new Key(channel, publication.attempt().key());
            var outcome = new Outcome(
                    publication.attempt().digest(), ids, publication.events().size(), nowMillis);
            put(key, outcome);
            ids.onFailure(failure -> remove(key, outcome));
            forget(nowMillis);
        }
    }

    void restore(Receipt receipt) {
        put(
                new Key(receipt.channel(), receipt.key()),
                new Outcome(
                        receipt.digest(),
                        Future.succeededFuture(receipt.ids()),
                        receipt.ids().size(),
                        receipt.atMillis()));
    }

    private void put(Key key, Outcome outcome) {
        outcomes.put(key, outcome);
        events += outcome.events();
        size.add(outcome.bytes(key));
    }

    void forget(long nowMillis) {
        var oldest = outcomes.entrySet().iterator();
        while (oldest.hasNext()) {
            var next = oldest.next();
            Outcome outcome = next.getValue();
            boolean few = outcomes.size() <= MOST && events <= MOST_IDS;
            if (few && outcome.atMillis() > nowMillis - windowMillis) {
                return;
            }
            Key key = next.getKey();
            oldest.remove();
            removed(key, outcome);
        }
    }

    private void remove(Key key, Outcome outcome) {
        if (outcomes.remove(key, outcome)) {
            removed(key, outcome);
        }
    }

    private void removed(Key key, Outcome outcome) {
        events -= outcome.events();
        size.add(-outcome.bytes(key));
    }

    private static Key key(Publication publication) {
        return new Key(publication.channel(), publication.attempt().key());
    }
}
