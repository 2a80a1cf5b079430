package dev.crier.log;

import dev.crier.event.Entry;
import java.util.concurrent.atomic.LongAdder;

/** How much there is in memory of all channels together: the log's writer counts, any thread asks. */
final class Size {

    private final LongAdder entries = new LongAdder();
    private final LongAdder bytes = new LongAdder();

    void add(Entry entry) {
        entries.increment();
        bytes.add(Kept.bytes(entry));
    }

    void remove(Entry entry) {
        entries.decrement();
        bytes.add(-Kept.bytes(entry));
    }

    long entries() {
        return entries.sum();
    }

    long bytes() {
        return bytes.sum();
    }
}
