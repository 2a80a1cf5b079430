package dev.crier.log;

import dev.crier.event.ChannelName;
import dev.crier.log.store.HeapSize;
import dev.crier.log.store.LogSize;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * The channels that exist: channels with entries, in memory or only in the store, and empty channels whose last lost entry
 * is remembered. Only the log's context uses this class, except for the methods that are marked as thread-safe.
 */
final class KnownChannels {

    private final Set<ChannelName> names = ConcurrentHashMap.newKeySet();
    private final LogSize size;
    private final Predicate<ChannelName> isDeclared;
    private volatile int count;

    /**
     * @param size counts the memory that the names take
     * @param isDeclared whether the configuration declares a channel
     */
    KnownChannels(LogSize size, Predicate<ChannelName> isDeclared) {
        this.size = size;
        this.isDeclared = isDeclared;
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

    /**
     * Stops counting a channel that the store has forgotten. It may still be in memory, without entries; it is counted again
     * when an entry is added.
     */
    void remove(ChannelName channel) {
        if (names.remove(channel)) {
            count = names.size();
            size.add(-HeapSize.of(channel));
        }
    }

    /** Replaces all channels with those of the store that are declared. */
    void replace(Collection<ChannelName> stored) {
        var replaced = new HashSet<>(stored);
        replaced.removeIf(isDeclared.negate());
        List.copyOf(names).stream().filter(name -> !replaced.contains(name)).forEach(this::remove);
        replaced.forEach(this::add);
    }

    /** Calls the action for each channel. Thread-safe. */
    void forEach(Consumer<ChannelName> action) {
        names.forEach(action);
    }

    /** Returns how many channels exist. Thread-safe. */
    int count() {
        return count;
    }
}
