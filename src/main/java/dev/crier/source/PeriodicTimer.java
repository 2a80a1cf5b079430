package dev.crier.source;

/** What the clock needs of {@code Vertx}: its periodic timer. */
interface PeriodicTimer {

    /**
     * Runs the tick after the delay, and from then on once in each period.
     *
     * @param delayMillis at least 1
     * @return the timer's id, for {@link #cancel}
     */
    long set(long delayMillis, long periodMillis, Runnable tick);

    void cancel(long id);
}
