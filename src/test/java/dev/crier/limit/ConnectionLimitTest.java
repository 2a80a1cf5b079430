package dev.crier.limit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;
import org.junit.jupiter.api.Test;

class ConnectionLimitTest {

    private final ConnectionLimit limit = new ConnectionLimit(2, 3);

    private void open(int connections) {
        for (int i = 0; i < connections; i++) {
            limit.opened();
        }
    }

    @Test
    void theLimitIsExceededBeforeAcceptingStops() {
        open(2);
        assertFalse(limit.isExceeded());
        open(1);
        assertTrue(limit.isExceeded());
        assertFalse(limit.isFull());
        open(2);
        assertTrue(limit.isFull());
        limit.closed();
        assertFalse(limit.isFull());
    }

    @Test
    void anotherEventLoopThanTheAskingOneMakesRoom() {
        var asked = new ArrayList<String>();
        IntPredicate asking = connections -> asked.add("asking");
        IntPredicate empty = connections -> !asked.add("empty " + connections);
        IntPredicate idle = connections -> asked.add("idle " + connections);
        List.of(asking, empty, idle).forEach(limit::register);
        assertEquals(3, limit.eventLoops());
        assertTrue(limit.makeRoomElsewhere(asking));
        assertEquals(List.of("empty 1", "idle 1"), asked);
        limit.unregister(idle);
        assertFalse(limit.makeRoomElsewhere(asking));
    }

    @Test
    void theGateAsksForAllConnectionsBeyondTheLimit() {
        var asked = new ArrayList<Integer>();
        limit.register(asked::add);
        limit.makeRoom();
        assertEquals(List.of(3), asked);
    }

    @Test
    void withoutEventLoopsNothingIsDividedByZero() {
        assertEquals(1, limit.eventLoops());
        assertFalse(limit.makeRoomElsewhere(connections -> true));
    }
}
