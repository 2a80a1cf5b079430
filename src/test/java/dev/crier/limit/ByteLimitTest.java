package dev.crier.limit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class ByteLimitTest {

    @Test
    void bytesAboveTheLimitAreNotAdded() {
        var limit = new ByteLimit(10);
        assertTrue(limit.tryAdd(10));
        assertFalse(limit.tryAdd(1));
        limit.remove(1);
        assertTrue(limit.tryAdd(1));
    }

    @Test
    void bytesThatMustBeCountedMayExceedTheLimit() {
        var limit = new ByteLimit(10);
        limit.add(10);
        assertFalse(limit.isExceeded());
        limit.add(1);
        assertTrue(limit.isExceeded());
        limit.remove(11);
        assertEquals(false, limit.isExceeded());
    }
}
