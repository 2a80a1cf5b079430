package dev.crier;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.turbo.TurboFilter;
import ch.qos.logback.core.spi.FilterReply;
import dev.crier.logging.LoggingConfigurator;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.util.concurrent.TimeUnit;
import org.slf4j.LoggerFactory;
import org.slf4j.Marker;
import org.slf4j.event.LoggingEvent;

/**
 * Ends the process when its heap is exhausted, with the status of {@code -XX:+ExitOnOutOfMemoryError}, which a jar cannot
 * set for itself. Vert.x and Netty catch and log every error, so the process would go on, accept connections and never
 * answer.
 *
 * <p>Detects an {@link OutOfMemoryError} in two ways: as a filter of everything that is logged, at any level, and by a small
 * allocation twice a second, for errors that nobody logs. Also detects a heap that collections leave almost full while
 * they take most of the time for five seconds, because the error may then come late. Ignores direct memory: only the
 * connection that finds none fails, and connections that end give memory back.
 */
final class MemoryGuard extends TurboFilter {

    /** The exit status after an {@link OutOfMemoryError}. */
    static final int EXHAUSTED = 3;

    private static final int PROBE_BYTES = 64 * 1024;
    private static final int SPARE_BYTES = 256 * 1024;
    private static final long PERIOD_MILLIS = 500;

    /** Delay before the first probe, so that loading the classes for it does not slow down the start. */
    private static final long START_MILLIS = 2_000;

    /** How many periods in a row, at least five seconds, may go to collections that leave the heap almost full. */
    private static final int MAX_STUCK = 10;

    private static final org.slf4j.Logger LOG = LoggerFactory.getLogger(MemoryGuard.class);

    /** Freed before the exit, so that there is memory for the last line. */
    private byte[] spare = new byte[SPARE_BYTES];

    /** A field, because the compiler may remove an allocation that nothing can see. */
    private volatile byte[] probe;

    static void start(LoggerContext context) {
        var guard = new MemoryGuard();
        context.addTurboFilter(guard);
        Thread.setDefaultUncaughtExceptionHandler(
                (thread, failure) -> LOG.error("Unhandled exception in the thread {}", thread.getName(), failure));
        var prober = new Thread(guard::watch, "crier-memory");
        prober.setDaemon(true);
        prober.start();
    }

    private void watch() {
        try {
            TimeUnit.MILLISECONDS.sleep(START_MILLIS);
            var collectors = collectors();
            int stuck = 0;
            long collected = collectionMillis(collectors);
            long since = System.nanoTime();
            while (stuck < MAX_STUCK) {
                probe = new byte[PROBE_BYTES];
                probe = null;
                TimeUnit.MILLISECONDS.sleep(PERIOD_MILLIS);
                long all = collectionMillis(collectors);
                long now = System.nanoTime();
                // a single long pause, as when a virtual machine is migrated, counts as one period
                boolean mostly = 2 * (all - collected) > (now - since) / 1_000_000;
                stuck = mostly && isAlmostFull() ? stuck + 1 : 0;
                collected = all;
                since = now;
            }
            exit("garbage collection takes most of the time and frees little");
        } catch (OutOfMemoryError e) {
            exit(e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Returns the collectors that stop all threads, without ZGC's cycles, which run concurrently. */
    private static GarbageCollectorMXBean[] collectors() {
        return ManagementFactory.getGarbageCollectorMXBeans().stream()
                .filter(collector -> !collector.getName().contains("Cycles"))
                .toArray(GarbageCollectorMXBean[]::new);
    }

    private static long collectionMillis(GarbageCollectorMXBean[] collectors) {
        long millis = 0;
        for (var collector : collectors) {
            millis += collector.getCollectionTime();
        }
        return millis;
    }

    /** Returns whether the heap was almost full after the last collection. A healthy heap is almost full just before one. */
    private static boolean isAlmostFull() {
        long used = 0;
        for (MemoryPoolMXBean pool : ManagementFactory.getMemoryPoolMXBeans()) {
            if (pool.getType() == MemoryType.HEAP && pool.getCollectionUsage() != null) {
                used += pool.getCollectionUsage().getUsed();
            }
        }
        return used > Runtime.getRuntime().maxMemory() / 10 * 9;
    }

    @Override
    public FilterReply decide(
            Marker marker, Logger logger, Level level, String format, Object[] arguments, Throwable failure) {
        if (failure != null) {
            check(failure);
        } else if (arguments != null
                && arguments.length > 0
                && arguments[arguments.length - 1] instanceof Throwable last) {
            check(last);
        }
        return FilterReply.NEUTRAL;
    }

    @Override
    public FilterReply decide(Logger logger, LoggingEvent event) {
        if (event.getThrowable() != null) {
            check(event.getThrowable());
        }
        return FilterReply.NEUTRAL;
    }

    private void check(Throwable failure) {
        Throwable cause = failure;
        for (int depth = 0; cause != null && depth < 16; depth++) {
            if (isExhaustion(cause)) {
                exit(cause.getMessage());
            }
            cause = cause.getCause();
        }
    }

    /**
     * Returns whether the heap is exhausted. Netty's error for direct memory is a subclass. The virtual machine's errors for
     * direct memory, and for threads, which other processes may have used up, have their own messages.
     */
    static boolean isExhaustion(Throwable failure) {
        String message = String.valueOf(failure.getMessage());
        return failure.getClass() == OutOfMemoryError.class
                && !message.contains("direct buffer memory")
                && !message.contains("native thread");
    }

    /** Skips the shutdown hooks, because they need memory. The store has the same entries whether it is closed or killed. */
    private void exit(String reason) {
        try {
            spare = null;
            LOG.error(
                    "Crier exits with status {}, because the virtual machine is out of memory: {}", EXHAUSTED, reason);
            LoggingConfigurator.flush();
        } catch (Throwable e) {
            // there is no memory even for the line
        } finally {
            Runtime.getRuntime().halt(EXHAUSTED);
        }
    }
}
