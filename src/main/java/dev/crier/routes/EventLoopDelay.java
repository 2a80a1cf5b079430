package dev.crier.routes;

import dev.crier.metrics.Metrics;
import io.vertx.core.Context;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs some work ten times a second, and measures how late the event loop does so. Whatever occupies the event loop delays all
 * of its subscribers, so the log names one that is blocked.
 */
final class EventLoopDelay {

    private static final long PERIOD_MILLIS = 100;

    /** The delay from which on there is a warning. Vert.x itself warns after the same time by default, which a host may change. */
    private static final long BLOCKED_NANOS = TimeUnit.SECONDS.toNanos(2);

    /** The shortest time between two warnings. */
    private static final long WARNING_NANOS = TimeUnit.MINUTES.toNanos(1);

    private static final Logger LOG = LoggerFactory.getLogger(EventLoopDelay.class);

    private final Context context;
    private final Metrics metrics;
    private final Runnable work;
    private long warnedAt = System.nanoTime() - WARNING_NANOS;

    /** When the timer is due. */
    private volatile long due = Long.MAX_VALUE;

    /** -1 for none, because 0 may be the id of another timer. */
    private long timer = -1;

    EventLoopDelay(Context context, Metrics metrics, Runnable work) {
        this.context = context;
        this.metrics = metrics;
        this.work = work;
    }

    /** Begins. Sets each timer after the last one has fired, so that a delay is not measured twice. */
    void start() {
        due = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(PERIOD_MILLIS);
        timer = context.owner().setTimer(PERIOD_MILLIS, id -> {
            long now = System.nanoTime();
            long late = now - due;
            metrics.eventLoopDelayed(Math.max(0, late));
            if (late >= BLOCKED_NANOS && now - warnedAt >= WARNING_NANOS) {
                warnedAt = now;
                warn(late);
            }
            start();
            work.run();
        });
    }

    private static void warn(long nanos) {
        LOG.warn(
                "{} was blocked for {} ms, so its subscribers got their events late (expected: handlers that return at"
                        + " once; slow work belongs on a worker)",
                Thread.currentThread().getName(),
                TimeUnit.NANOSECONDS.toMillis(nanos));
    }

    /** Returns whether the event loop has been blocked for two seconds or longer, and still is. Thread-safe. */
    boolean isBlocked() {
        long since = due;
        return since != Long.MAX_VALUE && System.nanoTime() - since >= BLOCKED_NANOS;
    }

    void stop() {
        due = Long.MAX_VALUE;
        context.owner().cancelTimer(timer);
    }
}
