package dev.crier.fanout;

import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** State that the subscribers of one event loop share: the clock, the timeouts, and the failures that were logged. */
final class LoopState {

    private static final Logger LOG = LoggerFactory.getLogger(LoopState.class);

    private final StreamTimeouts timeouts;
    private final LongSupplier nowMillis;
    private final BooleanSupplier readingPaused;
    private boolean readFailureLogged;
    private boolean writeFailureLogged;

    LoopState(StreamTimeouts timeouts, LongSupplier nowMillis, BooleanSupplier readingPaused) {
        this.timeouts = timeouts;
        this.nowMillis = nowMillis;
        this.readingPaused = readingPaused;
    }

    long now() {
        return nowMillis.getAsLong();
    }

    Duration retry() {
        return timeouts.retry();
    }

    /** Returns whether nothing may be read for any subscriber, because too many bytes wait in all connections together. */
    boolean isReadingPaused() {
        return readingPaused.getAsBoolean();
    }

    /** Returns whether the stream needs a heartbeat now, because the next check would be too late for it. */
    boolean needsHeartbeat(long lastWriteAt) {
        return now() - lastWriteAt > timeouts.heartbeat().toMillis() - timeouts.checkMillis();
    }

    boolean isStalled(long since) {
        return now() - since > timeouts.stall().toMillis();
    }

    /**
     * Logs a failed read once, until a read succeeds. Each subscriber repeats its read at every check, and refused subscribers
     * reconnect all the time.
     */
    void readFailed(String channel, Throwable failure) {
        if (!readFailureLogged) {
            readFailureLogged = true;
            LOG.error("{}: stored events cannot be read: {}", channel, failure.getMessage(), stackTraceOf(failure));
        }
    }

    void readSucceeded() {
        readFailureLogged = false;
    }

    /** Logs a failed write once between two checks, because thousands of streams may fail together. */
    void writeFailed(String channel, Throwable failure) {
        if (!writeFailureLogged) {
            writeFailureLogged = true;
            LOG.error(
                    "{}: a stream was ended because a write to it failed: {}",
                    channel,
                    failure.toString(),
                    stackTraceOf(failure));
        }
    }

    void checkBegins() {
        writeFailureLogged = false;
    }

    /** Returns the failure if it is an error of the virtual machine, which is logged with its stack trace. */
    private static Throwable stackTraceOf(Throwable failure) {
        return failure instanceof Error ? failure : null;
    }
}
