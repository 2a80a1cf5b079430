package dev.crier.logging;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.LayoutBase;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.HexFormat;
import org.slf4j.event.KeyValuePair;

/**
 * Log lines for people: time, level, message and key-value pairs, then the stack trace of a failure.
 *
 * <p>Escapes control and format characters, so that text from a client can neither begin another line nor control a
 * terminal.
 */
final class TextLayout extends LayoutBase<ILoggingEvent> {

    static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSXXX").withZone(ZoneId.systemDefault());

    /** The length of the longest level. The others have one letter less. */
    private static final int LEVEL_WIDTH = 5;

    @Override
    public String doLayout(ILoggingEvent event) {
        var line = new StringBuilder();
        TIME.formatTo(event.getInstant(), line);
        line.append(' ').append(event.getLevel());
        if (event.getLevel().levelStr.length() < LEVEL_WIDTH) {
            line.append(' ');
        }
        appendEscaped(line.append(' '), event.getFormattedMessage());
        if (event.getKeyValuePairs() != null) {
            event.getKeyValuePairs().forEach(pair -> appendPair(line, pair));
        }
        line.append(System.lineSeparator());
        if (event.getThrowableProxy() != null) {
            line.append(ThrowableProxyUtil.asString(event.getThrowableProxy()));
        }
        return line.toString();
    }

    /** Appends a key and its value, in quotes if the end of the value would otherwise be unclear. */
    private static void appendPair(StringBuilder line, KeyValuePair pair) {
        String value = String.valueOf(pair.value);
        line.append(' ').append(pair.key).append('=');
        if (value.chars().anyMatch(c -> c == ' ' || c == '"' || c == '=')) {
            appendEscaped(line.append('"'), value.replace("\\", "\\\\").replace("\"", "\\\""));
            line.append('"');
        } else {
            appendEscaped(line, value);
        }
    }

    /** Appends the text. Its escapes are valid in JSON too. */
    static void appendEscaped(StringBuilder line, String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (isPrintable(c)) {
                line.append(c);
            } else {
                line.append("\\u").append(HexFormat.of().toHexDigits(c));
            }
        }
    }

    private static boolean isPrintable(char c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL, Character.FORMAT, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR -> false;
            default -> true;
        };
    }
}
