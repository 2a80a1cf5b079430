package dev.crier.log.sqlite;

import dev.crier.event.ChannelName;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The number of entries of the channels that were trimmed most recently. Counting a million entries takes SQLite a tenth of a
 * second, so a channel is counted only once.
 */
final class EntryCounts {

    /** The number of channels. They take about 10 MB. */
    private static final int MAX_CHANNELS = 50_000;

    /** In the order of access: the channel that was used least recently is forgotten first. */
    private final Map<ChannelName, Long> counts = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<ChannelName, Long> leastRecent) {
            return size() > MAX_CHANNELS;
        }
    };

    /** The counts that the current transaction has changed. */
    private final Map<ChannelName, Long> changed = new HashMap<>();

    /** Begins a transaction. What an earlier one has changed without a {@link #commit} is forgotten. */
    void begin() {
        changed.clear();
    }

    void commit() {
        counts.putAll(changed);
    }

    /** Forgets all counts. */
    void clear() {
        counts.clear();
    }

    /** Forgets the count of a channel. */
    void forget(ChannelName channel) {
        changed.remove(channel);
        counts.remove(channel);
    }

    /** Counts an entry that has been stored. */
    void appended(ChannelName channel) {
        counts.computeIfPresent(channel, (name, count) -> count + 1);
    }

    /** Returns the number of the channel's entries. */
    long of(ChannelName channel, EntryDropper dropper) throws SQLException {
        Long count = known(channel);
        if (count == null) {
            count = dropper.count(channel);
            changed.put(channel, count);
        }
        return count;
    }

    private Long known(ChannelName channel) {
        Long count = changed.get(channel);
        return count == null ? counts.get(channel) : count;
    }

    /** Subtracts entries that the current transaction has dropped. */
    void dropped(ChannelName channel, long entries) {
        Long count = known(channel);
        if (count != null && entries > 0) {
            changed.put(channel, count - entries);
        }
    }
}
