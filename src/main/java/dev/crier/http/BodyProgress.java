package dev.crier.http;

import java.time.Duration;

/** Measures whether a request body arrives fast enough: in each period, usually at least a kilobyte, or a line of a streamed body. */
final class BodyProgress {

    static final int MIN_BYTES = 1 << 10;

    private final long periodNanos;
    private final int minBytes;
    private long start = System.nanoTime();
    private long bytes;
    private long lines;

    /** @param minBytes bytes that must arrive in each period */
    BodyProgress(Duration period, int minBytes) {
        this.periodNanos = period.toNanos();
        this.minBytes = minBytes;
    }

    void arrived(int more) {
        bytes += more;
    }

    /** Records how many lines have ended. One is enough for the period, because a producer of short lines may be slow. */
    void linesEnded(long all) {
        bytes += all > lines ? MIN_BYTES : 0;
        lines = all;
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
        boolean tooSlow = bytes < minBytes;
        restart(nowNanos);
        return tooSlow;
    }
}
