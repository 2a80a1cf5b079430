package dev.crier.logging;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.core.UnsynchronizedAppenderBase;
import ch.qos.logback.core.encoder.Encoder;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;

/**
 * Writes log lines on a thread of its own, because a pipe that nobody reads, or a journal that stalls, blocks a write. It
 * must not block an event loop.
 *
 * <p>Encoded lines wait in memory. A line that does not fit is dropped and counted; as soon as output flows again, a line
 * gives the number. A quarter of the room is kept for warnings and errors, and half of that for errors. Logback's
 * {@code AsyncAppender} keeps no count, and bounds lines rather than bytes.
 */
final class ConsoleQueue extends UnsynchronizedAppenderBase<ILoggingEvent> {

    static final int CAPACITY = 1 << 20;

    private final OutputStream out;
    private final Thread writer = new Thread(this::write, "crier-console");
    private volatile Encoder<ILoggingEvent> encoder;

    // guarded by this object's monitor
    private Lines waiting = new Lines();
    private boolean writing;
    private boolean idle;
    private long dropped;

    /** Encoded lines, and their number. */
    private static final class Lines extends ByteArrayOutputStream {

        private int number;

        void add(byte[] line) {
            writeBytes(line);
            number++;
        }

        @Override
        public synchronized void reset() {
            super.reset();
            number = 0;
        }
    }

    ConsoleQueue(OutputStream out) {
        this.out = out;
    }

    void setEncoder(Encoder<ILoggingEvent> encoder) {
        this.encoder = encoder;
    }

    @Override
    public void start() {
        super.start();
        writer.setDaemon(true);
        writer.start();
    }

    @Override
    public void stop() {
        super.stop();
        writer.interrupt();
    }

    @Override
    protected void append(ILoggingEvent event) {
        byte[] line = encoder.encode(event);
        synchronized (this) {
            if (waiting.size() + line.length > room(event.getLevel())) {
                dropped++;
                return;
            }
            waiting.add(line);
            if (idle) {
                idle = false;
                notifyAll();
            }
        }
    }

    private static int room(Level level) {
        return switch (level.toInt()) {
            case Level.ERROR_INT -> CAPACITY;
            case Level.WARN_INT -> CAPACITY - CAPACITY / 8;
            default -> CAPACITY - CAPACITY / 4;
        };
    }

    /** The number of lines that were dropped. */
    synchronized long dropped() {
        return dropped;
    }

    /** Waits until all lines are written, or the time is over. */
    synchronized void flush(Duration atMost) {
        long deadline = System.nanoTime() + atMost.toNanos();
        try {
            while (writing || waiting.size() > 0) {
                long millis = (deadline - System.nanoTime()) / 1_000_000;
                if (millis <= 0) {
                    return;
                }
                wait(millis);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void write() {
        var lines = new Lines();
        long reported = 0;
        boolean torn = false;
        try {
            while (true) {
                lines = take(lines);
                long lost = dropped() - reported;
                try {
                    if (torn) {
                        // the write that failed may have left half a line
                        out.write('\n');
                    }
                    lines.writeTo(out);
                    if (lost > 0) {
                        out.write(encoder.encode(report(lost)));
                    }
                    reported += lost;
                    torn = false;
                } catch (IOException | RuntimeException | OutOfMemoryError e) {
                    // a full disk, a closed pipe or no memory; the next lines try again
                    torn = true;
                    drop(lines.number);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Takes the waiting lines, and leaves an empty buffer in their place. */
    private synchronized Lines take(Lines written) throws InterruptedException {
        writing = false;
        notifyAll();
        while (waiting.size() == 0) {
            idle = true;
            wait();
        }
        Lines taken = waiting;
        written.reset();
        waiting = written;
        writing = true;
        return taken;
    }

    private synchronized void drop(int lines) {
        dropped += lines;
    }

    private ILoggingEvent report(long lost) {
        return new LoggingEvent(
                ConsoleQueue.class.getName(),
                ((LoggerContext) getContext()).getLogger(ConsoleQueue.class),
                Level.WARN,
                "Log lines dropped, because standard output did not take them: {}",
                null,
                new Object[] {lost});
    }
}
