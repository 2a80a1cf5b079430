package dev.crier.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.event.ChannelName;
import dev.crier.event.Entry;
import dev.crier.event.Event;
import dev.crier.event.EventId;
import dev.crier.event.Retention;
import dev.crier.log.store.HeapSize;
import dev.crier.log.store.LogSize;
import dev.crier.log.store.ReadResult;
import dev.crier.log.store.Store;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Entries that the store has too leave the memory when newer ones take their room. */
class RecentEntriesTest {

    private static final Retention ALL = new Retention.Events(Retention.Events.ANY_NUMBER, Retention.Events.ANY_AGE);
    private static final long MAX_BYTES = 4 << 20;
    private static final ChannelName BUSY = new ChannelName("/busy");
    private static final String DATA = "x".repeat(3_000);

    private EventId last = EventId.FIRST;

    private static RecentEntries recent(Map<ChannelName, EventId> dropped) {
        return new RecentEntries(
                channel -> Optional.of(ALL),
                MAX_BYTES,
                10_000,
                new Store.Opened(
                        EventId.FIRST,
                        EventId.FIRST,
                        EventId.FIRST,
                        List.of(),
                        dropped,
                        dropped.keySet(),
                        EventId.FIRST,
                        0,
                        0),
                new LogSize());
    }

    private static List<ChannelName> quiet(int channels) {
        return IntStream.range(0, channels)
                .mapToObj(i -> new ChannelName("/quiet/" + i))
                .toList();
    }

    private void show(RecentEntries recent, ChannelName channel) {
        last = last.next(last.millis() + 1);
        recent.show(List.of(new Entry(last, channel, Event.of(DATA))));
    }

    /** Shows twice as many bytes as fit. */
    private void displace(RecentEntries recent) {
        for (int i = 0; i < 2 * MAX_BYTES / DATA.length(); i++) {
            show(recent, BUSY);
        }
    }

    @Test
    void newerEntriesDisplaceThoseOfAllChannels() {
        RecentEntries recent = recent(Map.of());
        List<ChannelName> quiet = quiet(1_000);
        quiet.forEach(channel -> show(recent, channel));
        quiet.forEach(channel -> show(recent, channel));
        displace(recent);
        for (ChannelName channel : quiet) {
            assertInstanceOf(ReadResult.Elsewhere.class, recent.read(channel, EventId.FIRST));
            assertInstanceOf(ReadResult.Entries.class, recent.read(channel, last));
        }
        // less than a step more than the limit
        assertTrue(recent.entries() * DATA.length() < MAX_BYTES + (1 << 20), recent.entries() + " entries");
        assertTrue(recent.bytes() < 2 * MAX_BYTES, recent.bytes() + " bytes");
        assertEquals(1_001, recent.known().count());
    }

    @Test
    void anEmptyChannelTakesNoMemoryOnceTheFloorHasPassedWhatItLost() {
        var dropped = new HashMap<ChannelName, EventId>();
        quiet(100).forEach(channel -> dropped.put(channel, new EventId(5, 0)));
        RecentEntries recent = recent(dropped);
        show(recent, BUSY);
        long before = recent.bytes();
        recent.expire(0);
        assertEquals(before, recent.bytes());
        displace(recent);
        long full = recent.bytes();
        recent.expire(0);
        assertEquals(full - 100 * HeapSize.CHANNEL, recent.bytes());
    }
}
