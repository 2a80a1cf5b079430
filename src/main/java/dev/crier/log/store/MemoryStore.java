package dev.crier.log.store;

import dev.crier.event.ChannelName;
import dev.crier.event.EventId;
import dev.crier.event.NewestEvent;
import dev.crier.event.Publication;
import dev.crier.event.PublishException;
import io.vertx.core.Future;
import java.util.List;
import java.util.Optional;

/** A store without a copy of its own: entries live only in the event log's memory, and end with the process. */
public final class MemoryStore implements Store {

    private Sequencer sequencer;
    private Listener listener;
    private volatile EventId newest;

    @Override
    public long recentBytes() {
        return Long.MAX_VALUE;
    }

    @Override
    public Future<Opened> open(AgeClock clock, Listener listener) {
        // a subscriber of an earlier process may have missed anything up to now
        newest = new EventId(clock.wallMillis(), 0);
        sequencer = new Sequencer(clock, newest, List.of());
        this.listener = listener;
        return Future.succeededFuture(Opened.empty(newest));
    }

    @Override
    public Future<Void> probe() {
        return Future.succeededFuture();
    }

    @Override
    public Future<List<Outcome>> append(List<Publication> publications) {
        Sequencer.Batch batch = sequencer.sequence(publications, listener::newest);
        newest = batch.newest();
        if (!batch.isEmpty()) {
            listener.show(batch.entries());
        }
        return Future.succeededFuture(batch.outcomes());
    }

    @Override
    public Future<Optional<Outcome>> earlier(Publication publication) {
        return Future.succeededFuture(sequencer.earlier(publication));
    }

    @Override
    public Future<EventId> newest() {
        return Future.succeededFuture(newest);
    }

    @Override
    public Future<ReadResult> read(
            ChannelName channel, EventId after, EventId through, long maxBytes, Requester requester) {
        throw new IllegalStateException("all entries are in the event log's memory");
    }

    @Override
    public Future<ReadResult.Gap> gap(ChannelName channel, EventId after, Requester requester) {
        throw new IllegalStateException("all entries are in the event log's memory");
    }

    @Override
    public Future<Optional<NewestEvent>> newest(ChannelName channel, Requester requester) {
        return Future.succeededFuture(Optional.empty());
    }

    @Override
    public Future<Backup> backup() {
        return Future.failedFuture(
                new PublishException(PublishException.Reason.UNAVAILABLE, "the log is in memory only (log.store)"));
    }

    @Override
    public Future<Boolean> trim(long nowMillis, long receiptsMillis, long wallAheadMillis, EventId settled) {
        sequencer.dropReceiptsBefore(receiptsMillis);
        return Future.succeededFuture(false);
    }

    @Override
    public long memoryBytes() {
        return sequencer.memoryBytes();
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
