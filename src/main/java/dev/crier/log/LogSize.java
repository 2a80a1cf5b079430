package dev.crier.log;

import dev.crier.event.Entry;
import java.util.concurrent.atomic.LongAdder;

/** How much the log holds in memory: its writer counts, any thread asks. */
final class LogSize {

    private final LongAdder entries = new LongAdder();
    private final LongAdder bytes = new LongAdder();

    /** Returns how many bytes the entry takes. */
    long add(Entry entry) {
        long taken = HeapSize.of(entry);
        entries.increment();
        add(taken);
        return taken;
    }

    void remove(Entry entry) {
        entries.decrement();
        add(-HeapSize.of(entry));
    }

    /** @param more fewer, if negative */
    void add(long more) {
        bytes.add(more);
    }

    long entries() {
        return entries.sum();
    }

    long bytes() {
        return bytes.sum();
    }
}
