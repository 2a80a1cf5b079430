package dev.crier.event;

import java.util.stream.IntStream;

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
        return path().contains("/:");
    }

    public boolean matches(ChannelName channel) {
        String[] own = path().split("/");
        String[] other = channel.path().split("/");
        return own.length == other.length
                && IntStream.range(0, own.length).allMatch(i -> own[i].startsWith(":") || own[i].equals(other[i]));
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
