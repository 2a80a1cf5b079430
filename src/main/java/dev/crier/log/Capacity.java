package dev.crier.log;

import dev.crier.event.ChannelName;
import dev.crier.event.Publication;
import dev.crier.event.PublishException;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether the log has room for a publication. It logs once when there is none and once when there is again, since thousands
 * of publications a second may be refused in between. The log's writer alone calls it, but for {@link #full}.
 */
final class Capacity {

    private static final Logger LOG = LoggerFactory.getLogger(Capacity.class);

    /** A full log has room again only when this part of it is free, so that it does not say so every second. */
    private static final int FREE_PART = 20;

    /** As long as this part of the memory or less waits for the store, a full log accepts what does not make it grow. */
    private static final int WAITING_PART = 16;

    private final LogLimits bounds;
    private final RecentEntries window;
    private final LongSupplier usedBytes;
    private final long maxBytes;
    private boolean noChannels;

    /** Channels that exist as soon as the store has what waits for it. */
    private final Set<ChannelName> coming = new HashSet<>();

    private long comingBytes;

    /** The size of the smallest publication for which there was no room; 0 if there is room. */
    private volatile long missingBytes;

    /**
     * @param usedBytes returns how much the log has in memory, without what the store can be asked for again
     * @param recentBytes the part of the memory that is for what the store can be asked for again
     */
    Capacity(LogLimits bounds, RecentEntries window, LongSupplier usedBytes, long recentBytes) {
        this.bounds = bounds;
        this.window = window;
        this.usedBytes = usedBytes;
        this.maxBytes = bounds.memoryBytes() - recentBytes;
    }

    /**
     * Accepts the publication, or says why there is no room for it.
     *
     * @param bytes how much memory its entries and its receipt take
     * @param waitingBytes how much waits for the store
     */
    Optional<PublishException> admit(Publication publication, long bytes, long waitingBytes) {
        ChannelName channel = publication.channel();
        boolean known = window.has(channel) || coming.contains(channel);
        if (!known
                && window.channels() + coming.size() >= bounds.channels()
                && !bounds.named().contains(channel)) {
            return Optional.of(tooManyChannels());
        }
        long needed = known ? bytes : bytes + bytes(channel);
        if (usedBytes.getAsLong() + comingBytes + needed > maxBytes && grows(publication, needed, waitingBytes) > 0) {
            return Optional.of(tooMuch(needed));
        }
        if (!known) {
            comes(channel);
        }
        return Optional.empty();
    }

    private static long bytes(ChannelName channel) {
        return HeapSize.CHANNEL + HeapSize.of(channel);
    }

    private void comes(ChannelName channel) {
        if (coming.add(channel)) {
            comingBytes += bytes(channel);
        }
    }

    /**
     * The store has taken what it was given, or has failed to.
     *
     * @param waiting the channels of what waits now
     */
    void settle(Stream<ChannelName> waiting) {
        if (!coming.isEmpty()) {
            coming.clear();
            comingBytes = 0;
            waiting.filter(channel -> !window.has(channel)).forEach(this::comes);
        }
    }

    private long grows(Publication publication, long needed, long waitingBytes) {
        return waitingBytes <= maxBytes / WAITING_PART
                ? window.growth(publication.channel(), publication.events().size(), needed)
                : needed;
    }

    private PublishException tooManyChannels() {
        if (!noChannels) {
            noChannels = true;
            LOG.warn(
                    "limits.channels: {} channels exist, and publications to further ones are refused"
                            + " (expected: fewer channels, shorter retention, or a larger value)",
                    window.channels());
        }
        return new PublishException(
                PublishException.Reason.FULL,
                "limits.channels: " + window.channels() + " channels exist, and this would be one more"
                        + " (expected: fewer channels, shorter retention, or a larger value).");
    }

    private PublishException tooMuch(long needed) {
        if (needed > maxBytes) {
            return new PublishException(
                    PublishException.Reason.TOO_LARGE,
                    "log.memoryBytes: this takes " + needed + " bytes of memory, and the event log may hold " + maxBytes
                            + " (expected: fewer events at a time).");
        }
        if (missingBytes == 0) {
            LOG.warn(
                    "log.memoryBytes: the event log holds {} of {} bytes, and publishing is refused until retention"
                            + " frees some (expected: shorter retention, fewer channels, or a larger value and heap)",
                    usedBytes.getAsLong(),
                    maxBytes);
        }
        missingBytes = missingBytes == 0 ? needed : Math.min(missingBytes, needed);
        return new PublishException(
                PublishException.Reason.FULL,
                "log.memoryBytes: the event log holds " + usedBytes.getAsLong() + " of " + maxBytes
                        + " bytes (expected: shorter retention, fewer channels, or a larger value and heap).");
    }

    /** Checks whether there is room again. Called every second. */
    void look() {
        if (missingBytes > 0 && usedBytes.getAsLong() + Math.max(missingBytes, maxBytes / FREE_PART) <= maxBytes) {
            missingBytes = 0;
            LOG.info(
                    "log.memoryBytes: the event log has room again, it holds {} of {} bytes",
                    usedBytes.getAsLong(),
                    maxBytes);
        }
        if (noChannels && window.channels() < bounds.channels()) {
            noChannels = false;
            LOG.info("limits.channels: there is room for further channels again");
        }
    }

    /** Why publishing is refused, if it is; for any thread. */
    Optional<String> full() {
        return missingBytes == 0 ? Optional.empty() : Optional.of("the event log is full (log.memoryBytes)");
    }
}
