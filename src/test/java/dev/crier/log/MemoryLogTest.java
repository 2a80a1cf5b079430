package dev.crier.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import dev.crier.event.EventId;
import dev.crier.log.store.MemoryStore;
import dev.crier.log.store.ReadResult;
import dev.crier.log.store.Store;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The contract on the store in memory. */
class MemoryLogTest extends EventLogContract {

    @Override
    protected Store store() {
        return new MemoryStore();
    }

    @Test
    void aPositionFromBeforeTheStartIsAGap() throws Exception {
        publish(NEWS, "a");
        assertInstanceOf(ReadResult.Gap.class, readOnce(NEWS, new EventId(now - 1, 0)));
        assertEquals(List.of("gap", "a"), read(NEWS, EventId.FIRST));
    }
}
