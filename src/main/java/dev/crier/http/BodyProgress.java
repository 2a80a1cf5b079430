package dev.crier.http;

import java.time.Duration;

/** Measures whether a request body arrives fast enough: in each period, at least a kilobyte, or a line of a streamed body. */
final class BodyProgress {

    private static final int MIN_BYTES = 1 << 10;

    private final long periodNanos;
    private long start = System.nanoTime();
    private long bytes;

    BodyProgress(Duration period) {
        this.periodNanos = period.toNanos();
    }

    void arrived(int more) {
        bytes += more;
    }

    /** Records that a line has ended, which is enough for the period. A producer of short lines may be slow. */
    void lineEnded() {
        bytes += MIN_BYTES;
    }

    /** Begins a period. */
    void restart(long nowNanos) {
        start = nowNanos;
        bytes = 0;
    }

    /** Returns whether a period has ended in which too little arrived. If it has ended, begins the next one. */
    boolean isTooSlow(long nowNanos) {
        if (nowNanos - start < periodNanos) {
            return false;
        }
        boolean tooSlow = bytes < MIN_BYTES;
        restart(nowNanos);
        return tooSlow;
    }
}
