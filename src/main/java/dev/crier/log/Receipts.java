package dev.crier.log;

import dev.crier.event.ChannelName;
import dev.crier.event.EventId;
import dev.crier.event.Publication;
import dev.crier.event.Refusal;
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
final class Receipts {

    static final int MOST = 100_000;

    /** How many ids they may have together. */
    static final int MOST_IDS = 1_000_000;

    private record Key(ChannelName channel, String key) {}

    private record Outcome(String digest, Future<List<EventId>> ids, int events, long atMillis) {}

    private final long windowMillis;
    private long events;
    private final Map<Key, Outcome> outcomes = new LinkedHashMap<>();

    Receipts(Duration window) {
        windowMillis = window.toMillis();
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
                        : Future.failedFuture(new Refusal(
                                Refusal.Reason.KEY_REUSED,
                                "Idempotency-Key: used for something else (expected: a key of its own for each)")));
    }

    /** Remembers an attempt from its beginning; but one that fails may be tried again. */
    void add(Publication publication, Future<List<EventId>> ids, long nowMillis) {
        if (publication.attempt().isRepeatable()) {
            Key key = key(publication);
            var outcome = new Outcome(
                    publication.attempt().digest(), ids, publication.events().size(), nowMillis);
            outcomes.put(key, outcome);
            events += outcome.events();
            ids.onFailure(failure -> remove(key, outcome));
            forget(nowMillis);
        }
    }

    void restore(Receipt receipt) {
        events += receipt.ids().size();
        outcomes.put(
                new Key(receipt.channel(), receipt.key()),
                new Outcome(
                        receipt.digest(),
                        Future.succeededFuture(receipt.ids()),
                        receipt.ids().size(),
                        receipt.atMillis()));
    }

    void forget(long nowMillis) {
        var oldest = outcomes.values().iterator();
        while (oldest.hasNext()) {
            Outcome outcome = oldest.next();
            boolean few = outcomes.size() <= MOST && events <= MOST_IDS;
            if (few && outcome.atMillis() > nowMillis - windowMillis) {
                return;
            }
            oldest.remove();
            events -= outcome.events();
        }
    }

    private void remove(Key key, Outcome outcome) {
        if (outcomes.remove(key, outcome)) {
            events -= outcome.events();
        }
    }

    private static Key key(Publication publication) {
        return new Key(publication.channel(), publication.attempt().key());
    }
}
