package dev.crier.console;

import dev.crier.event.ChannelName;
import dev.crier.log.EventLog;
import dev.crier.log.store.KeptEntries;
import io.vertx.core.Future;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The counts of the store, for channels whose entries are not all in memory. Asks for few channels, because each of them costs
 * the store a read. Thread-safe.
 */
final class StoreCounts {

    private static final int MAX_CHANNELS = 100;

    private final EventLog log;
    private final Set<ChannelName> wanted = ConcurrentHashMap.newKeySet();
    private final Map<ChannelName, KeptEntries> known = new ConcurrentHashMap<>();

    StoreCounts(EventLog log) {
        this.log = log;
    }

    /** Returns what the channel kept when the store was asked last. The next {@link #ask} includes it. */
    Optional<KeptEntries> find(ChannelName channel) {
        if (wanted.size() < MAX_CHANNELS) {
            wanted.add(channel);
        }
        return Optional.ofNullable(known.get(channel));
    }

    /** Asks the store for one channel after the other, of those that were wanted since the last call. */
    Future<?> ask() {
        Set<ChannelName> channels = Set.copyOf(wanted);
        if (channels.isEmpty()) {
            return Future.succeededFuture(); // no table was made since, so the next one still needs the known counts
        }
        wanted.clear();
        known.keySet().retainAll(channels);
        Future<?> asked = Future.succeededFuture();
        for (ChannelName channel : channels) {
            asked = asked.eventually(() -> log.keptEntries(channel)
                    .onSuccess(kept -> known.put(channel, kept))
                    .onFailure(failure -> known.remove(channel)));
        }
        return asked.otherwiseEmpty();
    }
}
