package dev.crier.log;

import dev.crier.event.EventId;
import dev.crier.log.store.AgeClock;
import dev.crier.log.store.Store;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Drops what retention does not keep, from memory and from the store, and watches the clock by which ids are given. Only the
 * log's context uses this class.
 */
final class Trimmer {

    /** By how much the newest id may be ahead of the clock before a warning is logged. */
    private static final long MAX_BEHIND_MILLIS = 10_000;

    private static final Logger LOG = LoggerFactory.getLogger(EventLog.class);

    private final RecentEntries recent;
    private final Store store;
    private final AgeClock clock;
    private final Duration retryWindow;
    private boolean trimming;
    private boolean failing;
    private boolean behind;
    private boolean closed;

    /** @param retryWindow how long idempotency keys are remembered */
    Trimmer(RecentEntries recent, Store store, AgeClock clock, Duration retryWindow) {
        this.recent = recent;
        this.store = store;
        this.clock = clock;
        this.retryWindow = retryWindow;
    }

    void trim() {
        long nowMillis = clock.millis();
        recent.expire(nowMillis);
        compareClock();
        if (!trimming) {
            trimming = true;
            trimStore(nowMillis);
        }
    }

    /** Ids never go back. If the clock does, they continue from the newest until the clock has caught up. */
    private void compareClock() {
        EventId newest = recent.settled();
        long millis = newest.millis() - clock.wallMillis();
        if (!behind && millis > MAX_BEHIND_MILLIS) {
            behind = true;
            LOG.warn(
                    "The clock is {} behind the newest event id, {}: ids stay in order, and events live as long as"
                            + " before (expected: a clock that is not set back)",
                    Duration.ofMillis(millis),
                    newest);
        } else if (behind && millis <= 0) {
            behind = false;
            LOG.info("The clock has caught up with the newest event id");
        }
    }

    /** Trims the store step by step until nothing is left to do. Batches are appended between the steps. */
    private void trimStore(long nowMillis) {
        store.trim(nowMillis, nowMillis - retryWindow.toMillis(), clock.wallAheadMillis(), recent.settled())
                .onComplete(step -> {
                    if (step.succeeded() && step.result() && !closed) {
                        trimStore(nowMillis);
                        return;
                    }
                    trimming = false;
                    if (step.failed() && !failing && !closed) {
                        LOG.warn(
                                "The log could not be trimmed: {}", step.cause().getMessage());
                    }
                    failing = step.failed();
                });
    }

    /** Stops after the current step. */
    void close() {
        closed = true;
    }
}
