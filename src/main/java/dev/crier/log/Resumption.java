package dev.crier.log;

import dev.crier.event.ChannelName;
import dev.crier.event.EventId;
import dev.crier.log.store.ReadResult;
import dev.crier.log.store.Requester;
import dev.crier.log.store.Store;
import io.vertx.core.Future;
import java.util.Optional;

/** Finds where a subscriber goes on after a position, and what it has missed there. Thread-safe. */
final class Resumption {

    private final RecentEntries recent;
    private final Store store;
    private final EventId begin;

    /** @param begin the position at and before which the store has no entries */
    Resumption(RecentEntries recent, Store store, EventId begin) {
        this.recent = recent;
        this.store = store;
        this.begin = begin;
    }

    /** See {@link EventLog#resumption}. */
    Future<EventId> resumption(EventId after) {
        if (!recent.settled().isBefore(after)) {
            return Future.succeededFuture(store.resumption(after));
        }
        return store.newest().map(given -> {
            EventId from = store.resumption(after);
            return from.equals(after) && given.isBefore(after) ? begin : from;
        });
    }

    /** See {@link EventLog#gap}. */
    Future<ReadResult.Gap> gap(ChannelName channel, EventId after, Requester requester) {
        return resumption(after)
                .compose(from -> recent.settled().isBefore(from)
                        ? Future.succeededFuture(new ReadResult.Gap(from, Optional.empty()))
                        : lost(channel, from, requester));
    }

    private Future<ReadResult.Gap> lost(ChannelName channel, EventId after, Requester requester) {
        return recent.gap(channel, after)
                .map(Future::succeededFuture)
                .orElseGet(() -> store.gap(channel, after, requester));
    }
}
