package dev.crier.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.event.ChannelName;
import dev.crier.event.Entry;
import dev.crier.event.Event;
import dev.crier.event.EventId;
import dev.crier.log.store.ReadResult;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OrderedEntriesTest {

    private static final ChannelName NEWS = new ChannelName("/news");
    private static final long ALL = Long.MAX_VALUE;

    private final OrderedEntries entries = new OrderedEntries();

    /** The newest entry of which readers must know that it may be missing. */
    private volatile long dropped;

    private volatile boolean done;

    private static EventId id(long number) {
        return new EventId(1, number);
    }

    private static Entry entry(long number) {
        return new Entry(id(number), NEWS, Event.of("x"));
    }

    private static List<Long> numbers(List<Entry> entries) {
        return entries.stream().map(entry -> entry.id().sequence()).toList();
    }

    private static List<Long> range(long first, long last) {
        return LongStream.rangeClosed(first, last).boxed().toList();
    }

    /** Adds the entries with these numbers, and keeps at most this many entries. */
    private void add(long first, long last, int kept) {
        for (long number = first; number <= last; number++) {
            entries.add(entry(number));
            while (entries.size() > kept) {
                dropped = entries.first().id().sequence();
                entries.removeFirst();
            }
        }
    }

    @Test
    void noEntriesHaveNoFirstAndNoLast() {
        assertNull(entries.first());
        assertNull(entries.last());
        assertNull(entries.firstAfter(EventId.FIRST));
        assertEquals(List.of(), entries.after(EventId.FIRST, ALL));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 4, 5, 100, 1_000})
    void aReadReturnsAllKeptEntriesAfterAPosition(int kept) {
        add(1, 1_000, kept);
        assertEquals(kept, entries.size());
        for (long position = 0; position <= 1_001; position++) {
            List<Long> expected = range(Math.max(position, 1_000 - kept) + 1, 1_000);
            assertEquals(expected, numbers(entries.after(id(position), ALL)));
        }
        assertEquals(1_000 - kept + 1, entries.first().id().sequence());
        assertEquals(1_000, entries.last().id().sequence());
        assertEquals(range(1_000 - kept + 1, 1_000), numbers(entries.stream().toList()));
    }

    @Test
    void entriesCanBeAddedAfterAllWereRemoved() {
        add(1, 100, 100);
        while (entries.size() > 0) {
            entries.removeFirst();
            assertEquals(entries.size(), entries.after(EventId.FIRST, ALL).size());
        }
        add(101, 110, 100);
        assertEquals(range(101, 110), numbers(entries.after(EventId.FIRST, ALL)));
    }

    @Test
    void aReadStopsAfterTheEntryThatReachesTheSize() {
        add(1, 100, 100);
        assertEquals(List.of(51L), numbers(entries.after(id(50), 1)));
        assertEquals(List.of(51L, 52L), numbers(entries.after(id(50), 2 * ReadResult.bytes(entry(51)))));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 10, 100})
    void aReaderMissesNoEntryThatWasNotDroppedBefore(int kept) throws Exception {
        add(1, kept, kept);
        var readers = new ArrayList<CompletableFuture<Void>>();
        for (int i = 0; i < 2; i++) {
            readers.add(CompletableFuture.runAsync(this::follow, task -> new Thread(task).start()));
        }
        add(kept + 1, 2_000_000, kept);
        done = true;
        for (CompletableFuture<Void> reader : readers) {
            reader.get(30, TimeUnit.SECONDS);
        }
    }

    /** Reads from the oldest entry and after a cursor until the writer is done. */
    private void follow() {
        long cursor = 0;
        while (!done) {
            assertFalse(entries.after(EventId.FIRST, ALL).isEmpty(), "at least one entry is there at any time");
            for (Entry entry : entries.after(id(cursor), ALL)) {
                long number = entry.id().sequence();
                assertTrue(number == cursor + 1 || dropped >= number - 1, cursor + ", then " + number);
                cursor = number;
            }
        }
    }
}
