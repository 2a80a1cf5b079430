package dev.crier.limit;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/** Limits the number of subscribers, in total and for each client address. Thread-safe. */
public final class SubscriberLimit {

    private final int max;
    private final int maxPerAddress;
    private final AtomicInteger count = new AtomicInteger();
    private final Map<String, Integer> countByAddress = new ConcurrentHashMap<>();
    private final LongAdder refusedByAddress = new LongAdder();

    /** Whether a subscriber was added, or which limit it would exceed. */
    public enum Result {
        ADDED,
        ALL_EXCEEDED,
        ADDRESS_EXCEEDED
    }

    SubscriberLimit(int max, int maxPerAddress) {
        this.max = max;
        this.maxPerAddress = maxPerAddress;
    }

    /** Counts a subscriber if the limits allow it. After {@code ADDED}, {@link #remove} must be called when it leaves. */
    public Result tryAdd(String address) {
        if (count.incrementAndGet() > max) {
            count.decrementAndGet();
            return Result.ALL_EXCEEDED;
        }
        if (countByAddress.merge(address, 1, Integer::sum) > maxPerAddress) {
            remove(address);
            refusedByAddress.increment();
            return Result.ADDRESS_EXCEEDED;
        }
        return Result.ADDED;
    }

    public void remove(String address) {
        count.decrementAndGet();
        countByAddress.computeIfPresent(address, (same, subscribers) -> subscribers == 1 ? null : subscribers - 1);
    }

    /** Returns the number of subscribers. */
    public int count() {
        return count.get();
    }

    /** Returns how many subscribers were refused because their address has too many. */
    public long refusedByAddress() {
        return refusedByAddress.sum();
    }

    /** Returns the number of addresses that have subscribers. */
    int addresses() {
        return countByAddress.size();
    }
}
