package dev.crier.log;

import dev.crier.event.ChannelName;
import dev.crier.event.Publication;
import dev.crier.event.PublishException;
import dev.crier.log.store.HeapSize;
import dev.crier.log.store.LogLimits;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides whether the log has room for a publication. Logs once when there is no room and once when there is again, because
 * thousands of publications a second may be refused in between. Only the log's context uses this class, except for {@link
 * #full}.
 */
final class Capacity {

    private static final Logger LOG = LoggerFactory.getLogger(Capacity.class);

    /** A full log has room again only when one part in this many is free, so that its state does not change every second. */
    private static final int FREE_PART = 20;

    /**
     * A full log still accepts publications that do not make it grow, unless more than one part in this many of its memory
     * waits for the store.
     */
    private static final int WAITING_PART = 16;

    private final LogLimits limits;
    private final RecentEntries recent;
    private final LongSupplier usedBytes;
    private final long maxBytes;
    private boolean tooManyChannels;

    /** Channels that exist as soon as the store has the publications that wait. */
    private final Set<ChannelName> pending = new HashSet<>();

    private long pendingBytes;

    /** The size of the smallest publication for which there was no room; 0 if there is room. */
    private volatile long missingBytes;

    /**
     * @param usedBytes returns the size of what is in memory, without evictable entries
     * @param evictableBytes the part of the memory that is reserved for evictable entries
     */
    Capacity(LogLimits limits, RecentEntries recent, LongSupplier usedBytes, long evictableBytes) {
        this.limits = limits;
        this.recent = recent;
        this.usedBytes = usedBytes;
        this.maxBytes = limits.memoryBytes() - evictableBytes;
    }

    /**
     * Admits the publication, or returns why there is no room for it.
     *
     * @param bytes how much memory its entries and its receipt take
     * @param waitingBytes the size of the publications that wait for the store
     */
    Optional<PublishException> admit(Publication publication, long bytes, long waitingBytes) {
        ChannelName channel = publication.channel();
        boolean known = recent.known().contains(channel) || pending.contains(channel);
        if (!known
                && recent.known().count() + pending.size() >= limits.channels()
                && !limits.named().contains(channel)) {
            return Optional.of(refuseChannel());
        }
        long needed = known ? bytes : bytes + bytes(channel);
        if (usedBytes.getAsLong() + pendingBytes + needed > maxBytes && growth(publication, needed, waitingBytes) > 0) {
            return Optional.of(refuseBytes(needed));
        }
        if (!known) {
            addPending(channel);
        }
        return Optional.empty();
    }

    private static long bytes(ChannelName channel) {
        return HeapSize.CHANNEL + HeapSize.of(channel);
    }

    private long growth(Publication publication, long needed, long waitingBytes) {
        return waitingBytes <= maxBytes / WAITING_PART
                ? recent.growth(publication.channel(), publication.events().size(), needed)
                : needed;
    }

    private void addPending(ChannelName channel) {
        if (pending.add(channel)) {
            pendingBytes += bytes(channel);
        }
    }

    private PublishException refuseChannel() {
        if (!tooManyChannels) {
            tooManyChannels = true;
            LOG.warn(
                    "limits.channels: {} channels exist, and publications to further ones are refused"
                            + " (expected: fewer channels, shorter retention, or a larger value)",
                    recent.known().count());
        }
        return new PublishException(
                PublishException.Reason.FULL,
                "limits.channels: " + recent.known().count() + " channels exist, and this would be one more"
                        + " (expected: fewer channels, shorter retention, or a larger value)");
    }

    private PublishException refuseBytes(long needed) {
        if (needed > maxBytes) {
            return new PublishException(
                    PublishException.Reason.TOO_LARGE,
                    "log.memoryBytes: this takes " + needed + " bytes of memory, and the event log may hold " + maxBytes
                            + " (expected: fewer events at a time)");
        }
        long used = usedBytes.getAsLong();
        if (missingBytes == 0) {
            LOG.warn(
                    "log.memoryBytes: the event log holds {} of {} bytes, and publishing is refused until retention"
                            + " frees some (expected: shorter retention, fewer channels, or a larger value and heap)",
                    used,
                    maxBytes);
        }
        missingBytes = missingBytes == 0 ? needed : Math.min(missingBytes, needed);
        return new PublishException(
                PublishException.Reason.FULL,
                "log.memoryBytes: the event log holds " + used + " of " + maxBytes
                        + " bytes (expected: shorter retention, fewer channels, or a larger value and heap)");
    }

    /**
     * Counts the pending channels again after the store has answered a batch.
     *
     * @param waiting the channels of the publications that wait now
     */
    void settle(Stream<ChannelName> waiting) {
        if (!pending.isEmpty()) {
            pending.clear();
            pendingBytes = 0;
            waiting.filter(channel -> !recent.known().contains(channel)).forEach(this::addPending);
        }
    }

    /** Checks whether there is room again. Called every second. */
    void check() {
        long used = usedBytes.getAsLong();
        if (missingBytes > 0 && used + Math.max(missingBytes, maxBytes / FREE_PART) <= maxBytes) {
            missingBytes = 0;
            LOG.info("log.memoryBytes: the event log has room again, it holds {} of {} bytes", used, maxBytes);
        }
        if (tooManyChannels && recent.known().count() < limits.channels()) {
            tooManyChannels = false;
            LOG.info("limits.channels: there is room for further channels again");
        }
    }

    /** Returns why publishing is refused, or nothing. Thread-safe. */
    Optional<String> full() {
        return missingBytes == 0 ? Optional.empty() : Optional.of("the event log is full (log.memoryBytes)");
    }
}
