package dev.crier.limit;

import java.util.concurrent.atomic.AtomicLong;

/** Limits the bytes that one kind of data may take in memory. Thread-safe. */
public final class ByteLimit {

    private final long max;
    private final AtomicLong bytes = new AtomicLong();

    ByteLimit(long max) {
        this.max = max;
    }

    /** Counts the bytes if the limit allows them. Returns false and counts nothing if not. */
    public boolean tryAdd(int added) {
        if (bytes.addAndGet(added) > max) {
            bytes.addAndGet(-added);
            return false;
        }
        return true;
    }

    /** Counts the bytes even above the limit. */
    public void add(long added) {
        bytes.addAndGet(added);
    }

    public void remove(long removed) {
        bytes.addAndGet(-removed);
    }

    public boolean isExceeded() {
        return bytes.get() > max;
    }
}
