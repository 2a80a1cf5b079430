package dev.crier.http;

/** Measures how long a client has taken nothing of what waits for it. */
final class Progress {

    private long mark = Wire.NOTHING;
    private long since;

    /**
     * @param mark stays the same only while nothing is taken; {@link Wire#NOTHING} while nothing waits
     * @return nanoseconds without progress; 0 if there was some since the last check, or nothing waits
     */
    long stalledNanos(long mark, long now) {
        if (mark == Wire.NOTHING || mark != this.mark) {
            this.mark = mark;
            since = now;
        }
        return now - since;
    }
}
