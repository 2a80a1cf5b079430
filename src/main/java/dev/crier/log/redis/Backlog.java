package dev.crier.log.redis;

import dev.crier.event.EventId;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.function.Supplier;

/**
 * The entries that the log had when this node joined, and that this node has not shown yet. Until it has, the newest entry that
 * it has shown may be minutes old. A subscriber that began there would get old events as new ones, and a publisher would get no
 * answer in time. Only the store's context uses this class, except for {@link #hasEnded}.
 */
final class Backlog {

    /** The longest wait for the end. A start then goes on, and the log is not ready before the end. */
    private static final long MAX_WAIT_MILLIS = 5_000;

    private final Vertx vertx;
    private final EventId newest;
    private final Supplier<Future<EventId>> newestNow;
    private final Promise<Void> end = Promise.promise();
    private EventId through;
    private EventId shown = EventId.FIRST;
    private boolean asked;

    /**
     * @param newest the log's newest id when this node joined
     * @param newestNow asks Redis for the log's newest id
     */
    Backlog(Vertx vertx, EventId newest, Supplier<Future<EventId>> newestNow) {
        this.vertx = vertx;
        this.newest = newest;
        this.newestNow = newestNow;
        through = newest;
    }

    /**
     * Records the position up to which entries have been shown. The first time that all are shown, the backlog is extended by
     * those that were appended meanwhile. Once is enough: a node shows entries much faster than they are appended.
     */
    void shown(EventId id) {
        shown = id;
        if (shown.isBefore(through)) {
            return;
        }
        if (asked) {
            end.tryComplete();
            return;
        }
        asked = true;
        through = EventId.LAST; // until Redis answers
        newestNow.get().onSuccess(found -> {
            through = found;
            shown(shown);
        });
    }

    /** Fails all waits, unless the backlog has ended. */
    void fail(Throwable cause) {
        end.tryFail(cause);
    }

    /** Returns whether everything has been shown. Thread-safe. */
    boolean hasEnded() {
        return end.future().succeeded();
    }

    /** Waits until everything has been shown. Returns the log's newest id when this node joined. Fails after five seconds. */
    Future<EventId> ended() {
        Promise<EventId> promise = Promise.promise();
        long timer = vertx.setTimer(
                MAX_WAIT_MILLIS,
                id -> promise.tryFail(
                        new RedisUnavailableException("this node has not read all recent events from Redis yet")));
        end.future().map(newest).onComplete((found, failure) -> {
            vertx.cancelTimer(timer);
            if (failure == null) {
                promise.tryComplete(found);
            } else {
                promise.tryFail(failure);
            }
        });
        return promise.future();
    }
}
