package dev.crier.bench.load;

import java.time.Duration;
import java.util.function.BooleanSupplier;

/** Waits for a condition or for a time. */
public final class Wait {

    private static final Duration TIMEOUT = Duration.ofSeconds(120);

    private Wait() {}

    /**
     * Waits until the condition holds.
     *
     * @throws IllegalStateException after two minutes
     */
    public static void until(String description, BooleanSupplier condition) {
        long end = System.nanoTime() + TIMEOUT.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > end) {
                throw new IllegalStateException("not within " + TIMEOUT.toSeconds() + " s: " + description);
            }
            forMillis(5);
        }
    }

    static void forSeconds(double seconds) {
        forMillis(Math.round(seconds * 1000));
    }

    private static void forMillis(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
