package dev.crier.fanout;

import java.time.Duration;

/**
 * How long things may take.
 *
 * @param heartbeat how long a stream may be idle
 * @param stall how long a reader may take nothing of what was written to it
 * @param retry how long a reader is to wait before it comes back
 * @param lifetime how long a stream may last; zero for as long as the reader likes
 */
public record StreamTimeouts(Duration heartbeat, Duration stall, Duration retry, Duration lifetime) {

    /** In a heartbeat, or in the time after which a reader is given up, the walk comes by so often. */
    private static final int WALKS = 4;

    long walkMillis() {
        return Math.max(1, Math.min(heartbeat.toMillis(), stall.toMillis()) / WALKS);
    }
}
