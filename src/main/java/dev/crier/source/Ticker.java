package dev.crier.source;

import java.time.Instant;
import java.time.InstantSource;
import java.util.function.Consumer;

/**
 * Tells each boundary of the period once and in order: each full second, if the period is a second.
 *
 * <p>A periodic timer alone would not: it runs on another clock than the wall's, so the two drift
 * apart until a second is told twice or skipped, and it may be late by any time. So what is told
 * follows from the wall clock, never from the number of ticks, and the timer is set anew when it no
 * longer stands on the boundary.
 */
final class Ticker {

    /** Further behind than this, the machine slept or its clock was set: then only now counts. */
    private static final long MAX_MISSED = 60;

    /** Later than this after the boundary, the timer is set anew. */
    private static final long MAX_LATE_MILLIS = 50;

    /** The timer never waits longer, so that a clock set to another time is noticed even in a long period. */
    private static final long MAX_DELAY_MILLIS = 60_000;

    private final InstantSource clock;
    private final PeriodicTimer timer;
    private final long periodMillis;
    private final long toleranceMillis;
    private final Consumer<Instant> tell;
    private long timerId;
    private long last;

    Ticker(InstantSource clock, PeriodicTimer timer, long periodMillis, Consumer<Instant> tell) {
        this.clock = clock;
        this.timer = timer;
        this.periodMillis = periodMillis;
        this.toleranceMillis = Math.min(periodMillis / 20, MAX_LATE_MILLIS);
        this.tell = tell;
    }

    /** Tells the boundary that has just passed, and all that come. */
    void start() {
        long now = clock.millis();
        last = Math.floorDiv(now, periodMillis);
        tell(last);
        arm(now);
    }

    void stop() {
        timer.cancel(timerId);
    }

    private void arm(long now) {
        long delay = periodMillis - Math.floorMod(now, periodMillis);
        timerId = timer.set(Math.min(delay, MAX_DELAY_MILLIS), Math.min(periodMillis, MAX_DELAY_MILLIS), this::tick);
    }

    private void tick() {
        long now = clock.millis();
        long current = Math.floorDiv(now, periodMillis);
        boolean early = current == last || current == last - 1;
        if (!early) {
            boolean jumped = current < last || current - last > MAX_MISSED;
            for (long missed = jumped ? current : last + 1; missed <= current; missed++) {
                tell(missed);
            }
            last = current;
        }
        if (early || Math.floorMod(now, periodMillis) > toleranceMillis) {
            timer.cancel(timerId);
            arm(now);
        }
    }

    private void tell(long boundary) {
        tell.accept(Instant.ofEpochMilli(boundary * periodMillis));
    }
}
