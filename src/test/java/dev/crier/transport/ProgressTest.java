package dev.crier.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class ProgressTest {

    private static final long NOTHING_WAITS = Progress.NOTHING_WAITS;

    private final Progress progress = new Progress();

    /** Passes rows of a mark, the time, and the expected time without progress. */
    private void assertStalled(long minChange, long[]... rows) {
        for (long[] row : rows) {
            assertEquals(row[2], progress.stalledNanos(row[0], minChange, row[1]), "at " + row[1]);
        }
    }

    @Test
    void aMarkThatStaysTheSameIsAStall() {
        assertStalled(1, new long[][] {{7, 10, 0}, {7, 15, 5}, {7, 40, 30}});
    }

    @Test
    void anyChangeOfAMarkIsProgress() {
        assertStalled(1, new long[][] {{7, 10, 0}, {8, 15, 0}, {8, 20, 5}, {6, 25, 0}, {6, 26, 1}});
    }

    @Test
    void smallChangesAreProgressOnceTheyAddUp() {
        assertStalled(100, new long[][] {{0, 0, 0}, {60, 10, 10}, {99, 20, 20}, {100, 30, 0}, {199, 40, 10}});
    }

    @Test
    void theTimeWhileNothingWaitsIsNoStall() {
        assertStalled(
                1, new long[][] {{7, 0, 0}, {NOTHING_WAITS, 10, 0}, {NOTHING_WAITS, 50, 0}, {7, 60, 0}, {7, 65, 5}});
    }

    @Test
    void theTimeBeforeAResetIsNoStall() {
        assertStalled(1, new long[][] {{7, 0, 0}, {7, 50, 50}});
        progress.reset();
        assertStalled(1, new long[][] {{7, 100, 0}, {7, 101, 1}});
    }

    @Test
    void timeMayBeNegative() {
        assertStalled(1, new long[][] {{7, -100, 0}, {7, -50, 50}, {7, 50, 150}});
    }
}
