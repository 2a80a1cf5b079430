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
 * What channels keep of which memory does not have every entry. The store is asked for a few channels only, because each of
 * them costs it a read. Thread-safe.
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
