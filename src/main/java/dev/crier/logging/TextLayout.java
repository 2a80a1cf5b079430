package dev.crier.logging;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.LayoutBase;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.HexFormat;
import org.slf4j.event.KeyValuePair;

/**
 * A log line for who reads it: when, how grave, and what; then values by their keys, and a failure with its stack trace.
 *
 * <p>It stays one line, whatever a client has managed to bring into it: what would break it, or steer a terminal, is shown
 * as an escape.
 */
final class TextLayout extends LayoutBase<ILoggingEvent> {

    static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSXXX").withZone(ZoneId.systemDefault());

    /** Of the longest name of a level; the others have one letter less. */
    private static final int WIDTH = 5;

    @Override
    public String doLayout(ILoggingEvent event) {
        var line = new StringBuilder();
        TIME.formatTo(event.getInstant(), line);
        line.append(' ').append(event.getLevel());
        if (event.getLevel().levelStr.length() < WIDTH) {
            line.append(' ');
        }
        append(line.append(' '), event.getFormattedMessage());
        if (event.getKeyValuePairs() != null) {
            event.getKeyValuePairs().forEach(pair -> append(line, pair));
        }
        line.append(System.lineSeparator());
        if (event.getThrowableProxy() != null) {
            line.append(ThrowableProxyUtil.asString(event.getThrowableProxy()));
        }
        return line.toString();
    }

    /** In quotes where it would else not be seen where the value ends. */
    private static void append(StringBuilder line, KeyValuePair pair) {
        String value = String.valueOf(pair.value);
        line.append(' ').append(pair.key).append('=');
        if (value.chars().anyMatch(c -> c == ' ' || c == '"' || c == '=')) {
            append(line.append('"'), value.replace("\\", "\\\\").replace("\"", "\\\""));
            line.append('"');
        } else {
            append(line, value);
        }
    }

    /** Appends the text, with control and format characters as escapes that are valid in JSON too. */
    static void append(StringBuilder line, String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (isPlain(c)) {
                line.append(c);
            } else {
                line.append("\\u").append(HexFormat.of().toHexDigits(c));
            }
        }
    }

    private static boolean isPlain(char c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL, Character.FORMAT, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR -> false;
            default -> true;
        };
    }
}
