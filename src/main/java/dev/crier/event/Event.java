package dev.crier.event;

import java.util.Objects;

/**
 * What is published.
 *
 * @param type the event type, or "" for none (a browser then fires {@code message}); it has no
 *     control character, so that it cannot end its line on the wire and begin another field
 * @param data any text, of any number of lines
 */
public record Event(String type, String data) {

    /** What a type must be, for messages. */
    public static final String EXPECTED_TYPE = "a text without control characters";

    public Event {
        Objects.requireNonNull(data, "data");
        if (!isType(type)) {
            throw new IllegalArgumentException("event: " + type + " (expected: " + EXPECTED_TYPE + ")");
        }
    }

    /** An event without a type. */
    public static Event of(String data) {
        return new Event("", data);
    }

    public static boolean isType(String text) {
        return text.chars().noneMatch(Character::isISOControl);
    }
}
