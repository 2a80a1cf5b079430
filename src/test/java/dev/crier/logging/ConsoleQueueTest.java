package dev.crier.logging;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import dev.crier.testing.Eventually;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Output that nobody reads, or a full disk, must neither stop Crier nor hide that lines are missing. */
@Timeout(60)
class ConsoleQueueTest {

    /** Three times the capacity of the queue: a line has about 150 bytes. */
    private static final int LINES = 20_000;

    private final LoggerContext context = new LoggerContext();
    private final Logger logger = context.getLogger("a.logger");
    private final CountDownLatch open = new CountDownLatch(1);
    private final AtomicInteger failures = new AtomicInteger();
    private final ByteArrayOutputStream written = new ByteArrayOutputStream();

    private final OutputStream out = new OutputStream() {
        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            try {
                open.await();
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
            if (failures.getAndDecrement() > 0) {
                written.write(bytes, offset, length / 2);
                throw new IOException("No space left on device");
            }
            written.write(bytes, offset, length);
        }
    };

    private ConsoleQueue start() {
        new LoggingConfigurator().configure(context);
        return LoggingConfigurator.startQueue(context, out);
    }

    /** Ends the writer's thread. */
    @AfterEach
    void unblock() {
        open.countDown();
        context.stop();
    }

    private List<String> messages() {
        return written.toString(StandardCharsets.UTF_8)
                .lines()
                .map(line -> line.replaceFirst("^\\S+ ", ""))
                .toList();
    }

    private static String line(int number) {
        return "line " + number + " " + "x".repeat(100);
    }

    @Test
    void linesThatDoNotFitAreDroppedAndCountedAndTheRestIsWrittenInOrder() throws Exception {
        ConsoleQueue queue = start();
        IntStream.range(0, LINES).forEach(i -> logger.info(line(i)));
        long dropped = queue.dropped();
        assertTrue(dropped > 0);
        open.countDown();
        String report = "WARN  Log lines dropped, because standard output is blocked or fails: " + dropped;
        Eventually.until("the report", () -> messages().contains(report));
        List<String> messages = messages();
        assertEquals(LINES - dropped, messages.size() - 1);
        for (int i = 0; i < messages.size() - 1; i++) {
            assertEquals("INFO  " + line(i), messages.get(i));
        }
        logger.info("later");
        Eventually.until("the next line", () -> messages().contains("INFO  later"));
        assertEquals(messages.size() + 1, messages().size());
    }

    @Test
    void aFullQueueStillAcceptsWarningsAndThenErrors() throws Exception {
        ConsoleQueue queue = start();
        IntStream.range(0, LINES).forEach(i -> logger.info(line(i)));
        long infos = queue.dropped();
        logger.warn("a warning");
        assertEquals(infos, queue.dropped());
        IntStream.range(0, LINES).forEach(i -> logger.warn(line(i)));
        long warnings = queue.dropped();
        assertTrue(warnings > infos);
        logger.error("an error");
        assertEquals(warnings, queue.dropped());
        open.countDown();
        Eventually.until("the error", () -> messages().contains("ERROR an error"));
        assertTrue(messages().contains("WARN  a warning"));
    }

    @Test
    void linesThatCannotBeWrittenAreCountedAndLaterLinesAreWritten() throws Exception {
        ConsoleQueue queue = start();
        failures.set(1);
        open.countDown();
        logger.info("lost");
        Eventually.until("the loss is counted", () -> queue.dropped() == 1);
        logger.info("written");
        Eventually.until("the next line is written", () -> messages().contains("INFO  written"));
        Eventually.until(
                "the report",
                () -> messages().contains("WARN  Log lines dropped, because standard output is blocked or fails: 1"));
    }

    @Test
    void flushWaitsForOutputThatFlowsButNotForBlockedOutput() {
        ConsoleQueue queue = start();
        logger.info("a line");
        queue.flush(Duration.ofMillis(10));
        assertEquals(List.of(), messages());
        open.countDown();
        queue.flush(Duration.ofSeconds(30));
        assertEquals(List.of("INFO  a line"), messages());
    }
}
