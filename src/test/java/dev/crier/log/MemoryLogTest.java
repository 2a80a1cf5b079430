package dev.crier.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import dev.crier.event.EventId;
import org.junit.jupiter.api.Test;

class MemoryLogTest extends EventLogContract {

    @Override
    protected Store store() {
        return new MemoryStore();
    }

    @Test
    void whoComesFromBeforeTheStartMayHaveMissedSomething() throws Exception {
        publish(NEWS, "a");
        assertInstanceOf(ReadResult.Gap.class, look(NEWS, new EventId(now - 1, 0)));
        assertEquals(java.util.List.of("gap", "a"), read(NEWS, EventId.FIRST));
    }
}
