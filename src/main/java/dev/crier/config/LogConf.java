package dev.crier.config;

import dev.crier.config.file.Section;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/** The store of the event log, and its memory. */
public sealed interface LogConf {

    /** In the memory of the process. Entries are lost when it ends. */
    record Memory(long memoryBytes) implements LogConf {}

    /** In an SQLite file. */
    record Sqlite(Path file, long memoryBytes) implements LogConf {

        /** Returns the memory for recent entries: at most half of the log's, because the file has them too. */
        public long recentBytes() {
            return recentPart(memoryBytes);
        }
    }

    /** In Redis, where several nodes can share it. */
    record Redis(RedisConf server, long memoryBytes) implements LogConf {

        /** Returns the memory for recent entries: at most half of the log's, because Redis has them too. */
        public long recentBytes() {
            return recentPart(memoryBytes);
        }
    }

    long MIN_MEMORY_BYTES = 1 << 20;
    long MAX_RECENT_BYTES = 64L << 20;

    /** The memory that the log may use. */
    long memoryBytes();

    /** Returns whether several nodes can share the log. */
    default boolean isShared() {
        return this instanceof Redis;
    }

    private static long recentPart(long memoryBytes) {
        return Math.min(MAX_RECENT_BYTES, memoryBytes / 2);
    }

    static LogConf read(Section section) {
        Path file = section.parsed("file", Path.of("data/crier.db"), LogConf::file, "a path without a question mark");
        RedisConf redis = RedisConf.read(section.section("redis"));
        long memory = memoryBytes(section, Runtime.getRuntime().maxMemory());
        LogConf conf = section.parsed(
                "store",
                new Memory(memory),
                store -> switch (store) {
                    case "memory" -> new Memory(memory);
                    case "sqlite" -> new Sqlite(file, memory);
                    case "redis" -> new Redis(redis, memory);
                    default -> throw new IllegalArgumentException();
                },
                "\"memory\", \"sqlite\" or \"redis\"");
        section.rejectUnknownKeys();
        return conf;
    }

    /**
     * Reads the log's memory. The default is three eighths of the heap: of 256 MiB, 96 are for the log, 60 for 15,000
     * subscribers of 4 KiB each, 20 for Crier itself, and 80 for requests and the garbage collector. The maximum is three
     * quarters, because the rest needs at least one.
     */
    private static long memoryBytes(Section section, long heap) {
        long max = heap / 4 * 3;
        long bytes = section.bytes("memoryBytes", 0L, 0, max);
        if (bytes > 0 && bytes < MIN_MEMORY_BYTES) {
            section.reject("memoryBytes", "0, or " + MIN_MEMORY_BYTES + ".." + max, 0L);
        }
        return bytes == 0 ? heap / 8 * 3 : bytes;
    }

    private static Path file(String text) throws InvalidPathException {
        if (text.isBlank() || text.contains("?")) {
            throw new IllegalArgumentException();
        }
        // SQLite may not take a name with such a beginning for a file; an absolute path always names a file
        return text.startsWith(":") || text.startsWith("file:") ? Path.of(text).toAbsolutePath() : Path.of(text);
    }
}
