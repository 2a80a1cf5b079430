package dev.crier.fanout;

import java.time.Duration;

/**
 * The timeouts of every stream.
 *
 * @param heartbeat the longest time without a write
 * @param stall how long a connection may accept none of the bytes that wait for it
 * @param retry how long a client waits before it reconnects
 * @param lifetime the longest duration of a stream; zero for no limit
 */
public record StreamTimeouts(Duration heartbeat, Duration stall, Duration retry, Duration lifetime) {

    /** How often streams are checked within the shorter of heartbeat and stall timeout. */
    private static final int CHECKS = 4;

    long checkMillis() {
        return Math.max(1, Math.min(heartbeat.toMillis(), stall.toMillis()) / CHECKS);
    }
}
