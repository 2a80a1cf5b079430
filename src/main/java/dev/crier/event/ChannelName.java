package dev.crier.event;

import java.nio.charset.StandardCharsets;

/**
 * The name of a channel: a path, decoded, such as {@code /currentTime} or {@code /orders/42}.
 *
 * @param path begins with "/"; no segment is empty, "." or ".."; no control or format characters
 *     and no half of a surrogate pair, so that a name looks like what it is; at most 255 bytes of
 *     UTF-8
 */
public record ChannelName(String path) {

    private static final int MAX_BYTES = 255;

    /** What a name must be, for messages. */
    public static final String EXPECTED =
            "a path such as /news: at most 255 bytes, no empty, \".\" or \"..\" segment, no control or format character";

    public ChannelName {
        if (!isValid(path)) {
            throw new IllegalArgumentException("channel: " + path + " (expected: " + EXPECTED + ")");
        }
    }

    public static boolean isValid(String path) {
        return path.startsWith("/")
                && !hasHidden(path)
                && path.getBytes(StandardCharsets.UTF_8).length <= MAX_BYTES
                && !hasRelative(path);
    }

    private static boolean hasHidden(String path) {
        int codePoint;
        for (int i = 0; i < path.length(); i += Character.charCount(codePoint)) {
            codePoint = path.codePointAt(i);
            if (isHidden(codePoint)) {
                return true;
            }
        }
        return false;
    }

    private static boolean isHidden(int codePoint) {
        return switch (Character.getType(codePoint)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.UNASSIGNED,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR -> true;
            default -> false;
        };
    }

    private static boolean hasRelative(String path) {
        for (String segment : path.substring(1).split("/", -1)) {
            if (segment.isEmpty() || segment.equals(".") || segment.equals("..")) {
                return true;
            }
        }
        return false;
    }

    /** Written out, as {@link #hashCode} is: the first that Java makes for a record costs a fiftieth of the start. */
    @Override
    public boolean equals(Object other) {
        return other instanceof ChannelName that && path.equals(that.path);
    }

    @Override
    public int hashCode() {
        return path.hashCode();
    }

    @Override
    public String toString() {
        return path;
    }
}
