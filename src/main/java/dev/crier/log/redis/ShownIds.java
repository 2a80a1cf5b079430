package dev.crier.log.redis;

import dev.crier.event.Entry;
import dev.crier.event.EventId;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;

/**
 * The ids of the last entries that this node has shown. No entry between the oldest and the newest is missing, so any other id
 * between them was given by another primary. The store's context changes the ids; any thread may compare with them.
 */
final class ShownIds {

    /** The maximum number of ranges. A range takes about 100 bytes. */
    private static final int MAX_RANGES = 50_000;

    /** Ranges of consecutive ids, each with its first and its last. */
    private final ConcurrentSkipListMap<EventId, EventId> ranges = new ConcurrentSkipListMap<>();

    private int count;

    /** Forgets all ids, because entries before the position may be missing here. */
    void restart(EventId position) {
        ranges.clear();
        ranges.put(position, position);
        count = 1;
    }

    /** Adds entries that come after all others. */
    void add(List<Entry> entries) {
        Map.Entry<EventId, EventId> newest = ranges.lastEntry();
        EventId first = newest.getKey();
        EventId last = newest.getValue();
        for (Entry entry : entries) {
            EventId id = entry.id();
            if (id.millis() != last.millis() || id.sequence() != last.sequence() + 1) {
                ranges.put(first, last);
                first = id;
                count++;
            }
            last = id;
        }
        ranges.put(first, last);
        while (count > MAX_RANGES) {
            ranges.pollFirstEntry();
            count--;
        }
    }

    /** Returns whether the log has not given this id. Returns false for an id that is older or newer than all here. */
    boolean isForeign(EventId id) {
        Map.Entry<EventId, EventId> oldest = ranges.firstEntry();
        Map.Entry<EventId, EventId> newest = ranges.lastEntry();
        Map.Entry<EventId, EventId> range = ranges.floorEntry(id);
        if (oldest == null || newest == null || range == null) { // restart runs at this moment
            return false;
        }
        return oldest.getValue().isBefore(id)
                && id.isBefore(newest.getValue())
                && range.getValue().isBefore(id);
    }
}
