package dev.crier.event;

import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Channels that a subscriber follows over one connection: channels by their names, and whole families. Two sets with the same
 * channels are equal.
 *
 * @param names sorted, each once
 * @param families sorted, each once
 */
public record ChannelSet(List<ChannelName> names, List<ChannelPattern> families) {

    private static final Comparator<ChannelName> BY_PATH = Comparator.comparing(ChannelName::path);

    private static final int SHOWN = 3;

    /**
     * The heap that a name takes besides its characters: name 16, text 24, array 16 to 23, references in two lists 8, and a
     * node and a value in the map that finds the subscribers of a channel 80.
     */
    private static final int NAME_BYTES = 152;

    public ChannelSet {
        names = sorted(names, BY_PATH);
        families = sorted(families, Comparator.comparing(ChannelPattern::path));
        if (names.isEmpty() && families.isEmpty()) {
            throw new IllegalArgumentException("channel set: empty (expected: at least one channel)");
        }
        for (ChannelPattern family : families) {
            if (!family.isFamily()) {
                throw new IllegalArgumentException("channel set: " + family + " (expected: a family)");
            }
        }
    }

    private static <T> List<T> sorted(Collection<T> some, Comparator<T> order) {
        return some.stream().sorted(order).distinct().toList();
    }

    /** Returns whether the set has the channel. Creates no object, because some reads ask thousands of times. */
    public boolean contains(ChannelName channel) {
        for (int i = 0; i < families.size(); i++) {
            if (families.get(i).matches(channel)) {
                return true;
            }
        }
        return Collections.binarySearch(names, channel, BY_PATH) >= 0;
    }

    /** Returns the family by which the set has the channel, unless the set also names the channel. */
    public Optional<ChannelPattern> onlyFamilyOf(ChannelName channel) {
        return Collections.binarySearch(names, channel, BY_PATH) >= 0
                ? Optional.empty()
                : families.stream().filter(family -> family.matches(channel)).findFirst();
    }

    /** Returns about how much heap the names take, in one event loop. */
    public int heapBytes() {
        int bytes = 0;
        for (ChannelName name : names) {
            bytes += NAME_BYTES + textBytes(name.path());
        }
        for (ChannelPattern family : families) {
            bytes += NAME_BYTES + textBytes(family.path());
        }
        return bytes;
    }

    /** Returns how many bytes the characters take: one each, or two each if any is not Latin-1. */
    private static int textBytes(String text) {
        return text.chars().anyMatch(c -> c > 0xff) ? 2 * text.length() : text.length();
    }

    /** Names at most three channels, because a client chooses how many there are, and log lines show them. */
    @Override
    public String toString() {
        String some = Stream.concat(
                        names.stream().map(ChannelName::path), families.stream().map(ChannelPattern::path))
                .limit(SHOWN)
                .collect(Collectors.joining(", "));
        int others = names.size() + families.size() - SHOWN;
        return others > 0 ? some + " and " + others + " more" : some;
    }
}
