package dev.crier.log.sqlite;

import dev.crier.event.ChannelName;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;

/**
 * The number of entries of each channel, for the channels that were used most recently. Counting a million entries takes SQLite a
 * tenth of a second, so the results are kept.
 */
final class EntryCounts {

    /** The most channels whose numbers are kept. With short names, they take about 10 MB. */
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

    /** Begins a transaction. Discards the changes of an earlier one that was not committed. */
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

    /** Returns the number of the channel's entries, or nothing if they must be counted. */
    OptionalLong of(ChannelName channel) {
        Long count = changed.getOrDefault(channel, counts.get(channel));
        return count == null ? OptionalLong.empty() : OptionalLong.of(count);
    }

    /** Records a number that was counted in the current transaction. */
    void counted(ChannelName channel, long count) {
        changed.put(channel, count);
    }

    /** Subtracts entries that the current transaction has dropped. */
    void dropped(ChannelName channel, long entries) {
        of(channel).ifPresent(count -> changed.put(channel, count - entries));
    }
}
