package dev.crier.logging;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.LayoutBase;
import io.vertx.core.json.JsonObject;

/**
 * Log lines for programs. A line is a JSON object: time, level, logger, thread, message, key-value pairs, and the stack
 * trace of a failure as one string. Logback's {@code JsonEncoder} writes the time as a number and a failure as a tree.
 *
 * <p>Escapes the same characters as {@link TextLayout}, because JSON itself does not escape C1 controls, which can begin a
 * terminal's escape sequence.
 */
final class JsonLayout extends LayoutBase<ILoggingEvent> {

    @Override
    public String doLayout(ILoggingEvent event) {
        var line = new JsonObject()
                .put("time", TextLayout.TIME.format(event.getInstant()))
                .put("level", event.getLevel().levelStr)
                .put("logger", event.getLoggerName())
                .put("thread", event.getThreadName())
                .put("message", event.getFormattedMessage());
        if (event.getKeyValuePairs() != null) {
            event.getKeyValuePairs().forEach(pair -> line.put(pair.key, pair.value));
        }
        if (event.getThrowableProxy() != null) {
            line.put("failure", ThrowableProxyUtil.asString(event.getThrowableProxy()));
        }
        var escaped = new StringBuilder();
        TextLayout.appendEscaped(escaped, line.encode());
        return escaped.append('\n').toString();
    }
}
