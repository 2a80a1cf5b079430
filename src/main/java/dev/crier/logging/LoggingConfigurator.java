package dev.crier.logging;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ConfiguratorRank;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.Layout;
import ch.qos.logback.core.encoder.LayoutWrappingEncoder;
import ch.qos.logback.core.spi.ContextAwareBase;
import dev.crier.config.ConsoleConf;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.OutputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Configures Logback in code, because an XML file and its pattern would take a fifth of the time to start. Does nothing if
 * the user has given Logback a configuration file.
 *
 * <p>Logback finds this class by itself and calls it before Crier's configuration is read. Until {@link #apply}, log lines
 * are text, of the level info or above.
 */
@ConfiguratorRank(ConfiguratorRank.CUSTOM_HIGH_PRIORITY)
public final class LoggingConfigurator extends ContextAwareBase implements Configurator {

    private static final String CONSOLE = "console";

    /** The longest time that {@link #flush} waits for the lines to be written. */
    private static final Duration FLUSH_TIMEOUT = Duration.ofSeconds(1);

    @Override
    public ExecutionStatus configure(LoggerContext context) {
        if (isConfiguredByUser()) {
            return ExecutionStatus.INVOKE_NEXT_IF_ANY;
        }
        var console = new ConsoleAppender<ILoggingEvent>();
        console.setName(CONSOLE);
        console.setContext(context);
        console.setEncoder(encoder(context, new TextLayout()));
        console.start();
        var root = context.getLogger(Logger.ROOT_LOGGER_NAME);
        root.setLevel(Level.INFO);
        root.addAppender(console);
        // this logger writes a line at the start that says no more than Crier's own
        context.getLogger("io.vertx.launcher.application.VertxApplication").setLevel(Level.WARN);
        // logs an error for each connection that a client resets before its first request
        context.getLogger("io.vertx.core.net.impl.ConnectionBase").setLevel(Level.OFF);
        // logs a stack trace for each folder from which SQLite's library does not load; Crier tries others
        context.getLogger("org.sqlite.SQLiteJDBCLoader").setLevel(Level.OFF);
        // logs an error for each client that disconnects during a large download; the request's failure handler
        // reports it too
        context.getLogger("io.vertx.core.net.impl.VertxConnection").setLevel(Level.OFF);
        // logs a stack trace for each connection that Redis resets during the handshake; Crier logs why it cannot
        // connect
        context.getLogger("io.vertx.redis.client.impl.RedisConnectionManager").setLevel(Level.OFF);
        return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
    }

    /** Writes all further lines on a thread of its own. Called before any other thread logs. */
    public static void startQueue(LoggerContext context) {
        if (isConfiguredByUser()) {
            return;
        }
        startQueue(context, new FileOutputStream(FileDescriptor.out));
        Runtime.getRuntime().addShutdownHook(new Thread(LoggingConfigurator::flush));
    }

    static ConsoleQueue startQueue(LoggerContext context, OutputStream out) {
        var root = context.getLogger(Logger.ROOT_LOGGER_NAME);
        var queue = new ConsoleQueue(out);
        queue.setName(CONSOLE);
        queue.setContext(context);
        queue.setEncoder(((ConsoleAppender<ILoggingEvent>) root.getAppender(CONSOLE)).getEncoder());
        queue.start();
        root.detachAppender(CONSOLE);
        root.addAppender(queue);
        return queue;
    }

    /** Waits until all lines are written, but for a second at most, because standard output may be blocked. */
    public static void flush() {
        queue().ifPresent(queue -> queue.flush(FLUSH_TIMEOUT));
    }

    /** Returns the number of dropped lines; 0 if the user has configured Logback. */
    public static long dropped() {
        return queue().map(ConsoleQueue::dropped).orElse(0L);
    }

    private static Optional<ConsoleQueue> queue() {
        var context = (LoggerContext) LoggerFactory.getILoggerFactory();
        return context.getLogger(Logger.ROOT_LOGGER_NAME).getAppender(CONSOLE) instanceof ConsoleQueue queue
                ? Optional.of(queue)
                : Optional.empty();
    }

    /** Applies Crier's configuration to all further lines. Called before any other thread logs. */
    public static void apply(ConsoleConf conf, LoggerContext context) {
        if (isConfiguredByUser()) {
            return;
        }
        var root = context.getLogger(Logger.ROOT_LOGGER_NAME);
        root.setLevel(Level.convertAnSLF4JLevel(conf.level()));
        if (conf.format() == ConsoleConf.Format.JSON) {
            var encoder = encoder(context, new JsonLayout());
            encoder.setCharset(StandardCharsets.UTF_8);
            if (root.getAppender(CONSOLE) instanceof ConsoleQueue queue) {
                queue.setEncoder(encoder);
            } else {
                ((ConsoleAppender<ILoggingEvent>) root.getAppender(CONSOLE)).setEncoder(encoder);
            }
        }
    }

    private static boolean isConfiguredByUser() {
        return System.getProperty("logback.configurationFile") != null;
    }

    private static LayoutWrappingEncoder<ILoggingEvent> encoder(LoggerContext context, Layout<ILoggingEvent> layout) {
        layout.setContext(context);
        layout.start();
        var encoder = new LayoutWrappingEncoder<ILoggingEvent>();
        encoder.setContext(context);
        encoder.setLayout(layout);
        if (Charset.defaultCharset().equals(StandardCharsets.US_ASCII)) {
            // the locale is probably not set, and characters outside ASCII would become question marks
            encoder.setCharset(StandardCharsets.UTF_8);
        }
        encoder.start();
        return encoder;
    }
}
