package dev.crier.log.store;

import dev.crier.event.ChannelName;
import java.util.Set;

/**
 * The limits of the event log.
 *
 * @param memoryBytes the size of entries, channels, idempotency keys and waiting publications in memory
 * @param channels how many channels may exist
 * @param named the channels that the configuration declares by name. They may always exist: their number is fixed, and the
 *     members of a family must not keep them out
 */
public record LogLimits(long memoryBytes, int channels, Set<ChannelName> named) {

    public static final LogLimits NONE = new LogLimits(Long.MAX_VALUE, Integer.MAX_VALUE, Set.of());

    private static final int MAX_EMPTY = 10_000;

    /** Emptied channels may be at most this part of all channels, so that they never keep out new ones. */
    private static final int EMPTY_PART = 10;

    public LogLimits {
        named = Set.copyOf(named);
    }

    /** Returns how many emptied channels are remembered one by one with what each has lost. */
    public int emptyChannels() {
        return Math.min(MAX_EMPTY, Math.max(1, channels / EMPTY_PART));
    }
}
