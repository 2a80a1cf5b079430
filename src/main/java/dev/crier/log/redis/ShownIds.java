package dev.crier.log.redis;

import dev.crier.event.Entry;
import dev.crier.event.EventId;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;

/**
 * The ids of the last entries that this node has shown, without a missing one between the oldest and the newest. So it can tell
 * an id that the log has given from one that another primary gave at the same time. The store's context changes it; any thread
 * may ask.
 */
final class ShownIds {

    /** How many ranges are remembered. A range takes about 100 bytes. */
    private static final int MAX_RANGES = 50_000;

    /** Ranges of ids that follow each other: the first, and the last. */
    private final ConcurrentSkipListMap<EventId, EventId> ranges = new ConcurrentSkipListMap<>();

    private int count;

    /** Begins again at a position, because entries before it may be missing here. */
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
        if (oldest == null || newest == null || range == null) { // it begins again at this moment
            return false;
        }
        return oldest.getValue().isBefore(id)
                && id.isBefore(newest.getValue())
                && range.getValue().isBefore(id);
    }
}
