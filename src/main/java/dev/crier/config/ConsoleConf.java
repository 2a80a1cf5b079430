package dev.crier.config;

import dev.crier.config.file.Problems;
import dev.crier.config.file.Section;
import io.vertx.core.json.JsonObject;
import org.slf4j.event.Level;

/**
 * What Crier writes to the console.
 *
 * @param level how grave a line must be to be written
 * @param access whether there is a line for each request
 */
public record ConsoleConf(Format format, Level level, boolean access) {

    /** How a line looks. */
    public enum Format {
        TEXT,
        JSON
    }

    /**
     * What a conf has of it, as far as that is right; the rest is at its default, and told when the whole conf is read. So
     * that is told as lines of the right format already.
     */
    public static ConsoleConf glance(JsonObject conf) {
        return read(new Section("", conf, new Problems()).section("console"));
    }

    static ConsoleConf read(Section section) {
        var conf = new ConsoleConf(
                section.parsed("format", Format.TEXT, ConsoleConf::format, "\"text\" or \"json\""),
                section.parsed("level", Level.INFO, ConsoleConf::level, "\"error\", \"warn\", \"info\" or \"debug\""),
                section.flag("access", false));
        section.end();
        return conf;
    }

    private static Format format(String text) {
        return switch (text) {
            case "text" -> Format.TEXT;
            case "json" -> Format.JSON;
            default -> throw new IllegalArgumentException();
        };
    }

    /** None below debug: there, libraries may show what they read and write. */
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
