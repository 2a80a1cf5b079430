package dev.crier.log;

import java.time.Instant;
import java.time.InstantSource;
import java.util.function.LongSupplier;

/**
 * The time by which the log measures how old its entries are. Within one run it advances with a clock that never goes back
 * and is never set, so that an entry's age is the time that has really passed since it was stored. It looks at the wall
 * clock only to learn how long Crier was stopped. For any thread.
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
     * Goes on with the time of the run before. If the wall clock says that less than no time has passed since, then none has:
     * entries may live longer than they should, but nothing is dropped too early.
     *
     * @param lastMillis the latest time of that run that is known
     * @param wallAheadMillis how far the wall clock was ahead of that time
     */
    void resume(long lastMillis, long wallAheadMillis) {
        startAt(Math.max(lastMillis, wall.millis() - wallAheadMillis));
    }

    private void startAt(long millis) {
        zeroMillis = millis - nanoTime.getAsLong() / NANOS;
    }

    @Override
    public long millis() {
        return zeroMillis + nanoTime.getAsLong() / NANOS;
    }

    @Override
    public Instant instant() {
        return Instant.ofEpochMilli(millis());
    }

    /** What the wall clock says, which event ids follow. */
    long wallMillis() {
        return wall.millis();
    }

    /** Returns the time of a clock that never goes back, in nanoseconds from an arbitrary beginning. */
    long nanos() {
        return nanoTime.getAsLong();
    }

    /** How far the wall clock is ahead of this one. */
    long wallAheadMillis() {
        return wallMillis() - millis();
    }
}
