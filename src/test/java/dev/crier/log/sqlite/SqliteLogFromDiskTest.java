package dev.crier.log.sqlite;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import dev.crier.event.EventId;
import dev.crier.log.store.ReadResult;
import dev.crier.log.store.Store;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The same contract with nearly nothing in memory. */
class SqliteLogFromDiskTest extends SqliteLogTest {

    @Override
    protected Store store() {
        return new SqliteStore(vertx, file(), RETENTION, 0, 10);
    }

    @Override
    protected boolean hasRecentEntries() {
        return false;
    }

    @Test
    void entriesThatAreNoLongerInMemoryAreReadFromTheDisk() throws Exception {
        EventId first = publish(NEWS, "first").get(0);
        List<String> filler =
                IntStream.range(0, 50).mapToObj(i -> i + "x".repeat(60_000)).toList();
        for (String data : filler) {
            publish(ORDERS, data);
        }
        EventId last = publish(NEWS, "last").get(0);
        assertInstanceOf(ReadResult.Elsewhere.class, log.read(NEWS, ALL, EventId.FIRST));
        assertEquals(List.of("first", "last"), readAll(NEWS));
        assertEquals(List.of("last"), read(NEWS, first));
        assertEquals(List.of(), read(NEWS, last));
        assertEquals(filler, readAll(ORDERS));
    }
}
