package dev.crier.logging;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.LayoutBase;
import io.vertx.core.json.JsonObject;

/**
 * A log line for a program that collects such: a JSON object with time, level, logger, thread and message, then values by
 * their keys, and a failure's stack trace as one text. Logback's own has the time as a number, and a failure as a tree.
 *
 * <p>Characters that control a terminal are escaped as in a {@link TextLayout}; JSON itself does not escape C1 controls.
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
        TextLayout.append(escaped, line.encode());
        return escaped.append('\n').toString();
    }
}
