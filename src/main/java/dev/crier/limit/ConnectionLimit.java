package dev.crier.limit;

import io.netty.channel.Channel;
import io.netty.util.AttributeKey;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntPredicate;

/** Counts and limits the connections of one listener, the bytes of their incomplete heads, and their downloads. Thread-safe. */
public final class ConnectionLimit {

    private static final AttributeKey<Boolean> COUNTED = AttributeKey.valueOf(ConnectionLimit.class, "counted");

    /**
     * Heap that one byte of a request head may take once it is parsed. A header of one character and no value has four bytes on
     * the wire and about 130 in the heap.
     */
    private static final int HEAP_BYTES_OF_A_HEAD_BYTE = 32;

    /** The part of the heap that incomplete heads may take. */
    private static final int HEADS_PART = 8;

    private final int max;
    private final int surplus = OpenFiles.forSurplus();
    private final long maxHeadBytes = Runtime.getRuntime().maxMemory() / HEADS_PART / HEAP_BYTES_OF_A_HEAD_BYTE;
    private final AtomicInteger count = new AtomicInteger();
    private final AtomicLong headBytes = new AtomicLong();
    private final Semaphore files = new Semaphore(OpenFiles.forDownloads());

    /** Downloads that wait for a file. */
    private final AtomicInteger needed = new AtomicInteger();

    /** Each closes up to the given number of waiting connections, and returns whether it seems to have one. Thread-safe. */
    private final List<IntPredicate> eventLoops = new CopyOnWriteArrayList<>();

    public ConnectionLimit(int max) {
        this.max = max;
    }

    /** Counts a connection from now until it is closed. Does nothing if it is counted already. */
    public void count(Channel connection) {
        if (connection.attr(COUNTED).setIfAbsent(true) == null) {
            count.incrementAndGet();
            connection.closeFuture().addListener(closed -> count.decrementAndGet());
        }
    }

    /** Whether there are more connections than there may be. */
    public boolean isOver() {
        return count.get() > max;
    }

    /** Whether nothing more may be accepted, not even to be refused. */
    public boolean isFull() {
        return count.get() >= max + surplus;
    }

    /** Counts bytes of heads that are incomplete or whose requests are not over. A negative number removes them. */
    public void head(long bytes) {
        headBytes.addAndGet(bytes);
    }

    public boolean isOverInHeads() {
        return headBytes.get() > maxHeadBytes;
    }

    /** Takes one of the files that downloads may open, if one is free. {@link #closed} returns it. */
    public boolean open() {
        return files.tryAcquire();
    }

    public void closed() {
        files.release();
    }

    /** Changes the number of downloads that wait for a file. */
    public void need(int more) {
        needed.addAndGet(more);
    }

    /** How many slow downloads are to give way to others. */
    public int filesNeeded() {
        return files.availablePermits() > 0 ? 0 : needed.get();
    }

    public int eventLoops() {
        return Math.max(1, eventLoops.size());
    }

    /** Registers an event loop by the function that closes its longest-waiting connections. */
    public void add(IntPredicate shed) {
        eventLoops.add(shed);
    }

    public void remove(IntPredicate shed) {
        eventLoops.remove(shed);
    }

    /** Has another event loop close its longest-waiting connection. Returns whether one seems to have such a connection. */
    public boolean giveWay(IntPredicate asking) {
        return eventLoops.stream().anyMatch(other -> other != asking && other.test(1));
    }

    /** Has an event loop close its longest-waiting connections, as many as may be accepted beyond the limit. */
    public void giveWay() {
        eventLoops.stream().anyMatch(other -> other.test(surplus));
    }
}
