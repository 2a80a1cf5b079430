package dev.crier.log.store;

import dev.crier.event.Entry;
import java.util.concurrent.atomic.LongAdder;

/** Counts the entries and bytes that the log keeps in memory. Thread-safe. */
public final class LogSize {

    private final LongAdder entries = new LongAdder();
    private final LongAdder bytes = new LongAdder();

    /** Counts the entry and returns its size in bytes. */
    public long add(Entry entry) {
        long size = HeapSize.of(entry);
        entries.increment();
        bytes.add(size);
        return size;
    }

    public void remove(Entry entry) {
        entries.decrement();
        bytes.add(-HeapSize.of(entry));
    }

    /** Adds bytes that belong to no entry. A negative number subtracts. */
    public void add(long more) {
        bytes.add(more);
    }

    public long entries() {
        return entries.sum();
    }

    public long bytes() {
        return bytes.sum();
    }
}
