package dev.crier.http;

import dev.crier.limit.ByteLimit;
import dev.crier.sse.EventParser;

/**
 * The part of a {@link StreamedPublication}'s body that has arrived and waits for the log. Its bytes count towards the limit of
 * all bodies.
 */
final class ReadAhead {

    /** How many events may wait for the log before no more are read. */
    private static final int MAX_EVENTS = 1_000;

    /** How many bytes of the body may wait for the log before no more are read. */
    private static final int MAX_BYTES = 1 << 20;

    private final EventParser parser;
    private final StreamedAppends appends;
    private final ByteLimit bodies;

    /** The bytes that have arrived. */
    private long arrived;

    /** The bytes that count towards the limit of all bodies. */
    private long reserved;

    ReadAhead(EventParser parser, StreamedAppends appends, ByteLimit bodies) {
        this.parser = parser;
        this.appends = appends;
        this.bodies = bodies;
    }

    void arrived(int bytes) {
        arrived += bytes;
    }

    /** Returns the position in the body after the event that was parsed last. */
    long parsed() {
        return arrived - parser.heldBytes();
    }

    /** Returns whether few events wait for the log. If all bodies take too much memory, one event is enough. */
    boolean hasRoom() {
        int events = appends.waiting();
        return events == 0 || events < MAX_EVENTS && parsed() - appends.settled() < MAX_BYTES && !bodies.isExceeded();
    }

    /**
     * Counts what has arrived since the last call, less what no longer waits.
     *
     * @return false if all bodies take too much memory, and no memory of this one becomes free without a further part
     */
    boolean reserve() {
        long more = arrived - appends.settled() - reserved;
        reserved += more;
        bodies.add(more);
        return more <= 0 || appends.waiting() > 0 || !bodies.isExceeded();
    }

    void release() {
        bodies.add(-reserved);
    }
}
