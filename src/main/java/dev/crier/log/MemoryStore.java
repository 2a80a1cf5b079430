package dev.crier.log;

import dev.crier.event.ChannelName;
import dev.crier.event.Entry;
import dev.crier.event.EventId;
import dev.crier.event.PublishException;
import io.vertx.core.Future;
import java.util.List;

/** Nothing outlives the process: all that is kept is what the log has in memory. */
public final class MemoryStore implements Store {

    @Override
    public long recentBytes() {
        return Long.MAX_VALUE;
    }

    @Override
    public Future<Opened> open(long nowMillis) {
        // whoever was here before may have missed anything up to now
        return Future.succeededFuture(Opened.empty(new EventId(nowMillis, 0)));
    }

    @Override
    public Future<Void> append(List<Entry> entries, List<Receipt> receipts) {
        return Future.succeededFuture();
    }

    @Override
    public Future<Void> probe() {
        return Future.succeededFuture();
    }

    @Override
    public Future<ReadResult> read(ChannelName channel, EventId after, EventId through, Requester requester) {
        throw new IllegalStateException("there is nothing but what is recent");
    }

    @Override
    public Future<ReadResult.Gap> gap(ChannelName channel, EventId after, Requester requester) {
        throw new IllegalStateException("there is nothing but what is recent");
    }

    @Override
    public Future<Backup> backup() {
        return Future.failedFuture(
                new PublishException(PublishException.Reason.UNAVAILABLE, "the log is in memory only (log.store)"));
    }

    @Override
    public Future<Trimmed> trim(long nowMillis, long receiptsMillis, long wallAheadMillis, EventId settled) {
        return Future.succeededFuture(new Trimmed(false, List.of()));
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
