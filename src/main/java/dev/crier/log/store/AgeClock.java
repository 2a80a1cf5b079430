package dev.crier.log.store;

import java.time.Instant;
import java.time.InstantSource;
import java.util.function.LongSupplier;

/**
 * The clock by which entries age. During a run it follows a clock that is never set, so an entry's age is the time that has
 * really passed since it was stored. It reads the wall clock only to learn how long Crier was stopped. Thread-safe.
 */
public final class AgeClock implements InstantSource {

    private static final long NANOS = 1_000_000;

    private final InstantSource wall;
    private final LongSupplier nanoTime;
    private volatile long zeroMillis;

    /**
     * @param wall the clock of the machine, which may be set at any time
     * @param nanoTime a clock that never goes back
     */
    public AgeClock(InstantSource wall, LongSupplier nanoTime) {
        this.wall = wall;
        this.nanoTime = nanoTime;
        startAt(wall.millis());
    }

    /**
     * Continues from the time of the previous run. If the wall clock has gone back since then, no time has passed: entries may
     * live longer than they should, but none is dropped early.
     *
     * @param lastMillis the last known time of that run
     * @param wallAheadMillis how far the wall clock was ahead of that time
     */
    public void resume(long lastMillis, long wallAheadMillis) {
        startAt(Math.max(lastMillis, wall.millis() - wallAheadMillis));
    }

    private void startAt(long millis) {
        zeroMillis = millis - nanos() / NANOS;
    }

    @Override
    public long millis() {
        return zeroMillis + nanos() / NANOS;
    }

    @Override
    public Instant instant() {
        return Instant.ofEpochMilli(millis());
    }

    /** Returns the time of the clock that never goes back, in nanoseconds from an arbitrary origin. */
    public long nanos() {
        return nanoTime.getAsLong();
    }

    /** Returns the time of the wall clock, which event ids follow. */
    public long wallMillis() {
        return wall.millis();
    }

    /** Returns how far the wall clock is ahead of this clock. */
    public long wallAheadMillis() {
        return wallMillis() - millis();
    }
}
