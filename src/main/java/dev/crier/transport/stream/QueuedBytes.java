package dev.crier.transport.stream;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.util.internal.PlatformDependent;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts and limits the bytes that wait in the connections of all subscribers ({@code limits.queueBytes}). Thread-safe.
 *
 * <p>Bytes that several connections share are in memory once, and count once. Bytes that a connection has for itself, such
 * as those that TLS has encrypted, count for each connection.
 *
 * <p>Above the limit, nothing is read for any subscriber, and each event loop closes its slowest subscribers until a
 * quarter of the limit is free again.
 */
public final class QueuedBytes {

    /** By default, the limit is the direct memory divided by this. */
    private static final int DIRECT_MEMORY_DIVISOR = 2;

    /** The shortest time between two warnings. */
    private static final long WARNING_NANOS = TimeUnit.MINUTES.toNanos(1);

    private static final Logger LOG = LoggerFactory.getLogger(QueuedBytes.class);

    private final long max;

    /** Allocates only shared bytes, and counts those that are not yet released. */
    private final UnpooledByteBufAllocator shared = new UnpooledByteBufAllocator(true, true);

    private final LongAdder unshared = new LongAdder();
    private final List<Runnable> eventLoops = new CopyOnWriteArrayList<>();
    private volatile boolean full;
    private volatile long warnedAt = System.nanoTime() - WARNING_NANOS;

    /** @param max the limit, or 0 for half of the direct memory that the virtual machine may have */
    public QueuedBytes(long max) {
        this.max = max > 0 ? max : PlatformDependent.maxDirectMemory() / DIRECT_MEMORY_DIVISOR;
    }

    /** Returns how many bytes wait. */
    public long sum() {
        return shared.metric().usedDirectMemory() + unshared.sum();
    }

    /** Returns a buffer for shared bytes, which count until all connections have released it. */
    ByteBuf allocate(int bytes) {
        ByteBuf buffer = shared.directBuffer(bytes, bytes);
        check();
        return buffer;
    }

    /** Counts bytes that one connection has for itself. A negative number removes bytes that were sent. */
    void addUnshared(long bytes) {
        unshared.add(bytes);
        if (bytes > 0) {
            check();
        }
    }

    private void check() {
        if (!full && sum() > max) {
            full = true;
            if (System.nanoTime() - warnedAt >= WARNING_NANOS) {
                warnedAt = System.nanoTime();
                LOG.warn("limits.queueBytes: more than {} bytes wait for subscribers; the slowest are closed", max);
            }
            eventLoops.forEach(Runnable::run);
        }
    }

    /** Returns whether nothing may be read for subscribers at present. */
    public boolean isFull() {
        return full;
    }

    /** Returns whether less than a quarter of the limit is free, so that more slow subscribers must be closed. */
    public boolean mustShrink() {
        return sum() > max - max / 4;
    }

    /** Allows reading again if enough is free. */
    public void recheck() {
        if (full && !mustShrink()) {
            full = false;
            eventLoops.forEach(Runnable::run);
        }
    }

    /**
     * Registers an event loop.
     *
     * @param changed called on any thread whenever {@link #isFull} changes; must return at once
     */
    public void register(Runnable changed) {
        eventLoops.add(changed);
    }

    public void unregister(Runnable changed) {
        eventLoops.remove(changed);
    }
}
