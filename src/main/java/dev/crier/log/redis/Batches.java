package dev.crier.log.redis;

import dev.crier.event.ChannelName;
import dev.crier.event.Event;
import dev.crier.event.EventId;
import dev.crier.event.Publication;
import dev.crier.event.Retention;
import dev.crier.log.store.Sequencer;
import dev.crier.log.store.Store.Outcome;
import dev.crier.log.store.UnknownOutcomeException;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Request;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.LongSupplier;

/**
 * Appends batches, one at a time. A batch whose answer is lost is sent again under its number after the next connection, and
 * Redis stores it once. The store's context alone uses this class.
 */
final class Batches {

    /** How long a batch may take. Then its publishers are answered, and the next batch makes its number useless. */
    private static final long TIMEOUT_MILLIS = 5_000;

    /** How many publications one call of {@link #restore} sends at a time. */
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

    /** The outcomes of a batch, and the newest id among them. */
    private record Answer(List<Outcome> outcomes, EventId newest) {}

    private final Vertx vertx;
    private final String node;
    private final Function<ChannelName, Optional<Retention>> retention;
    private final LongSupplier nowMillis;
    private Session session;
    private Batch current;
    private long lastNumber;
    private long lastRestored;
    private EventId shown = EventId.FIRST;

    /** @param nowMillis the log's own time */
    Batches(Vertx vertx, String node, Function<ChannelName, Optional<Retention>> retention, LongSupplier nowMillis) {
        this.vertx = vertx;
        this.node = node;
        this.retention = retention;
        this.nowMillis = nowMillis;
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
                .send(request(to, node, batch.number, batch.publications))
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

    private Request request(Session to, String sender, long number, List<Publication> publications) {
        Request request = Script.APPEND.call(to.keys(), sender, number, to.epoch(), to.run(), nowMillis.getAsLong());
        for (Publication publication : publications) {
            boolean latest = retention.apply(publication.channel()).orElse(null) instanceof Retention.Latest;
            request.arg(publication.channel().path())
                    .arg(latest ? "latest" : "events")
                    .arg(publication.attempt().key())
                    .arg(publication.attempt().digest())
                    .arg(publication.events().size());
            for (Event event : publication.events()) {
                request.arg(EntryCodec.encode(event));
            }
        }
        return request;
    }

    private void answered(Batch batch, String text) {
        Answer answer = parse(batch.publications, text);
        batch.outcomes = answer.outcomes();
        batch.newest = answer.newest();
        completeIfShown(batch);
    }

    /** Parses the answer of the script: the first id that it gave, and a word for each publication. */
    private static Answer parse(List<Publication> publications, String text) {
        String[] words = text.split(" ");
        EventId next = Break.id(words[0]);
        EventId newest = EventId.FIRST;
        var outcomes = new ArrayList<Outcome>(publications.size());
        for (int i = 0; i < publications.size(); i++) {
            int count = publications.get(i).events().size();
            String word = words[i + 1];
            if (word.equals("!")) {
                outcomes.add(new Outcome.Refused(Sequencer.keyReused()));
                continue;
            }
            boolean stored = word.equals("+");
            List<EventId> ids = ids(stored ? next : Break.id(word), count);
            outcomes.add(stored ? new Outcome.Stored(ids) : new Outcome.Repeated(ids));
            newest = EventId.later(newest, ids.get(count - 1));
            if (stored) {
                next = new EventId(next.millis(), next.sequence() + count);
            }
        }
        return new Answer(outcomes, newest);
    }

    /** Returns the outcome of an attempt from its receipt, {@code <digest> <millis> <first id>}. */
    static Outcome earlier(Publication publication, String receipt) {
        String[] words = receipt.split(" ");
        return words[0].equals(publication.attempt().digest())
                ? new Outcome.Repeated(
                        ids(Break.id(words[2]), publication.events().size()))
                : new Outcome.Refused(Sequencer.keyReused());
    }

    /** Returns the ids of one publication, which follow each other. */
    private static List<EventId> ids(EventId first, int count) {
        var ids = new EventId[count];
        for (int i = 0; i < count; i++) {
            ids[i] = new EventId(first.millis(), first.sequence() + i);
        }
        return List.of(ids);
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
                        .send(request(session, node, lastNumber, List.of()))
                        .mapEmpty();
    }

    /** Appends publications by the script in small batches, without waiting until they are shown. */
    Future<Void> restore(Session to, List<Publication> publications) {
        Future<Void> done = Future.succeededFuture();
        for (int from = 0; from < publications.size(); from += RESTORE_BATCH) {
            List<Publication> part = publications.subList(from, Math.min(from + RESTORE_BATCH, publications.size()));
            long number = ++lastRestored;
            done = done.compose(before -> to.link()
                    .commands()
                    .send(request(to, node + ":latest", number, part))
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
