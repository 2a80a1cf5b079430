package dev.crier.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.event.ChannelName;
import dev.crier.event.Entry;
import dev.crier.event.Event;
import dev.crier.event.EventId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class RecentOrderTest {

    private static final int SIZE = 1 << 14;

    private final RecentOrder order = new RecentOrder(id(0));

    private static EventId id(long number) {
        return new EventId(1_000 + number, 0);
    }

    /** Adds an entry of the channel with the same number. */
    private void add(long number) {
        var channel = new ChannelName("/" + number % 10);
        order.add(List.of(new Entry(id(number), channel, Event.of("x"), 0)), name -> name);
    }

    private void addThrough(long last) {
        for (long number = 1; number <= last; number++) {
            add(number);
        }
    }

    /** Returns the channels, or nothing if the order does not know them. */
    private Optional<String> collect(long after, long through, long maxEntries) {
        var channels = new ArrayList<ChannelName>();
        return order.collect(id(after), id(through), maxEntries, name -> true, channels)
                ? Optional.of(channels.stream().map(ChannelName::path).reduce("", String::concat))
                : Optional.empty();
    }

    private Optional<String> collect(long after, long through) {
        return collect(after, through, Long.MAX_VALUE);
    }

    @Test
    void theChannelsBetweenTwoPositionsAreKnown() {
        addThrough(5);
        assertEquals(Optional.of("/1/2/3/4/5"), collect(0, 5));
        assertEquals(Optional.of("/3/4"), collect(2, 4));
        assertEquals(Optional.of(""), collect(5, 5));
        assertEquals(Optional.of(""), collect(7, 9));
    }

    @Test
    void onlyWantedChannelsAreCollected() {
        addThrough(5);
        var channels = new ArrayList<ChannelName>();
        assertTrue(order.collect(id(0), id(5), 10, name -> name.path().equals("/4"), channels));
        assertEquals(List.of(new ChannelName("/4")), channels);
    }

    @Test
    void nothingIsKnownBeforeTheBeginning() {
        addThrough(5);
        assertEquals(Optional.empty(), collect(-1, 5));
    }

    @Test
    void aRestartForgetsEverythingBeforeIt() {
        addThrough(5);
        order.restart(id(8));
        assertEquals(Optional.empty(), collect(5, 9));
        add(9);
        assertEquals(Optional.of("/9"), collect(8, 9));
    }

    @Test
    void theOldestEntriesAreOverwritten() {
        addThrough(SIZE + 10);
        assertEquals(Optional.empty(), collect(9, SIZE + 10));
        assertEquals(Optional.empty(), collect(10, SIZE + 10), "whether an entry came between is unknown");
        assertTrue(collect(11, SIZE + 10).isPresent());
    }

    @Test
    void moreEntriesThanTheCallerWantsToSkipAreNotCollected() {
        addThrough(5);
        assertEquals(Optional.empty(), collect(0, 5, 4));
        assertEquals(Optional.of("/2/3/4/5"), collect(1, 5, 4));
    }

    @Test
    void aConcurrentReaderNeverMissesAnEntry() throws Exception {
        var done = new AtomicBoolean();
        var wrong = new ArrayList<String>();
        var reader = new Thread(() -> {
            long known = 0;
            while (!done.get() || known == 0) {
                for (long after = 0; after < 200_000; after += 997) {
                    var channels = new ArrayList<ChannelName>();
                    if (order.collect(id(after), id(after + 10), Long.MAX_VALUE, name -> true, channels)
                            && !channels.isEmpty()) {
                        known++;
                        for (int i = 0; i < channels.size(); i++) {
                            if (!channels.get(i).path().equals("/" + (after + 1 + i) % 10)) {
                                wrong.add("after " + after + ": " + channels);
                            }
                        }
                    }
                }
            }
        });
        reader.start();
        addThrough(200_000);
        done.set(true);
        reader.join();
        assertEquals(List.of(), wrong);
        assertFalse(collect(0, 10).isPresent());
    }
}
