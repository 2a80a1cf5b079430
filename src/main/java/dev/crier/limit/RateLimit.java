package dev.crier.limit;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Limits how often something may happen, for each key apart (the generic cell rate algorithm). Each use costs time. The costs
 * of a key add up to a debt, which shrinks as time passes. A debt up to the burst causes no wait. Thread-safe.
 */
final class RateLimit {

    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    private final long burst;
    private final long maxDebt;
    private final LongSupplier nowNanos;

    /** For each key, the time when its debt will be zero. */
    private final Map<String, Long> zeroAt = new ConcurrentHashMap<>();

    /**
     * @param burst the debt in nanoseconds that a key may have without waiting
     * @param maxWait the longest wait in nanoseconds that {@link #add} leads to
     * @param nowNanos a clock that never goes back
     */
    RateLimit(long burst, long maxWait, LongSupplier nowNanos) {
        this.burst = burst;
        this.maxDebt = burst + maxWait;
        this.nowNanos = nowNanos;
    }

    /**
     * Adds the cost to the key's debt if the sum is within the burst. A cost larger than the burst is added when there is no
     * debt, because it could never be added otherwise.
     *
     * @return seconds after which to try again; 0 if the cost was added
     */
    int tryAdd(String key, long cost) {
        long now = nowNanos.getAsLong();
        long[] wait = {0};
        zeroAt.compute(key, (same, zero) -> {
            long debt = zero == null ? 0 : Math.max(0, zero - now);
            wait[0] = Math.min(debt, debt + cost - burst);
            return wait[0] > 0 ? zero : Long.valueOf(now + debt + cost);
        });
        return seconds(wait[0]);
    }

    /** Takes back a cost that was added. */
    void takeBack(String key, long cost) {
        zeroAt.computeIfPresent(key, (same, zero) -> zero - cost);
    }

    /** Adds the cost to the key's debt, up to the largest debt. */
    void add(String key, long cost) {
        long now = nowNanos.getAsLong();
        zeroAt.merge(key, now + cost, (zero, first) -> Math.min(now + maxDebt, Math.max(zero, now) + cost));
    }

    /** Returns the seconds until the key's debt is within the burst; 0 if it is. */
    int waitSeconds(String key) {
        Long zero = zeroAt.get(key);
        return zero == null ? 0 : seconds(zero - nowNanos.getAsLong() - burst);
    }

    /** Drops the keys that have no debt. */
    void dropExpired() {
        long now = nowNanos.getAsLong();
        zeroAt.values().removeIf(zero -> zero <= now);
    }

    /** Returns the number of keys that have a debt. */
    int keys() {
        return zeroAt.size();
    }

    private static int seconds(long nanos) {
        return nanos > 0 ? (int) ((nanos + SECOND - 1) / SECOND) : 0;
    }
}
