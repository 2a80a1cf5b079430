package dev.crier.transport;

/** For how long a client has taken nearly nothing of what waits for it. */
final class Progress {

    /** The fewest bytes that count as progress. */
    static final int MIN_BYTES = 1 << 10;

    private long mark = NettyConnection.NOTHING;
    private long since;

    /**
     * @param mark changes when the client takes something; {@link NettyConnection#NOTHING} while nothing waits
     * @param least the smallest change that counts
     * @return nanoseconds without progress; 0 if there was some since the last look, or nothing waits
     */
    long stalledNanos(long mark, long least, long now) {
        if (mark == NettyConnection.NOTHING
                || this.mark == NettyConnection.NOTHING
                || Math.abs(mark - this.mark) >= least) {
            this.mark = mark;
            since = now;
        }
        return now - since;
    }

    /** Forgets what it has seen. */
    void restart() {
        mark = NettyConnection.NOTHING;
    }
}
