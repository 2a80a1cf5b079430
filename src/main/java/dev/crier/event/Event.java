package dev.crier.event;

/**
 * An event, as it is published.
 *
 * @param type the event type, or "" for none; a browser then fires {@code message}. It has no control character, because a
 *     line feed would end its line on the wire and begin another field
 * @param data a text of any number of lines
 */
public record Event(String type, String data) {

    /** The prefix of the types that only Crier itself sends. */
    public static final String RESERVED = "crier.";

    /** The rule for a type, for error messages. */
    public static final String EXPECTED_TYPE =
            "a text of at most 255 characters, without control characters, not beginning with " + RESERVED;

    private static final String END = RESERVED + "end";

    private static final int MAX_TYPE = 255;

    public Event {
        if (type == null) {
            throw new IllegalArgumentException("event: null (expected: \"\" for no type)");
        }
        if (hasControl(type)) {
            throw new IllegalArgumentException("event: a control character (expected: none)");
        }
        if (data == null) {
            throw new IllegalArgumentException("data: null (expected: a text)");
        }
    }

    /** Creates an event without a type. */
    public static Event of(String data) {
        return new Event("", data);
    }

    /** Creates the last event of a channel. It may be published to a channel whose declaration has {@code "ends": true}. */
    public static Event end(EndReason reason) {
        return new Event(END, "{\"reason\":\"" + reason.text() + "\"}");
    }

    /** Returns whether this is the last event of a channel. */
    public boolean isEnd() {
        return isEnd(type);
    }

    /** Returns whether an event of the type is the last one of its channel. */
    public static boolean isEnd(String type) {
        return type.equals(END);
    }

    /** Returns whether events of the type may be published. */
    public static boolean isPublishable(String type) {
        return type.length() <= MAX_TYPE && !hasControl(type) && isText(type) && !type.startsWith(RESERVED);
    }

    /** Returns whether the string has no unpaired surrogate, which UTF-8 cannot encode. */
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
