package dev.crier.event;

import java.util.Objects;

/**
 * What is published.
 *
 * @param type the event type, or "" for none (a browser then fires {@code message}); it has no control character, so
 *     that it cannot end its line on the wire and begin another field
 * @param data any text, of any number of lines
 */
public record Event(String type, String data) {

    /** Types that begin so are Crier's own: nobody publishes one. */
    public static final String RESERVED = "crier.";

    /** What a type must be to be published, for messages. */
    public static final String EXPECTED_TYPE = "a text without control characters that does not begin with " + RESERVED;

    public Event {
        Objects.requireNonNull(data, "data");
        if (hasControl(type)) {
            throw new IllegalArgumentException("event: a control character (expected: none)");
        }
    }

    /** An event without a type. */
    public static Event of(String data) {
        return new Event("", data);
    }

    /** Whether events of such a type may be published. */
    public static boolean isPublishable(String type) {
        return !hasControl(type) && !type.startsWith(RESERVED);
    }

    private static boolean hasControl(String text) {
        return text.chars().anyMatch(Character::isISOControl);
    }
}
