package dev.crier.limit;

import static dev.crier.limit.SubscriberLimit.Result.ADDED;
import static dev.crier.limit.SubscriberLimit.Result.ADDRESS_EXCEEDED;
import static dev.crier.limit.SubscriberLimit.Result.ALL_EXCEEDED;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Threat: a client takes the memory of all channel sets with a few subscribers of many channels. */
class ChannelNameLimitTest {

    private final ChannelNameLimit limit = new ChannelNameLimit(100);

    @Test
    void anAddressTakesItsShareAndLeavesTheRestToOthers() {
        assertEquals(ADDED, limit.tryAdd("a", 25));
        assertEquals(ADDRESS_EXCEEDED, limit.tryAdd("a", 1));
        assertEquals(ADDED, limit.tryAdd("b", 25));
        assertEquals(ADDRESS_EXCEEDED, limit.tryAdd("c", 26));
    }

    @Test
    void allAddressesTogetherAreLimited() {
        for (String address : List.of("a", "b", "c", "d")) {
            assertEquals(ADDED, limit.tryAdd(address, 25));
        }
        assertEquals(ALL_EXCEEDED, limit.tryAdd("e", 1));
        limit.remove("a", 25);
        assertEquals(ADDED, limit.tryAdd("e", 25));
    }

    @Test
    void whatIsRefusedDoesNotCount() {
        assertEquals(ADDRESS_EXCEEDED, limit.tryAdd("a", 26));
        assertEquals(0, limit.addresses());
        assertEquals(ADDED, limit.tryAdd("a", 25));
        for (String address : List.of("b", "c", "d")) {
            assertEquals(ADDED, limit.tryAdd(address, 25));
        }
        assertEquals(ALL_EXCEEDED, limit.tryAdd("e", 25));
        assertEquals(4, limit.addresses());
    }

    @Test
    void bytesAreReleasedOnce() {
        assertEquals(ADDED, limit.tryAdd("a", 10));
        assertEquals(ADDED, limit.tryAdd("a", 15));
        var reserved = new ReservedBytes(limit, "a", 10);
        reserved.release();
        reserved.release();
        assertEquals(ADDED, limit.tryAdd("a", 10));
        assertEquals(ADDRESS_EXCEEDED, limit.tryAdd("a", 1));
        limit.remove("a", 10);
        limit.remove("a", 15);
        assertEquals(0, limit.addresses(), "an address without subscribers takes no memory");
    }
}
