package dev.crier.source;

import java.time.Instant;
import java.time.InstantSource;
import java.util.function.Consumer;

/**
 * Reports each boundary of the period once and in order. With a period of one second, that is each full second.
 *
 * <p>A periodic timer alone is not enough. It runs on another clock than the wall clock, so the two drift apart until a second
 * is reported twice or skipped, and any tick may be late. So the reported boundaries follow from the wall clock, never from
 * the number of ticks, and the timer is set again when its ticks no longer fall on a boundary.
 */
final class Ticker {

    /** The periodic timer of {@code Vertx}, as far as the ticker needs it. Tests replace it. */
    interface PeriodicTimer {

        /**
         * Runs the tick after the delay, and then once in each period.
         *
         * @param delayMillis at least 1
         * @return the timer's id, for {@link #cancel}
         */
        long set(long delayMillis, long periodMillis, Runnable tick);

        void cancel(long id);
    }

    /**
     * The most boundaries that are reported late. If more were missed, the machine slept or its clock was set, and only the
     * current boundary is reported.
     */
    private static final long MAX_MISSED = 60;

    /** The longest delay of a tick after its boundary before the timer is set again. */
    private static final long MAX_LATE_MILLIS = 50;

    /** The longest wait of the timer, so that a change of the clock is noticed even within a long period. */
    private static final long MAX_DELAY_MILLIS = 60_000;

    private final InstantSource clock;
    private final PeriodicTimer timer;
    private final long periodMillis;
    private final long toleranceMillis;
    private final Consumer<Instant> onBoundary;
    private long timerId;

    /** The last reported boundary, in periods since 1970. */
    private long last;

    Ticker(InstantSource clock, PeriodicTimer timer, long periodMillis, Consumer<Instant> onBoundary) {
        this.clock = clock;
        this.timer = timer;
        this.periodMillis = periodMillis;
        this.toleranceMillis = Math.min(periodMillis / 20, MAX_LATE_MILLIS);
        this.onBoundary = onBoundary;
    }

    /** Reports the boundary that has just passed, and then each one as it passes. */
    void start() {
        long now = clock.millis();
        last = Math.floorDiv(now, periodMillis);
        report(last);
        setTimer(now);
    }

    void stop() {
        timer.cancel(timerId);
    }

    private void setTimer(long now) {
        long delay = periodMillis - Math.floorMod(now, periodMillis);
        timerId = timer.set(Math.min(delay, MAX_DELAY_MILLIS), Math.min(periodMillis, MAX_DELAY_MILLIS), this::tick);
    }

    private void tick() {
        long now = clock.millis();
        long current = Math.floorDiv(now, periodMillis);
        // the clock may be set back by less than a period, and the timer may fire early
        boolean early = current == last || current == last - 1;
        if (!early) {
            boolean jumped = current < last || current - last > MAX_MISSED;
            for (long next = jumped ? current : last + 1; next <= current; next++) {
                report(next);
            }
            last = current;
        }
        if (early || Math.floorMod(now, periodMillis) > toleranceMillis) {
            timer.cancel(timerId);
            setTimer(now);
        }
    }

    private void report(long boundary) {
        onBoundary.accept(Instant.ofEpochMilli(boundary * periodMillis));
    }
}
