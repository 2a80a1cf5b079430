package dev.crier.fanout;

import dev.crier.event.EventId;

/** The position at which a client asks its stream to start. */
public sealed interface StartAt {

    /** Only events that are published from now on; on a channel that can be ended, the oldest event that it keeps. */
    record Now() implements StartAt {}

    /** The oldest event that the channel keeps. */
    record Earliest() implements StartAt {}

    /**
     * The first event after a known position.
     *
     * @param requested the position as the client wrote it
     */
    record After(EventId position, String requested) implements StartAt {}

    /**
     * The first event at or after a point in time. If no event is that new, the next one published, even before that time.
     *
     * @param position the position just before that time
     * @param requested the time as the client wrote it
     */
    record From(EventId position, String requested) implements StartAt {}

    /**
     * A position that Crier cannot read, such as the id of another server.
     *
     * @param requested the position as the client wrote it. A long one is cut, because the gaps of many channels repeat it
     */
    record Unknown(String requested) implements StartAt {

        private static final int MAX_LENGTH = 64;

        public Unknown {
            if (requested.length() > MAX_LENGTH) {
                requested = requested.substring(0, MAX_LENGTH) + "…";
            }
        }
    }
}
