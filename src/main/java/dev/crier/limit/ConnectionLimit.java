package dev.crier.limit;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntPredicate;

/**
 * Limits the connections of one listener, the bytes of their incomplete request heads, and their downloads. When no
 * connection is free, the event loops close idle ones; see {@link #register}. Thread-safe.
 */
public final class ConnectionLimit {

    /**
     * Heap that one byte of a request head may take once it is parsed. A header of one character and no value has four bytes on
     * the wire and about 130 in the heap.
     */
    private static final int HEAP_BYTES_PER_HEAD_BYTE = 32;

    /** Incomplete heads may take the heap divided by this. */
    private static final int HEADS_HEAP_DIVISOR = 8;

    private final int max;
    private final int maxAccepted;
    private final AtomicInteger count = new AtomicInteger();
    private final ByteLimit heads =
            new ByteLimit(Runtime.getRuntime().maxMemory() / HEADS_HEAP_DIVISOR / HEAP_BYTES_PER_HEAD_BYTE);
    private final DownloadLimit downloads = new DownloadLimit(OpenFiles.forDownloads());
    private final List<IntPredicate> eventLoops = new CopyOnWriteArrayList<>();

    public ConnectionLimit(int max) {
        this(max, OpenFiles.forRejection());
    }

    /** @param forRejection how many connections may be accepted beyond the limit, to reject or close them */
    ConnectionLimit(int max, int forRejection) {
        this.max = max;
        this.maxAccepted = max + forRejection;
    }

    /** Counts a connection. {@link #closed} must be called when it is closed. */
    public void opened() {
        count.incrementAndGet();
    }

    public void closed() {
        count.decrementAndGet();
    }

    /** Returns how many connections are open. */
    public int count() {
        return count.get();
    }

    /** Returns how many connections there may be. */
    public int max() {
        return max;
    }

    /** Returns whether there are more connections than the limit allows. */
    public boolean isExceeded() {
        return count.get() > max;
    }

    /** Returns whether no connection may be accepted, not even to reject its request. */
    public boolean isFull() {
        return count.get() >= maxAccepted;
    }

    /** Returns the limit of the bytes of heads that are incomplete, or whose requests are open. */
    public ByteLimit heads() {
        return heads;
    }

    public DownloadLimit downloads() {
        return downloads;
    }

    /**
     * Registers an event loop.
     *
     * @param makeRoom closes at most the given number of idle or stalled connections of the event loop. Returns false if it
     *     knows of none. Thread-safe
     */
    public void register(IntPredicate makeRoom) {
        eventLoops.add(makeRoom);
    }

    public void unregister(IntPredicate makeRoom) {
        eventLoops.remove(makeRoom);
    }

    /** Returns the number of registered event loops, at least 1. */
    public int eventLoops() {
        return Math.max(1, eventLoops.size());
    }

    /** Asks the other event loops, until one accepts, to close a connection. Returns whether one has accepted. */
    public boolean makeRoomElsewhere(IntPredicate asking) {
        return eventLoops.stream().anyMatch(other -> other != asking && other.test(1));
    }

    /** Asks the event loops, until one accepts, to close as many connections as may be accepted beyond the limit. */
    public void makeRoom() {
        eventLoops.stream().anyMatch(any -> any.test(maxAccepted - max));
    }
}
