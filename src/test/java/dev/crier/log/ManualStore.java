package dev.crier.log;

import dev.crier.event.ChannelName;
import dev.crier.event.Event;
import dev.crier.event.EventId;
import dev.crier.event.NewestEvent;
import dev.crier.event.Publication;
import dev.crier.log.store.AgeClock;
import dev.crier.log.store.ReadResult;
import dev.crier.log.store.Requester;
import dev.crier.log.store.Sequencer;
import dev.crier.log.store.Store;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A store whose test completes or fails each batch. */
public final class ManualStore implements Store {

    /** A batch at the store. */
    public final class Batch {

        private final List<Publication> publications;
        private final Promise<List<Outcome>> answer = Promise.promise();

        Batch(List<Publication> publications) {
            this.publications = publications;
        }

        public int events() {
            return publications.stream()
                    .mapToInt(publication -> publication.events().size())
                    .sum();
        }

        public void complete() {
            Sequencer.Batch batch = sequencer.sequence(publications, listener::newest);
            if (!batch.isEmpty()) {
                listener.show(batch.entries());
            }
            answer.complete(batch.outcomes());
        }

        public void fail(String message) {
            answer.fail(message);
        }
    }

    public final List<Batch> batches = new ArrayList<>();
    public boolean hasLostAll;
    boolean throwsAtAppend;
    int probes;
    int lookups;

    /** The answer to each request for an earlier outcome; null to answer it from the receipts at once. */
    Promise<Optional<Outcome>> lookup;

    private Sequencer sequencer;
    private Listener listener;

    @Override
    public long recentBytes() {
        return Long.MAX_VALUE;
    }

    @Override
    public Future<Opened> open(AgeClock clock, Listener listener) {
        sequencer = new Sequencer(clock, EventId.FIRST, List.of());
        this.listener = listener;
        return Future.succeededFuture(Opened.empty(EventId.FIRST));
    }

    /** Shows an event that another node has published. */
    public void show(ChannelName channel, Event event) {
        var publication = new Publication(channel, List.of(event), Publication.Attempt.ONCE);
        listener.show(sequencer.sequence(List.of(publication), listener::newest).entries());
    }

    /** Reports a failure that no append has caused. */
    void report(String message) {
        listener.failed(new IllegalStateException(message));
    }

    @Override
    public boolean hasLost(EventId id) {
        return hasLostAll;
    }

    @Override
    public Future<List<Outcome>> append(List<Publication> publications) {
        if (throwsAtAppend) {
            throw new IllegalStateException("no connection");
        }
        batches.add(new Batch(publications));
        return batches.get(batches.size() - 1).answer.future();
    }

    @Override
    public Future<Optional<Outcome>> earlier(Publication publication) {
        lookups++;
        return lookup == null ? Future.succeededFuture(sequencer.earlier(publication)) : lookup.future();
    }

    @Override
    public Future<EventId> newest() {
        return Future.succeededFuture(sequencer.newest());
    }

    @Override
    public long memoryBytes() {
        return sequencer.memoryBytes();
    }

    @Override
    public Future<Void> probe() {
        probes++;
        return Future.succeededFuture();
    }

    @Override
    public Future<ReadResult> read(
            ChannelName channel, EventId after, EventId through, long maxBytes, Requester requester) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Future<ReadResult.Gap> gap(ChannelName channel, EventId after, Requester requester) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Future<Optional<NewestEvent>> newest(ChannelName channel, Requester requester) {
        return Future.succeededFuture(Optional.empty());
    }

    @Override
    public Future<Backup> backup() {
        throw new UnsupportedOperationException();
    }

    @Override
    public Future<Boolean> trim(long nowMillis, long receiptsMillis, long wallAheadMillis, EventId settled) {
        return Future.succeededFuture(false);
    }

    @Override
    public long fileBytes() {
        return 0;
    }

    @Override
    public Future<Void> close() {
        return Future.succeededFuture();
    }
}
