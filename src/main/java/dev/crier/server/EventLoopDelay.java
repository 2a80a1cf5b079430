package dev.crier.server;

import dev.crier.metrics.Metrics;
import io.vertx.core.Vertx;

/** Sees how late the event loop comes to what it is to do: whatever holds it up, holds up all of its readers. */
final class EventLoopDelay {

    private static final long PERIOD_MILLIS = 100;

    private final Vertx vertx;
    private final Metrics metrics;
    private long timer;

    EventLoopDelay(Vertx vertx, Metrics metrics) {
        this.vertx = vertx;
        this.metrics = metrics;
    }

    /** On the event loop that calls, until {@link #stop}. Each time anew, so that what was late once does not count twice. */
    void start() {
        long due = System.nanoTime() + PERIOD_MILLIS * 1_000_000;
        timer = vertx.setTimer(PERIOD_MILLIS, id -> {
            metrics.eventLoopDelayed(Math.max(0, System.nanoTime() - due));
            start();
        });
    }

    void stop() {
        vertx.cancelTimer(timer);
    }
}
