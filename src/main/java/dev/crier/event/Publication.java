package dev.crier.event;

import java.util.List;

/**
 * Events for one channel, of which all are stored, in order, or none.
 *
 * @param events at least one
 * @param attempt identifies a retry, or is {@link Attempt#ONCE}
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
     * Makes a retry safe: publications with the same key on the same channel are stored once.
     *
     * @param key at most 255 characters; "" for none
     * @param digest identifies the content, so that another publication with the same key is detected
     */
    public record Attempt(String key, String digest) {

        public static final Attempt ONCE = new Attempt("", "");

        public boolean isRepeatable() {
            return !key.isEmpty();
        }
    }
}
