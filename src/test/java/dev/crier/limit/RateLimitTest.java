package dev.crier.limit;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class RateLimitTest {

    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    private final AtomicLong now = new AtomicLong(-5 * SECOND);
    private final RateLimit limit = new RateLimit(SECOND, 5 * SECOND, now::get);

    @Test
    void aKeyWaitsOnlyAboveTheBurst() {
        for (int i = 0; i < 10; i++) {
            assertEquals(0, limit.tryAdd("a", SECOND / 10));
        }
        assertEquals(1, limit.tryAdd("a", SECOND / 10));
        now.addAndGet(SECOND / 10);
        assertEquals(0, limit.tryAdd("a", SECOND / 10));
        assertEquals(1, limit.tryAdd("a", SECOND / 10));
    }

    @Test
    void eachKeyHasADebtOfItsOwn() {
        assertEquals(0, limit.tryAdd("a", SECOND));
        assertEquals(1, limit.tryAdd("a", 1));
        assertEquals(0, limit.tryAdd("b", SECOND));
    }

    @Test
    void aCostLargerThanTheBurstIsAddedOnlyWithoutADebt() {
        assertEquals(0, limit.tryAdd("a", 100 * SECOND));
        assertEquals(100, limit.tryAdd("a", 100 * SECOND));
        now.addAndGet(100 * SECOND - 1);
        assertEquals(1, limit.tryAdd("a", 100 * SECOND));
        now.addAndGet(1);
        assertEquals(0, limit.tryAdd("a", 100 * SECOND));
    }

    @Test
    void aCostThatIsNotAddedDoesNotLengthenTheWait() {
        assertEquals(0, limit.tryAdd("a", 3 * SECOND));
        for (int i = 0; i < 100; i++) {
            assertEquals(3, limit.tryAdd("a", SECOND));
        }
    }

    @Test
    void aCostThatIsTakenBackMayBeAddedAgain() {
        limit.takeBack("a", SECOND);
        assertEquals(0, limit.tryAdd("a", SECOND));
        limit.takeBack("a", SECOND / 10);
        assertEquals(0, limit.tryAdd("a", SECOND / 10));
        assertEquals(1, limit.tryAdd("a", SECOND / 10));
    }

    @Test
    void theWaitIsBounded() {
        assertEquals(0, limit.waitSeconds("a"));
        limit.add("a", SECOND);
        assertEquals(0, limit.waitSeconds("a"));
        limit.add("a", 1);
        assertEquals(1, limit.waitSeconds("a"));
        for (int i = 0; i < 100; i++) {
            limit.add("a", SECOND);
        }
        assertEquals(5, limit.waitSeconds("a"));
        now.addAndGet(5 * SECOND);
        assertEquals(0, limit.waitSeconds("a"));
    }

    @Test
    void keysWithoutADebtAreDropped() {
        limit.add("a", SECOND);
        assertEquals(0, limit.tryAdd("b", 2 * SECOND));
        now.addAndGet(SECOND);
        limit.dropExpired();
        assertEquals(1, limit.keys());
        now.addAndGet(SECOND);
        limit.dropExpired();
        assertEquals(0, limit.keys());
    }
}
