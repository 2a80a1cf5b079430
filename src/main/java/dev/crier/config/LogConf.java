package dev.crier.config;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/** Where the log is kept. */
public sealed interface LogConf {

    /** In the process, and gone with it. */
    record Memory() implements LogConf {}

    /** In a file of SQLite's. */
    record Sqlite(Path file) implements LogConf {}

    static LogConf read(Section section) {
        Path file = section.parsed("file", Path.of("data/crier.db"), LogConf::file, "a path without a question mark");
        LogConf conf = section.parsed(
                "store",
                new Memory(),
                store -> switch (store) {
                    case "memory" -> new Memory();
                    case "sqlite" -> new Sqlite(file);
                    default -> throw new IllegalArgumentException();
                },
                "\"memory\" or \"sqlite\"");
        section.end();
        return conf;
    }

    private static Path file(String text) throws InvalidPathException {
        if (text.isBlank() || text.contains("?")) {
            throw new IllegalArgumentException();
        }
        // SQLite takes some names that begin so for other than files, but no absolute path
        return text.startsWith(":") || text.startsWith("file:") ? Path.of(text).toAbsolutePath() : Path.of(text);
    }
}
