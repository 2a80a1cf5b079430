package dev.crier.log;

import io.vertx.core.Future;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Records whether the store can append, judging by its last append and its last probe. Logs a failure and its end. Only the
 * log's context uses this class, except for {@link #isGood}.
 */
final class StoreHealth {

    /**
     * The longest pause, in calls of {@link EventLog#trim}, before the next probe of a store that only seems to recover. Short,
     * because the log must be ready within five seconds after the cause has gone, even if no one publishes.
     */
    static final int MAX_PAUSE = 4;

    private static final Logger LOG = LoggerFactory.getLogger(EventLog.class);

    private final LongSupplier nowMillis;
    private volatile boolean failing;

    /** The current failure, or the last one. */
    private volatile StoreFailure newest = new StoreFailure(0, "");

    /** The last cause that was logged, because the same cause may come back every second. */
    private String cause = "";

    /** Whether a probe has succeeded and nothing has been appended since. */
    private boolean unproven;

    /** How many calls of {@link EventLog#trim} a probe waits; 0 unless an append has failed after a successful probe. */
    private int pause;

    private int pauseLeft;
    private boolean retrying;
    private boolean closed;

    /** @param nowMillis the wall clock */
    StoreHealth(LongSupplier nowMillis) {
        this.nowMillis = nowMillis;
    }

    /** Returns why the store cannot append, or nothing if it can. Thread-safe. */
    Optional<StoreFailure> failure() {
        return failing ? Optional.of(newest) : Optional.empty();
    }

    /** Returns whether the store took the last batch or the last probe. Thread-safe. */
    boolean isGood() {
        return !failing;
    }

    /** Tries a failing store again, unless a try is running or the pause before it is not over. */
    void retry(Supplier<Future<Void>> attempt) {
        if (!failing || retrying) {
            return;
        }
        if (pauseLeft > 0) {
            pauseLeft--;
            return;
        }
        retrying = true;
        attempt.get().onComplete(done -> retrying = false);
    }

    /**
     * Notes that a probe has succeeded. An append needs more room and other pages of the file than a probe, and may fail
     * nevertheless. If one has, only the next successful append is logged as the end of the failure.
     */
    void probed() {
        if (failing) {
            failing = false;
            unproven = true;
            if (pause == 0) {
                LOG.info("The log stores again");
            }
        }
    }

    /** Notes that an append has succeeded. */
    void appended() {
        if (failing || pause > 0) {
            LOG.info("The log stores again");
        }
        failing = false;
        unproven = false;
        pause = 0;
        cause = "";
    }

    /**
     * Records that an append, a probe, or opening the store has failed. Logs each cause once, and again if a message in between
     * said that the log stores again.
     */
    void failed(Throwable failure, boolean readable) {
        newest = new StoreFailure(
                failing ? newest.sinceMillis() : nowMillis.getAsLong(), String.valueOf(failure.getMessage()));
        failing = true;
        boolean contradicted = unproven && pause == 0;
        if (unproven) {
            unproven = false;
            pause = Math.min(MAX_PAUSE, 2 * pause + 1);
            pauseLeft = pause;
        }
        if ((contradicted || !cause.equals(failure.getMessage())) && !closed) {
            cause = String.valueOf(failure.getMessage());
            LOG.error(
                    readable
                            ? "The log cannot store, and publishing is refused until it can: {}"
                            : "The log cannot be read, and subscribers and publishers are refused until it can: {}",
                    cause);
        }
    }

    /**
     * Records that the store has reported a failure by itself, such as a lost connection. That does not contradict the last
     * probe. So a new failure is logged even if its cause is the same as before, and the next probe needs no pause.
     */
    void reported(Throwable failure) {
        if (!failing) {
            unproven = false;
            pause = 0;
            cause = "";
        }
        failed(failure, true);
    }

    /** Stops logging failures, which are expected once the store is closed. */
    void close() {
        closed = true;
    }
}
