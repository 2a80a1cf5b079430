package dev.crier.config;

import dev.crier.config.file.Section;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/** Where the log is kept. */
public sealed interface LogConf {

    /** In the process, and gone with it. */
    record Memory(long memoryBytes) implements LogConf {}

    /** In a file of SQLite's. */
    record Sqlite(Path file, long memoryBytes) implements LogConf {

        private static final long MOST_RECENT_BYTES = 64L << 20;

        /** Returns the memory for recent entries: half of it, because the file has them too. */
        public long recentBytes() {
            return Math.min(MOST_RECENT_BYTES, memoryBytes / 2);
        }
    }

    long MIN_MEMORY_BYTES = 1 << 20;

    /** How much memory the log may take. */
    long memoryBytes();

    static LogConf read(Section section) {
        Path file = section.parsed("file", Path.of("data/crier.db"), LogConf::file, "a path without a question mark");
        long memory = memoryBytes(section, Runtime.getRuntime().maxMemory());
        LogConf conf = section.parsed(
                "store",
                new Memory(memory),
                store -> switch (store) {
                    case "memory" -> new Memory(memory);
                    case "sqlite" -> new Sqlite(file, memory);
                    default -> throw new IllegalArgumentException();
                },
                "\"memory\" or \"sqlite\"");
        section.end();
        return conf;
    }

    /**
     * Three eighths of the heap by default. Of 256 MiB, 96 are for the log, 60 for 15,000 subscribers of 4 KiB each, 20 for Crier
     * itself, and 80 for requests and the garbage collector. More than three quarters never fit.
     */
    private static long memoryBytes(Section section, long heap) {
        long most = heap / 4 * 3;
        long bytes = section.bytes("memoryBytes", 0L, 0, most);
        if (bytes > 0 && bytes < MIN_MEMORY_BYTES) {
            section.refuse("memoryBytes", "0, or " + MIN_MEMORY_BYTES + ".." + most, 0L);
        }
        return bytes == 0 ? heap / 8 * 3 : bytes;
    }

    private static Path file(String text) throws InvalidPathException {
        if (text.isBlank() || text.contains("?")) {
            throw new IllegalArgumentException();
        }
        // SQLite takes some names that begin so for other than files, but no absolute path
        return text.startsWith(":") || text.startsWith("file:") ? Path.of(text).toAbsolutePath() : Path.of(text);
    }
}
