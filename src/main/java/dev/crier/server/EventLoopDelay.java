package dev.crier.server;

import dev.crier.metrics.Metrics;
import io.vertx.core.Vertx;
import java.util.concurrent.TimeUnit;

/** Measures how late the event loop runs its timers. Whatever occupies it delays all of its subscribers. */
final class EventLoopDelay {

    private static final long PERIOD_MILLIS = 100;

    private final Vertx vertx;
    private final Metrics metrics;

    /** -1 for none, because 0 may be the id of another timer. */
    private long timer = -1;

    EventLoopDelay(Vertx vertx, Metrics metrics) {
        this.vertx = vertx;
        this.metrics = metrics;
    }

    /**
     * Begins to measure the calling event loop. Sets each timer after the last one has fired, so that a delay is not measured
     * twice.
     */
    void start() {
        long due = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(PERIOD_MILLIS);
        timer = vertx.setTimer(PERIOD_MILLIS, id -> {
            metrics.eventLoopDelayed(Math.max(0, System.nanoTime() - due));
            start();
        });
    }

    void stop() {
        vertx.cancelTimer(timer);
    }
}
