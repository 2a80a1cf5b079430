package dev.crier.event;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/**
 * The name of a channel: a decoded path such as {@code /currentTime} or {@code /orders/42}.
 *
 * @param path begins with "/" and has at most 255 bytes of UTF-8. No segment is empty, "." or "..", so that a proxy does not
 *     change it. It has no control or format character and no unpaired surrogate, so that no two names look the same
 */
public record ChannelName(String path) {

    /** The maximum length of a name, in UTF-8. */
    public static final int MAX_BYTES = 255;

    /** The rule for a name, for error messages. */
    public static final String EXPECTED =
            "a path such as /news: at most 255 bytes, no empty, \".\" or \"..\" segment, no control or format character";

    private static final HexFormat HEX = HexFormat.of().withUpperCase();

    public ChannelName {
        if (!isValid(path)) {
            throw new IllegalArgumentException("channel: " + path + " (expected: " + EXPECTED + ")");
        }
    }

    public static boolean isValid(String path) {
        return path.startsWith("/")
                && !hasInvisible(path)
                && path.getBytes(StandardCharsets.UTF_8).length <= MAX_BYTES
                && !hasRelativeSegment(path);
    }

    private static boolean hasInvisible(String path) {
        int codePoint;
        for (int i = 0; i < path.length(); i += Character.charCount(codePoint)) {
            codePoint = path.codePointAt(i);
            if (isInvisible(codePoint)) {
                return true;
            }
        }
        return false;
    }

    private static boolean isInvisible(int codePoint) {
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

    private static boolean hasRelativeSegment(String path) {
        for (String segment : path.substring(1).split("/", -1)) {
            if (segment.isEmpty() || segment.equals(".") || segment.equals("..")) {
                return true;
            }
        }
        return false;
    }

    /** Returns whether a segment begins with ":", as in the name of a family. No channel has such a name. */
    public boolean hasParameter() {
        return path.contains("/:");
    }

    /** Returns the path as it is written in a URL (RFC 3986, 3.3): ASCII, with other characters percent-encoded. */
    public String encoded() {
        var encoded = new StringBuilder();
        for (byte b : path.getBytes(StandardCharsets.UTF_8)) {
            if (b > ' ' && b < 0x7f && "\"#%<>?[\\]^`{|}".indexOf(b) < 0) {
                encoded.append((char) b);
            } else {
                encoded.append('%').append(HEX.toHexDigits(b));
            }
        }
        return encoded.toString();
    }

    /**
     * Compares the path. Written by hand, like {@link #hashCode}, because the first generated method of a record takes 2 % of
     * the start-up time.
     */
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
