package dev.crier.log.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.event.ChannelName;
import dev.crier.event.Entry;
import dev.crier.event.Event;
import dev.crier.event.EventId;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ShownIdsTest {

    private final ShownIds shown = new ShownIds();

    @BeforeEach
    void show() {
        shown.restart(new EventId(10, 3));
        add("12-0", "12-1", "12-2");
        add("12-3", "15-7");
        add("20-0");
    }

    private void add(String... ids) {
        shown.add(Stream.of(ids)
                .map(id -> new Entry(Break.id(id), new ChannelName("/news"), Event.of("")))
                .toList());
    }

    @ParameterizedTest
    @CsvSource({
        "10-3, false",
        "12-0, false",
        "12-3, false",
        "15-7, false",
        "20-0, false",
        "10-4, true",
        "11-0, true",
        "12-4, true",
        "15-6, true",
        "15-8, true",
        "19-9, true",
        "9-0, false",
        "10-2, false",
        "20-1, false",
        "21-0, false"
    })
    void anIdBetweenThoseThatWereShownIsForeign(String id, boolean foreign) {
        assertEquals(foreign, shown.isForeign(Break.id(id)));
    }

    @Test
    void afterARestartOlderIdsAreNotForeign() {
        shown.restart(new EventId(30, 0));
        assertFalse(shown.isForeign(new EventId(11, 0)));
        add("32-0");
        assertTrue(shown.isForeign(new EventId(31, 0)));
    }

    @Test
    void onlyTheLastRangesAreRemembered() {
        for (int i = 0; i < 60_000; i++) {
            add(100 + 2 * i + "-0");
        }
        assertFalse(shown.isForeign(new EventId(101, 0)));
        assertTrue(shown.isForeign(new EventId(100 + 2 * 59_999 - 1, 0)));
    }
}
