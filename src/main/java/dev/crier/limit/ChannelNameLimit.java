package dev.crier.limit;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Limits the heap that the names in the channel sets of all subscribers take, in total and for each client address. Thread-safe.
 */
public final class ChannelNameLimit {

    /** One address may take the total divided by this, because a few subscribers with many names could take all of it. */
    static final int ADDRESS_DIVISOR = 4;

    private final ByteLimit all;
    private final long maxPerAddress;
    private final Map<String, Long> bytesByAddress = new ConcurrentHashMap<>();

    ChannelNameLimit(long max) {
        all = new ByteLimit(max);
        maxPerAddress = max / ADDRESS_DIVISOR;
    }

    /** Counts the bytes if the limits allow them. After {@code ADDED}, they count until {@link ReservedBytes#release}. */
    public SubscriberLimit.Result tryAdd(String address, int bytes) {
        // the address first, so that one that sends many requests above its share does not count for the total
        // meanwhile
        if (bytesByAddress.merge(address, (long) bytes, Long::sum) > maxPerAddress) {
            removeFrom(address, bytes);
            return SubscriberLimit.Result.ADDRESS_EXCEEDED;
        }
        if (!all.tryAdd(bytes)) {
            removeFrom(address, bytes);
            return SubscriberLimit.Result.ALL_EXCEEDED;
        }
        return SubscriberLimit.Result.ADDED;
    }

    void remove(String address, int bytes) {
        all.remove(bytes);
        removeFrom(address, bytes);
    }

    private void removeFrom(String address, int bytes) {
        bytesByAddress.computeIfPresent(address, (same, counted) -> counted == bytes ? null : counted - bytes);
    }

    /** Returns the number of addresses whose subscribers have channel sets. */
    int addresses() {
        return bytesByAddress.size();
    }
}
