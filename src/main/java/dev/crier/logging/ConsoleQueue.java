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
 * Writes log lines to standard output on a thread of its own. A pipe that nobody reads, or a journal that stalls, blocks a
 * write, and must not block an event loop.
 *
 * <p>Encoded lines wait in a buffer of a mebibyte. A line that does not fit is dropped and counted, and the next successful
 * write reports the number. A quarter of the buffer is reserved for warnings and errors, and half of that for errors.
 * Logback's {@code AsyncAppender} has no such counter, and limits lines rather than bytes.
 */
final class ConsoleQueue extends UnsynchronizedAppenderBase<ILoggingEvent> {

    private static final int CAPACITY_BYTES = 1 << 20;

    private final OutputStream out;
    private final Thread writer = new Thread(this::write, "crier-console");
    private volatile Encoder<ILoggingEvent> encoder;

    // guarded by this object's monitor
    private LineBuffer waiting = new LineBuffer();
    private boolean writing;
    private boolean writerWaits;
    private long dropped;

    /** A buffer of encoded lines. */
    private static final class LineBuffer extends ByteArrayOutputStream {

        private int lines;

        void add(byte[] line) {
            writeBytes(line);
            lines++;
        }

        @Override
        public synchronized void reset() {
            super.reset();
            lines = 0;
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
            if (waiting.size() + line.length > capacityBytes(event.getLevel())) {
                dropped++;
                return;
            }
            waiting.add(line);
            if (writerWaits) {
                writerWaits = false;
                notifyAll();
            }
        }
    }

    private static int capacityBytes(Level level) {
        return switch (level.toInt()) {
            case Level.ERROR_INT -> CAPACITY_BYTES;
            case Level.WARN_INT -> CAPACITY_BYTES - CAPACITY_BYTES / 8;
            default -> CAPACITY_BYTES - CAPACITY_BYTES / 4;
        };
    }

    /** Returns the number of dropped lines. */
    synchronized long dropped() {
        return dropped;
    }

    /** Waits until all lines are written, or the timeout has passed. */
    synchronized void flush(Duration timeout) {
        long deadline = System.nanoTime() + timeout.toNanos();
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
        var buffer = new LineBuffer();
        long reported = 0;
        boolean lineIncomplete = false;
        try {
            while (true) {
                buffer = takeWaiting(buffer);
                long unreported = dropped() - reported;
                try {
                    if (lineIncomplete) {
                        // the last write has failed, and may have ended in the middle of a line
                        out.write('\n');
                    }
                    buffer.writeTo(out);
                    if (unreported > 0) {
                        out.write(encoder.encode(report(unreported)));
                    }
                    reported += unreported;
                    lineIncomplete = false;
                } catch (IOException | RuntimeException | OutOfMemoryError e) {
                    // a full disk, a closed pipe or no memory: drops these lines, and tries again with the next
                    lineIncomplete = true;
                    countDropped(buffer.lines);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Returns the waiting lines as soon as there are any. Reuses the buffer that was just written for the lines to come. */
    private synchronized LineBuffer takeWaiting(LineBuffer written) throws InterruptedException {
        writing = false;
        notifyAll();
        while (waiting.size() == 0) {
            writerWaits = true;
            wait();
        }
        LineBuffer taken = waiting;
        written.reset();
        waiting = written;
        writing = true;
        return taken;
    }

    private synchronized void countDropped(int lines) {
        dropped += lines;
    }

    private ILoggingEvent report(long lines) {
        return new LoggingEvent(
                ConsoleQueue.class.getName(),
                ((LoggerContext) getContext()).getLogger(ConsoleQueue.class),
                Level.WARN,
                "Log lines dropped, because standard output is blocked or fails: {}",
                null,
                new Object[] {lines});
    }
}
