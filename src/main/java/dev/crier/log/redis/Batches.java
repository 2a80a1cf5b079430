package dev.crier.log.redis;

import dev.crier.event.Entry;
import dev.crier.event.EventId;
import dev.crier.event.Publication;
import dev.crier.log.store.Store.Outcome;
import dev.crier.log.store.UnknownOutcomeException;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.List;

/**
 * Appends batches, one at a time. A batch whose answer is lost is sent again under its number after the next connection, and
 * Redis stores it once. The store's context alone uses this class.
 */
final class Batches {

    /** How long a batch may take. Then its publishers are answered. Redis refuses its number once it has seen the next batch. */
    private static final long TIMEOUT_MILLIS = 5_000;

    /** How many entries {@link #restore} sends at a time. */
    private static final int RESTORE_BATCH = 500;

    private final class Batch {
        final long number = ++lastNumber;
        final List<Publication> publications;
        final Promise<List<Outcome>> promise = Promise.promise();
        final long timer = vertx.setTimer(TIMEOUT_MILLIS, id -> expire(this));

        /** Whether an answer is expected on the current connection. */
        boolean awaited;

        /** Whether a connection ended before its answer came. */
        boolean uncertain;

        /** Null until Redis has answered. */
        List<Outcome> outcomes;

        /** The newest id of the answer. It must have been shown here before the publishers are answered. */
        EventId newest = EventId.FIRST;

        Batch(List<Publication> publications) {
            this.publications = publications;
        }
    }

    private final Vertx vertx;
    private final String node;
    private final AppendCall call;
    private Session session;
    private Batch current;
    private long lastNumber;
    private long lastRestored;
    private EventId shown = EventId.FIRST;

    Batches(Vertx vertx, String node, AppendCall call) {
        this.vertx = vertx;
        this.node = node;
        this.call = call;
    }

    /** Appends a batch. It is sent only if there is a connection, and again after that connection is lost. */
    Future<List<Outcome>> append(List<Publication> publications) {
        if (publications.isEmpty()) {
            return Future.succeededFuture(List.of());
        }
        if (session == null) {
            return Future.failedFuture(new RedisUnavailableException("Redis: no connection"));
        }
        current = new Batch(publications);
        send(current);
        return current.promise.future();
    }

    private void send(Batch batch) {
        Session to = session;
        batch.awaited = true;
        to.link()
                .commands()
                .send(call.request(to, node, batch.number, batch.publications))
                .onComplete((answer, failure) -> {
                    if (batch != current || to != session) {
                        return; // too late, or sent again
                    }
                    if (failure == null) {
                        batch.awaited = false;
                        answered(batch, answer.toString());
                    } else if (RedisError.needsReconnect(failure)) {
                        batch.awaited = false;
                        to.link().lose(failure);
                    } else if (RedisError.isAnswer(failure)) {
                        finish(batch).fail(failure);
                    }
                });
    }

    private void answered(Batch batch, String text) {
        AppendCall.Answer answer = AppendCall.parse(batch.publications, text);
        batch.outcomes = answer.outcomes();
        batch.newest = answer.newest();
        completeIfShown(batch);
    }

    private void completeIfShown(Batch batch) {
        if (batch.outcomes != null && !shown.isBefore(batch.newest)) {
            finish(batch).complete(batch.outcomes);
        }
    }

    private Promise<List<Outcome>> finish(Batch batch) {
        vertx.cancelTimer(batch.timer);
        current = null;
        return batch.promise;
    }

    private void expire(Batch batch) {
        if (batch == current) {
            boolean mayBeStored = batch.outcomes != null || batch.awaited || batch.uncertain;
            finish(batch)
                    .fail(
                            mayBeStored
                                    ? new UnknownOutcomeException()
                                    : new RedisUnavailableException("Redis: no connection"));
        }
    }

    /** Notes that entries up to the id have been shown. */
    void shown(EventId id) {
        shown = id;
        if (current != null) {
            completeIfShown(current);
        }
    }

    /**
     * Sends a batch that has no answer yet.
     *
     * @param broken whether entries may be missing, perhaps those of a batch that was answered but not shown
     */
    void connected(Session session, boolean broken) {
        this.session = session;
        if (current != null && (current.outcomes == null || broken)) {
            current.outcomes = null;
            send(current);
        }
    }

    void disconnected() {
        session = null;
        if (current != null && current.awaited) {
            current.awaited = false;
            current.uncertain = true;
        }
    }

    /** Checks whether Redis would append, with a batch of nothing. */
    Future<Void> probe() {
        return session == null
                ? Future.failedFuture(new RedisUnavailableException("Redis: no connection"))
                : session.link()
                        .commands()
                        .send(call.request(session, node, lastNumber, List.of()))
                        .mapEmpty();
    }

    /** Appends entries of latest channels again, in small batches, without waiting until they are shown. */
    Future<Void> restore(Session to, List<Entry> entries) {
        Future<Void> done = Future.succeededFuture();
        for (int from = 0; from < entries.size(); from += RESTORE_BATCH) {
            List<Entry> part = entries.subList(from, Math.min(from + RESTORE_BATCH, entries.size()));
            long number = ++lastRestored;
            done = done.compose(before -> to.link()
                    .commands()
                    .send(call.restoring(to, node + ":latest", number, part))
                    .mapEmpty());
        }
        return done;
    }

    /** Fails the batch that waits, because the store is closed. */
    void close() {
        disconnected();
        if (current != null) {
            expire(current);
        }
    }
}
