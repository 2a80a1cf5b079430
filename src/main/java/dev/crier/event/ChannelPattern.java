package dev.crier.event;

/**
 * Declares one channel, or a family of channels.
 *
 * @param name the name of the channel, or a name with parameters such as {@code /orders/:id}; a parameter stands for any one
 *     segment
 */
public record ChannelPattern(ChannelName name) {

    /** The rule for a pattern, for error messages. */
    public static final String EXPECTED = ChannelName.EXPECTED + "; a segment such as :id stands for any one segment";

    public String path() {
        return name.path();
    }

    /** Returns whether this declares a family of channels. */
    public boolean isFamily() {
        return name.hasParameter();
    }

    /** Returns whether this declares the channel. Splits no text, because some reads ask for thousands of channels. */
    public boolean matches(ChannelName channel) {
        String own = path();
        String other = channel.path();
        int start = 1;
        int otherStart = 1;
        while (true) {
            int end = endOfSegment(own, start);
            int otherEnd = endOfSegment(other, otherStart);
            boolean isLast = end == own.length();
            if (isLast != (otherEnd == other.length())
                    || own.charAt(start) != ':'
                            && !(end - start == otherEnd - otherStart
                                    && own.regionMatches(start, other, otherStart, end - start))) {
                return false;
            }
            if (isLast) {
                return true;
            }
            start = end + 1;
            otherStart = otherEnd + 1;
        }
    }

    private static int endOfSegment(String path, int start) {
        int slash = path.indexOf('/', start);
        return slash < 0 ? path.length() : slash;
    }

    /**
     * Compares the names. Written by hand, like {@link #hashCode}, because the first generated method of a record takes 2 % of
     * the start-up time.
     */
    @Override
    public boolean equals(Object other) {
        return other instanceof ChannelPattern that && name.equals(that.name);
    }

    @Override
    public int hashCode() {
        return name.hashCode();
    }

    @Override
    public String toString() {
        return path();
    }
}
