package dev.crier.event;

import java.util.List;

/**
 * Events for one channel: all are stored, one after the other, or none.
 *
 * @param events at least one
 * @param attempt how a retry is known, or {@link Attempt#ONCE}
 */
public record Publication(ChannelName channel, List<Event> events, Attempt attempt) {

    public Publication {
        events = List.copyOf(events);
        if (events.isEmpty()) {
            throw new IllegalArgumentException("a publication without an event");
        }
        for (Event event : events) {
            if (!Event.isPublishable(event.type())) {
                throw new IllegalArgumentException(
                        "event: " + event.type() + " (expected: " + Event.EXPECTED_TYPE + ")");
            }
        }
    }

    /**
     * What makes a retry safe: the same key on the same channel publishes once.
     *
     * @param key at most 255 characters; "" for none
     * @param digest of what is published, so that the same key for something else is found out
     */
    public record Attempt(String key, String digest) {

        public static final Attempt ONCE = new Attempt("", "");

        public boolean isRepeatable() {
            return !key.isEmpty();
        }
    }
}
