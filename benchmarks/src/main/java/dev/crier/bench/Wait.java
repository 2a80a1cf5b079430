package dev.crier.bench;

import java.time.Duration;
import java.util.function.BooleanSupplier;

/** Waiting, within bounds. */
final class Wait {

    private static final Duration LONGEST = Duration.ofSeconds(120);

    private Wait() {}

    static void until(String what, BooleanSupplier done) {
        long end = System.nanoTime() + LONGEST.toNanos();
        while (!done.getAsBoolean()) {
            if (System.nanoTime() > end) {
                throw new IllegalStateException("not within " + LONGEST.toSeconds() + " s: " + what);
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
