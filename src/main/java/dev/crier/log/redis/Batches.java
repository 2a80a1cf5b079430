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
 * Appends batches, one at a time. A batch whose answer is lost is sent again after a reconnection. It keeps its number, by
 * which Redis recognizes it and stores it once. Only the store's context uses this class.
 */
final class Batches {

    /**
     * The longest time that a batch may take before its publishers get an error. If Redis receives it later, Redis may still
     * store it, but not after the next batch.
     */
    private static final long TIMEOUT_MILLIS = 5_000;

    /** The maximum number of entries in one request of {@link #restore}. */
    private static final int RESTORE_BATCH = 500;

    private final class Batch {
        final long number = ++lastNumber;
        final List<Publication> publications;
        final Promise<List<Outcome>> promise = Promise.promise();
        final long timer = vertx.setTimer(TIMEOUT_MILLIS, id -> expire(this));

        /** Whether the batch was sent over the current connection and its answer has not arrived. */
        boolean awaited;

        /** Whether a connection ended after the batch was sent and before its answer arrived. */
        boolean uncertain;

        /** Null until Redis has answered. */
        List<Outcome> outcomes;

        /** The newest id of the answer. This node shows it before the publishers get their answer. */
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

    /** Appends a batch. Fails at once if there is no connection. */
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
                        return; // the batch has expired or was sent again
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

    /** Records that this node has shown all entries up to the id. */
    void shown(EventId id) {
        shown = id;
        if (current != null) {
            completeIfShown(current);
        }
    }

    /** Sends the current batch again. If it was answered but not shown, another run of Redis may not have it. */
    void connected(Session session) {
        this.session = session;
        if (current != null) {
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

    /** Sends an empty batch, to check whether Redis would append. */
    Future<Void> probe() {
        return session == null
                ? Future.failedFuture(new RedisUnavailableException("Redis: no connection"))
                : session.link()
                        .commands()
                        .send(call.request(session, node, lastNumber, List.of()))
                        .mapEmpty();
    }

    /** Appends latest events again, in small batches, without waiting until they are shown. */
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

    /** Fails the current batch, because the store is being closed. */
    void close() {
        disconnected();
        if (current != null) {
            expire(current);
        }
    }
}
