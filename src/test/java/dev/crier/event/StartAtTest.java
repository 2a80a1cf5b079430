package dev.crier.event;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Instant;
import org.junit.jupiter.api.Test;

class StartAtTest {

    @Test
    void anIdThatIsNotCriersIsUnknown() {
        var id = new EventId(1_763_800_000_000L, 7);
        assertEquals(StartAt.after(id), StartAt.after("1763800000000-7"));
        assertEquals(new StartAt.Unknown("0000-0001"), StartAt.after("0000-0001"));
    }

    @Test
    void anInstantIsThePositionBeforeItsMillisecond() {
        var start = (StartAt.From) StartAt.from(Instant.parse("2026-01-31T12:00:00Z"));
        assertEquals("2026-01-31T12:00:00Z", start.requested());
        long millis = Instant.parse("2026-01-31T12:00:00Z").toEpochMilli();
        assertEquals(EventId.before(millis), start.position());
    }
}
