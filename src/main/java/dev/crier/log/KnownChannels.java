package dev.crier.log;

import dev.crier.event.ChannelName;
import dev.crier.log.store.HeapSize;
import dev.crier.log.store.LogSize;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The channels that exist: channels with entries, in memory or only in the store, and empty channels whose last lost entry
 * is remembered. Only the log's context uses this class, except for {@link #count}.
 */
final class KnownChannels {

    private final Set<ChannelName> names = new HashSet<>();
    private final LogSize size;
    private volatile int count;

    /** @param size counts the memory that the names take */
    KnownChannels(LogSize size) {
        this.size = size;
    }

    boolean contains(ChannelName channel) {
        return names.contains(channel);
    }

    void add(ChannelName channel) {
        if (names.add(channel)) {
            count = names.size();
            size.add(HeapSize.of(channel));
        }
    }

    void remove(ChannelName channel) {
        if (names.remove(channel)) {
            count = names.size();
            size.add(-HeapSize.of(channel));
        }
    }

    /** Removes all channels but these. */
    void retain(Collection<ChannelName> channels) {
        var retained = new HashSet<>(channels);
        List.copyOf(names).stream().filter(name -> !retained.contains(name)).forEach(this::remove);
    }

    /** Returns how many channels exist. Thread-safe. */
    int count() {
        return count;
    }
}
