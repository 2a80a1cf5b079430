package dev.crier.limit;

import static dev.crier.limit.SubscriberLimit.Result.ADDED;
import static dev.crier.limit.SubscriberLimit.Result.ADDRESS_EXCEEDED;
import static dev.crier.limit.SubscriberLimit.Result.ALL_EXCEEDED;
import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class SubscriberLimitTest {

    @Test
    void subscribersAreLimitedInAllAndForEachAddress() {
        var limit = new SubscriberLimit(3, 2);
        assertEquals(ADDED, limit.tryAdd("a"));
        assertEquals(ADDED, limit.tryAdd("a"));
        assertEquals(ADDRESS_EXCEEDED, limit.tryAdd("a"));
        assertEquals(ADDED, limit.tryAdd("b"));
        assertEquals(ALL_EXCEEDED, limit.tryAdd("c"));
    }

    @Test
    void aSubscriberThatLeavesMakesRoomForOneMore() {
        var limit = new SubscriberLimit(2, 1);
        assertEquals(ADDED, limit.tryAdd("a"));
        assertEquals(ADDED, limit.tryAdd("b"));
        limit.remove("a");
        assertEquals(ADDRESS_EXCEEDED, limit.tryAdd("b"));
        assertEquals(ADDED, limit.tryAdd("a"));
    }

    @Test
    void anAddressWithoutSubscribersIsForgotten() {
        var limit = new SubscriberLimit(1, 1);
        assertEquals(ADDED, limit.tryAdd("a"));
        assertEquals(ALL_EXCEEDED, limit.tryAdd("b"));
        limit.remove("a");
        assertEquals(0, limit.addresses());
    }
}
