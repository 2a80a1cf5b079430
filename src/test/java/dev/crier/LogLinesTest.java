package dev.crier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.OffsetDateTime;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;

class LogLinesTest {

    private final LoggerContext context = new LoggerContext();

    private String line(Level level, String message, Throwable failure) {
        new LogLines().configure(context);
        var root = context.getLogger(Logger.ROOT_LOGGER_NAME);
        var console =
                (ConsoleAppender<ILoggingEvent>) root.iteratorForAppenders().next();
        var event = new LoggingEvent("", root, level, message, failure, new Object[] {"a value"});
        event.setInstant(Instant.parse("2026-02-03T04:05:06.700Z"));
        return new String(console.getEncoder().encode(event), StandardCharsets.UTF_8);
    }

    @Test
    void aLineHasTheTimeWithMillisecondsTheLevelAndTheMessage() {
        String[] line = line(Level.INFO, "it has {}", null).split(" ", 2);
        assertEquals(
                Instant.parse("2026-02-03T04:05:06.700Z"),
                OffsetDateTime.parse(line[0]).toInstant());
        assertTrue(line[0].startsWith("2026-02-0"));
        assertTrue(line[0].contains(":06.700"));
        assertEquals("INFO  it has a value" + System.lineSeparator(), line[1]);
    }

    @Test
    void levelsTakeTheSameRoom() {
        assertTrue(line(Level.ERROR, "one", null).contains(" ERROR one"));
        assertTrue(line(Level.WARN, "one", null).contains(" WARN  one"));
    }

    @Test
    void aFailureOfOursComesWithItsStackTrace() {
        String line = line(Level.ERROR, "it failed", new IllegalStateException("because"));
        assertTrue(line.contains(" it failed" + System.lineSeparator() + "java.lang.IllegalStateException: because"));
        assertTrue(line.contains("\tat " + getClass().getName()));
    }
}
