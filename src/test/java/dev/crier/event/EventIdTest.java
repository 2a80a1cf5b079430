package dev.crier.event;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EventIdTest {

    @ParameterizedTest
    @ValueSource(strings = {"0-0", "1-2", "1763800000000-0", "999999999999999-999999999999999"})
    void anIdIsParsedAsItIsWritten(String text) {
        assertEquals(Optional.of(text), EventId.parse(text).map(EventId::toString));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "1", "1-", "-1", "1-2-3", "01-0", "1-00", "+1-0", "1-0 ", "1000000000000000-0", "x-0"})
    void otherTextsAreNotIds(String text) {
        assertEquals(Optional.empty(), EventId.parse(text));
    }

    @ParameterizedTest
    @CsvSource({"5, 5-0", "4, 4-8", "3, 4-8"})
    void theNextIdComesAfterThisOneWhateverTheClock(long nowMillis, String expected) {
        assertEquals(expected, new EventId(4, 7).next(nowMillis).toString());
    }

    @Test
    void idsAreOrderedByMillisecondsThenSequence() {
        var ids = List.of(new EventId(1, 9), new EventId(2, 0), new EventId(2, 1));
        assertEquals(ids, ids.stream().sorted().toList());
        assertTrue(ids.get(0).isBefore(ids.get(1)));
        assertEquals(ids.get(2), EventId.later(ids.get(2), ids.get(1)));
    }

    @Test
    void thePositionBeforeAMillisecondIsBeforeItsFirstEntry() {
        EventId before = EventId.before(5);
        assertTrue(before.isBefore(new EventId(5, 0)));
        assertTrue(new EventId(4, 1_000_000).isBefore(before));
        assertEquals(EventId.FIRST, EventId.before(0));
    }

    @Test
    void aNegativeOrOverlongNumberIsRejected() {
        assertThrows(IllegalArgumentException.class, () -> new EventId(-1, 0));
        assertThrows(IllegalArgumentException.class, () -> new EventId(0, 1_000_000_000_000_000L));
    }
}
