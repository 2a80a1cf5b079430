package dev.crier.transport;

/** Measures for how long a client has taken nearly nothing of the bytes that wait for it. */
final class Progress {

    /** The mark while nothing waits for the client. */
    static final long NOTHING_WAITS = -1;

    /** The fewest bytes that count as progress. */
    static final int MIN_BYTES = 1 << 10;

    private long mark = NOTHING_WAITS;
    private long since;

    /**
     * Records a new mark.
     *
     * @param mark changes when the client takes bytes; {@link #NOTHING_WAITS} while none wait
     * @param minChange the smallest change that counts as progress
     * @return nanoseconds without progress; 0 if there was progress since the last call, or nothing waits
     */
    long stalledNanos(long mark, long minChange, long now) {
        if (mark == NOTHING_WAITS || this.mark == NOTHING_WAITS || Math.abs(mark - this.mark) >= minChange) {
            this.mark = mark;
            since = now;
        }
        return now - since;
    }

    /** Forgets the last mark, so the time before the next one does not count. */
    void reset() {
        mark = NOTHING_WAITS;
    }
}
