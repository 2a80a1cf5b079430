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
    public static final String EXPECTED_TYPE =
            "a text of at most 255 characters, none of control, that does not begin with " + RESERVED;

    private static final int MAX_TYPE = 255;

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
        return type.length() <= MAX_TYPE && !hasControl(type) && isText(type) && !type.startsWith(RESERVED);
    }

    /** Whether it is text at all: half a surrogate pair is none, and has no bytes in UTF-8. */
    public static boolean isText(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (Character.isSurrogate(c)) {
                boolean pair = Character.isHighSurrogate(c)
                        && i + 1 < text.length()
                        && Character.isLowSurrogate(text.charAt(i + 1));
                if (!pair) {
                    return false;
                }
                i++;
            }
        }
        return true;
    }

    private static boolean hasControl(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (Character.isISOControl(text.charAt(i))) {
                return true;
            }
        }
        return false;
    }
}
