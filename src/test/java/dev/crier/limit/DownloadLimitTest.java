package dev.crier.limit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class DownloadLimitTest {

    @Test
    void filesAreWantedOnlyWhileNoneIsFreeAndDownloadsWait() {
        var limit = new DownloadLimit(2);
        assertTrue(limit.tryOpen());
        limit.startWaiting();
        assertEquals(0, limit.filesWanted(), "one is free");
        assertTrue(limit.tryOpen());
        assertFalse(limit.tryOpen());
        limit.startWaiting();
        assertEquals(2, limit.filesWanted());
        limit.stopWaiting();
        assertEquals(1, limit.filesWanted());
        limit.closed();
        assertEquals(0, limit.filesWanted());
        assertTrue(limit.tryOpen());
    }
}
