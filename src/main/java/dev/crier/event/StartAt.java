package dev.crier.event;

import java.time.Instant;

/** The position at which a subscriber asks its stream to start. */
public sealed interface StartAt {

    /** Starts with the next event that is published; on a channel that can be ended, with the oldest event that it keeps. */
    static StartAt now() {
        return new Now();
    }

    /** Starts with the oldest event that the channel keeps. */
    static StartAt earliest() {
        return new Earliest();
    }

    /** Starts after the event, whether or not the channel still keeps it. */
    static StartAt after(EventId id) {
        return new After(notNull(id, "id", "the id of an event"), id.toString());
    }

    /** Starts after the event with this id. A text that is no id of Crier's starts with a gap. */
    static StartAt after(String id) {
        return EventId.parse(notNull(id, "id", "the id of an event"))
                .<StartAt>map(position -> new After(position, id))
                .orElseGet(() -> new Unknown(id));
    }

    /** Starts with the first event at or after the instant, or with the next one published if no event is that new. */
    static StartAt from(Instant instant) {
        notNull(instant, "instant", "an instant");
        return new From(EventId.before(instant.toEpochMilli()), instant.toString());
    }

    private static <T> T notNull(T value, String name, String expected) {
        if (value == null) {
            throw new IllegalArgumentException(name + ": null (expected: " + expected + ")");
        }
        return value;
    }

    /** Only events that are published from now on; on a channel that can be ended, the oldest event that it keeps. */
    record Now() implements StartAt {}

    /** The oldest event that the channel keeps. */
    record Earliest() implements StartAt {}

    /**
     * The first event after a known position.
     *
     * @param requested the position as the subscriber wrote it
     */
    record After(EventId position, String requested) implements StartAt {}

    /**
     * The first event at or after a point in time. If no event is that new, the next one published, even before that time.
     *
     * @param position the position just before that time
     * @param requested the time as the subscriber wrote it
     */
    record From(EventId position, String requested) implements StartAt {}

    /**
     * A position that Crier cannot read, such as the id of another server.
     *
     * @param requested the position as the subscriber wrote it. A long one is cut, because the gaps of many channels repeat it
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
