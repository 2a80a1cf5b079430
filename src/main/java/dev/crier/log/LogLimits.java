package dev.crier.log;

import dev.crier.event.ChannelName;
import java.util.Set;

/**
 * How much the log may hold.
 *
 * @param memoryBytes in memory: entries, channels, idempotency keys, and what waits for the store
 * @param channels how many channels may exist
 * @param named those that the configuration declares by their names, which may always exist: there are only so many, and
 *     the members of a family must not keep them out
 */
public record LogLimits(long memoryBytes, int channels, Set<ChannelName> named) {

    public static final LogLimits NONE = new LogLimits(Long.MAX_VALUE, Integer.MAX_VALUE, Set.of());

    /** Of how many emptied channels it is remembered what they have lost. */
    private static final int MAX_EMPTY = 10_000;

    private static final int EMPTY_PART = 10;

    public LogLimits {
        named = Set.copyOf(named);
    }

    /** At most a tenth of all channels, so that emptied channels never keep out new ones. */
    public int emptyChannels() {
        return Math.min(MAX_EMPTY, Math.max(1, channels / EMPTY_PART));
    }
}
