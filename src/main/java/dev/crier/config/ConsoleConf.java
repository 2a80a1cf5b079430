package dev.crier.config;

import dev.crier.config.file.Section;
import io.vertx.core.json.JsonObject;
import org.slf4j.event.Level;

/**
 * The log lines on the console.
 *
 * @param level the least severe level that is written
 * @param access whether each request is logged
 */
public record ConsoleConf(Format format, Level level, boolean access) {

    /** The format of a log line. */
    public enum Format {
        TEXT,
        JSON
    }

    /**
     * Reads this section before the whole configuration is validated, so that configuration errors already have the right
     * format. An invalid value has its default.
     */
    public static ConsoleConf readLeniently(JsonObject conf) {
        return read(Section.lenient(conf).section("console"));
    }

    static ConsoleConf read(Section section) {
        var conf = new ConsoleConf(
                section.parsed("format", Format.TEXT, ConsoleConf::format, "\"text\" or \"json\""),
                section.parsed("level", Level.INFO, ConsoleConf::level, "\"error\", \"warn\", \"info\" or \"debug\""),
                section.bool("access", false));
        section.rejectUnknownKeys();
        return conf;
    }

    private static Format format(String text) {
        return switch (text) {
            case "text" -> Format.TEXT;
            case "json" -> Format.JSON;
            default -> throw new IllegalArgumentException();
        };
    }

    /** Parses a level. None is below debug, because there libraries may log the bytes that they read and write. */
    private static Level level(String text) {
        return switch (text) {
            case "error" -> Level.ERROR;
            case "warn" -> Level.WARN;
            case "info" -> Level.INFO;
            case "debug" -> Level.DEBUG;
            default -> throw new IllegalArgumentException();
        };
    }
}
