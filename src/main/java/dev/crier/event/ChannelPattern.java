package dev.crier.event;

import java.util.function.BiPredicate;
import java.util.stream.IntStream;

/**
 * By what channels are declared.
 *
 * @param name a channel's, or one with parameters ({@code /orders/:id}), each of which stands for any one segment
 */
public record ChannelPattern(ChannelName name) {

    public static final String EXPECTED = ChannelName.EXPECTED + "; a segment such as :id stands for any";

    public String path() {
        return name.path();
    }

    /** Whether it declares a family of channels, and not one. */
    public boolean isFamily() {
        return path().contains("/:");
    }

    public boolean matches(ChannelName channel) {
        return pairwise(channel, (own, other) -> own.startsWith(":") || own.equals(other));
    }

    private boolean pairwise(ChannelName with, BiPredicate<String, String> agree) {
        String[] own = path().split("/");
        String[] other = with.path().split("/");
        return own.length == other.length && IntStream.range(0, own.length).allMatch(i -> agree.test(own[i], other[i]));
    }

    /** Written out, as {@link #hashCode} is: the first that Java makes for a record costs a fiftieth of the start. */
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
