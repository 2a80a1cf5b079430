package dev.crier.logging;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import dev.crier.config.ConsoleConf;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.event.KeyValuePair;

/** Log lines as text and as JSON, at each level. */
class LoggingConfiguratorTest {

    private static final String END = System.lineSeparator();

    private final LoggerContext context = new LoggerContext();

    @BeforeEach
    void configure() {
        new LoggingConfigurator().configure(context);
    }

    private void apply(String key, String value) {
        LoggingConfigurator.apply(
                ConsoleConf.readLeniently(new JsonObject().put("console", new JsonObject().put(key, value))), context);
    }

    private LoggingEvent event(Level level, String message, Throwable failure) {
        var event =
                new LoggingEvent("", context.getLogger("a.logger"), level, message, failure, new Object[] {"a value"});
        event.setInstant(Instant.parse("2026-02-03T04:05:06.700Z"));
        return event;
    }

    private String line(ILoggingEvent event) {
        var root = context.getLogger(Logger.ROOT_LOGGER_NAME);
        var console =
                (ConsoleAppender<ILoggingEvent>) root.iteratorForAppenders().next();
        return new String(console.getEncoder().encode(event), StandardCharsets.UTF_8);
    }

    private String line(Level level, String message, Throwable failure) {
        return line(event(level, message, failure));
    }

    private String line(String key, Object value) {
        var event = event(Level.INFO, "it", null);
        event.setKeyValuePairs(List.of(new KeyValuePair("first", 1), new KeyValuePair(key, value)));
        return line(event).replaceFirst("^\\S+ INFO  ", "");
    }

    @Test
    void aLineHasTheTimeWithMillisecondsTheLevelAndTheMessage() {
        String[] line = line(Level.INFO, "it has {}", null).split(" ", 2);
        assertEquals(
                Instant.parse("2026-02-03T04:05:06.700Z"),
                OffsetDateTime.parse(line[0]).toInstant());
        assertTrue(line[0].startsWith("2026-02-0"));
        assertTrue(line[0].contains(":06.700"));
        assertEquals("INFO  it has a value" + END, line[1]);
    }

    @Test
    void allLevelsHaveTheSameWidth() {
        assertTrue(line(Level.ERROR, "one", null).contains(" ERROR one"));
        assertTrue(line(Level.WARN, "one", null).contains(" WARN  one"));
    }

    @Test
    void aFailureIsLoggedWithItsStackTrace() {
        String line = line(Level.ERROR, "it failed", new IllegalStateException("because"));
        assertTrue(line.contains(" it failed" + END + "java.lang.IllegalStateException: because"));
        assertTrue(line.contains("\tat " + getClass().getName()));
    }

    @Test
    void aValueIsQuotedIfItsEndWouldOtherwiseBeUnclear() {
        assertEquals("it first=1 k=curl/8.5" + END, line("k", "curl/8.5"));
        assertEquals("it first=1 k=\"a \\\"b\\\" \\\\c=d\"" + END, line("k", "a \"b\" \\c=d"));
    }

    /** A line break, a terminal's escape, a C1 control, a line separator, and a change of the writing direction. */
    @Test
    void textFromAClientCannotBeginALineOrControlATerminal() {
        String hostile = "a\r\nb\t\u001b[31m\u0085\u2028\u202e";
        String shown = "a\\u000d\\u000ab\\u0009\\u001b[31m\\u0085\\u2028\\u202e";
        assertEquals("it first=1 k=" + shown + END, line("k", hostile));
        assertTrue(line(Level.INFO, hostile, null).endsWith(" INFO  " + shown + END));
    }

    @Test
    void aJsonLineIsOneObject() {
        apply("format", "json");
        String line = line(Level.WARN, "it has \"{}\"\n\u001b é", null);
        assertEquals(1, line.lines().count());
        assertTrue(line.endsWith("}\n"));
        var json = new JsonObject(line);
        assertEquals(
                Instant.parse("2026-02-03T04:05:06.700Z"),
                OffsetDateTime.parse(json.getString("time")).toInstant());
        json.remove("time");
        assertEquals(
                new JsonObject()
                        .put("level", "WARN")
                        .put("logger", "a.logger")
                        .put("thread", Thread.currentThread().getName())
                        .put("message", "it has \"a value\"\n\u001b é"),
                json);
    }

    /** DEL, a C1 control that begins a terminal escape, a line end, and a change of the writing direction. */
    @Test
    void jsonLinesCannotControlATerminal() {
        apply("format", "json");
        String hostile = "\u001b\u007f\u009b31m\u0085\u2028\u202e";
        var event = event(Level.INFO, hostile, null);
        event.setKeyValuePairs(List.of(new KeyValuePair("agent", hostile)));
        String line = line(event);
        assertTrue(line.strip().chars().allMatch(c -> c >= ' ' && c < 0x7f), line);
        assertEquals(hostile, new JsonObject(line).getString("message"));
        assertEquals(hostile, new JsonObject(line).getString("agent"));
    }

    @Test
    void aJsonLineHasKeyValuePairsAndTheStackTraceAsOneString() {
        apply("format", "json");
        var event = event(Level.INFO, "it", new IllegalStateException("because"));
        event.setKeyValuePairs(List.of(new KeyValuePair("status", 200), new KeyValuePair("agent", "a\nb")));
        String line = line(event);
        assertEquals(1, line.lines().count());
        var json = new JsonObject(line);
        assertEquals(200, json.getValue("status"));
        assertEquals("a\nb", json.getValue("agent"));
        assertTrue(json.getString("failure").startsWith("java.lang.IllegalStateException: because" + END + "\tat "));
    }

    @Test
    void linesBelowTheConfiguredLevelAreNotWritten() {
        var logger = context.getLogger("a.logger");
        assertTrue(logger.isInfoEnabled() && !logger.isDebugEnabled());
        apply("level", "warn");
        assertTrue(logger.isWarnEnabled() && !logger.isInfoEnabled());
        apply("level", "debug");
        assertTrue(logger.isDebugEnabled() && !logger.isTraceEnabled());
    }

    @Test
    void theFormatAppliesEvenIfOtherKeysAreInvalid() {
        var conf = new JsonObject()
                .put("console", new JsonObject().put("format", "json").put("level", 5));
        assertEquals(ConsoleConf.Format.JSON, ConsoleConf.readLeniently(conf).format());
        assertEquals(
                ConsoleConf.readLeniently(new JsonObject()),
                ConsoleConf.readLeniently(new JsonObject().put("console", "json")));
    }
}
