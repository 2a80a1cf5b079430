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
 * How log lines look, in code: to read it from XML, and the pattern in it, would take a fifth of the time to start. Who
 * gives logback a configuration file, has that instead. Logback finds this class by itself.
 *
 * <p>That is before any conf is read: up to then, lines are text, from the level info on.
 */
@ConfiguratorRank(ConfiguratorRank.CUSTOM_HIGH_PRIORITY)
public final class LoggingConfigurator extends ContextAwareBase implements Configurator {

    private static final String CONSOLE = "console";

    /** How long the process waits at its end for lines to be written. */
    private static final Duration FLUSH = Duration.ofSeconds(1);

    @Override
    public ExecutionStatus configure(LoggerContext context) {
        if (areAnothers()) {
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
        // its line of success says nothing that Crier's own does not
        context.getLogger("io.vertx.launcher.application.VertxApplication").setLevel(Level.WARN);
        // it warns of a ring that comes while its event loop is being stopped; a ring carries no duty
        context.getLogger("io.vertx.core.eventbus.impl.MessageConsumerImpl").setLevel(Level.ERROR);
        // it logs an error for each connection that a client breaks before its first request
        context.getLogger("io.vertx.core.net.impl.ConnectionBase").setLevel(Level.OFF);
        // it logs a stack trace for each folder from which the library does not load; Crier tries another one
        context.getLogger("org.sqlite.SQLiteJDBCLoader").setLevel(Level.OFF);
        // it logs an error for each client that leaves while it downloads a large file; the request's own failure
        // says so too
        context.getLogger("io.vertx.core.net.impl.VertxConnection").setLevel(Level.OFF);
        return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
    }

    /** Moves the writing of lines to a thread of its own. Called by one thread, before there are others. */
    public static void queue(LoggerContext context) {
        if (areAnothers()) {
            return;
        }
        queue(context, new FileOutputStream(FileDescriptor.out));
        Runtime.getRuntime().addShutdownHook(new Thread(LoggingConfigurator::flush));
    }

    public static ConsoleQueue queue(LoggerContext context, OutputStream out) {
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

    /** Waits at most a second for all lines to be written, because nobody may be reading them. */
    public static void flush() {
        queue().ifPresent(queue -> queue.flush(FLUSH));
    }

    /** The number of lines that were dropped; 0 if another configuration of Logback writes them. */
    public static long dropped() {
        return queue().map(ConsoleQueue::dropped).orElse(0L);
    }

    private static Optional<ConsoleQueue> queue() {
        var context = (LoggerContext) LoggerFactory.getILoggerFactory();
        return context.getLogger(Logger.ROOT_LOGGER_NAME).getAppender(CONSOLE) instanceof ConsoleQueue queue
                ? Optional.of(queue)
                : Optional.empty();
    }

    /** From now on they are as the conf has it; for one thread, before there are others. */
    public static void follow(ConsoleConf conf, LoggerContext context) {
        if (areAnothers()) {
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

    private static boolean areAnothers() {
        return System.getProperty("logback.configurationFile") != null;
    }

    private static LayoutWrappingEncoder<ILoggingEvent> encoder(LoggerContext context, Layout<ILoggingEvent> layout) {
        layout.setContext(context);
        layout.start();
        var encoder = new LayoutWrappingEncoder<ILoggingEvent>();
        encoder.setContext(context);
        encoder.setLayout(layout);
        if (Charset.defaultCharset().equals(StandardCharsets.US_ASCII)) {
            // most likely no locale is set; in ASCII, other characters of a channel's name would be question marks
            encoder.setCharset(StandardCharsets.UTF_8);
        }
        encoder.start();
        return encoder;
    }
}
