package dev.crier.log;

import dev.crier.config.ConfException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.List;
import java.util.Properties;

/** The file of the log: whether it is Crier's and whole, its tables, and that one process has it at a time. */
final class SqliteFile implements AutoCloseable {

    /** "Crie", where SQLite's format has room for what an application calls its files. */
    private static final int APPLICATION_ID = 0x43726965;

    private static final byte[] MAGIC = "SQLite format 3\0".getBytes(StandardCharsets.US_ASCII);

    /** Where SQLite's format has it (1.3, "the database header"), and how long that is. */
    private static final int APPLICATION_ID_AT = 68;

    private static final int HEADER_BYTES = 100;

    /** What leads from each version to the next: a new file is made by all of them. */
    private static final List<List<String>> MIGRATIONS = List.of(
            List.of(
                    "CREATE TABLE channel (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, dropped_millis INTEGER"
                            + " NOT NULL DEFAULT 0, dropped_sequence INTEGER NOT NULL DEFAULT 0)",
                    "CREATE TABLE entry (millis INTEGER NOT NULL, sequence INTEGER NOT NULL, channel INTEGER NOT NULL"
                            + " REFERENCES channel (id), type TEXT NOT NULL, data TEXT NOT NULL, PRIMARY KEY (millis,"
                            + " sequence)) WITHOUT ROWID",
                    "CREATE INDEX entry_of_channel ON entry (channel, millis, sequence)",
                    "CREATE TABLE newest (only INTEGER PRIMARY KEY CHECK (only = 1), millis INTEGER NOT NULL,"
                            + " sequence INTEGER NOT NULL)",
                    "INSERT INTO newest VALUES (1, 0, 0)"),
            List.of(
                    "CREATE TABLE receipt (channel TEXT NOT NULL, key TEXT NOT NULL, digest TEXT NOT NULL, ids TEXT"
                            + " NOT NULL, at_millis INTEGER NOT NULL, PRIMARY KEY (channel, key)) WITHOUT ROWID",
                    "CREATE INDEX receipt_by_time ON receipt (at_millis)"),
            // ids from a clock that was ahead: how old these entries are is not known, so they are new from now on
            List.of(
                    "ALTER TABLE entry ADD COLUMN stored_millis INTEGER",
                    "UPDATE entry SET stored_millis = CAST(strftime('%s', 'now') AS INTEGER) * 1000"
                            + " WHERE millis > CAST(strftime('%s', 'now') AS INTEGER) * 1000",
                    "UPDATE receipt SET at_millis = CAST(strftime('%s', 'now') AS INTEGER) * 1000"
                            + " WHERE at_millis > CAST(strftime('%s', 'now') AS INTEGER) * 1000",
                    "ALTER TABLE newest ADD COLUMN wall_ahead_millis INTEGER NOT NULL DEFAULT 0",
                    "ALTER TABLE newest ADD COLUMN forgotten_millis INTEGER NOT NULL DEFAULT 0",
                    "ALTER TABLE newest ADD COLUMN forgotten_sequence INTEGER NOT NULL DEFAULT 0"));

    static final int VERSION = MIGRATIONS.size();

    private final Path file;
    private final FileChannel lockFile;

    private SqliteFile(Path file, FileChannel lockFile) {
        this.file = file;
        this.lockFile = lockFile;
    }

    /** @throws ConfException if it is there, but not what it should be; then it is as it was */
    static SqliteFile open(Path file) {
        try {
            Path folder = file.toAbsolutePath().getParent();
            Files.createDirectories(folder);
            boolean isNew = !Files.exists(file) || Files.size(file) == 0;
            FileChannel lockFile = lock(file);
            var opened = new SqliteFile(file, lockFile);
            try {
                int version = isNew ? opened.create() : opened.examine();
                opened.migrate(version);
                return opened;
            } catch (IOException | SQLException | RuntimeException e) {
                opened.close();
                throw e;
            }
        } catch (IOException | SQLException e) {
            throw wrong(file, "cannot be opened, " + e.getClass().getSimpleName() + " " + e.getMessage());
        }
    }

    private static ConfException wrong(Path file, String what) {
        return new ConfException("log.file: " + file + ": " + what + " (expected: a log of Crier's, or no file yet)");
    }

    private static FileChannel lock(Path file) throws IOException {
        FileChannel channel = FileChannel.open(
                file.resolveSibling(file.getFileName() + "-lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock lock;
        try {
            lock = channel.tryLock();
        } catch (OverlappingFileLockException e) {
            lock = null;
        }
        if (lock == null) {
            channel.close();
            throw wrong(file, "in use by another Crier");
        }
        return channel;
    }

    /** Marks it as Crier's before it gets a write-ahead log, so that the mark is in the file itself. */
    private int create() throws SQLException {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
                Statement statement = connection.createStatement()) {
            statement.execute("PRAGMA application_id = " + APPLICATION_ID);
        }
        return 0;
    }

    /**
     * Looks at the bytes first, which SQLite would change where it recovers a file that is not Crier's. The version may
     * still be in the write-ahead log, so it is asked of SQLite, which then only reads.
     */
    private int examine() throws IOException {
        try (var bytes = new RandomAccessFile(file.toFile(), "r")) {
            var magic = new byte[MAGIC.length];
            if (bytes.length() < HEADER_BYTES || bytes.read(magic) < magic.length || !Arrays.equals(magic, MAGIC)) {
                throw wrong(file, "no SQLite file");
            }
            bytes.seek(APPLICATION_ID_AT);
            if (bytes.readInt() != APPLICATION_ID) {
                throw wrong(file, "not Crier's");
            }
        }
        String readOnly = "jdbc:sqlite:file:" + file.toAbsolutePath().toUri().getRawPath() + "?mode=ro";
        try (Connection connection = DriverManager.getConnection(readOnly)) {
            int version = Integer.parseInt(pragma(connection, "user_version"));
            if (version > VERSION) {
                throw wrong(file, "of version " + version + ", newer than this Crier's " + VERSION);
            }
            if (!pragma(connection, "quick_check(1)").equals("ok")) {
                throw wrong(file, "damaged");
            }
            return version;
        } catch (SQLException e) {
            throw wrong(file, "damaged, " + e.getMessage());
        }
    }

    private static String pragma(Connection connection, String name) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet answer = statement.executeQuery("PRAGMA " + name)) {
            return answer.next() ? answer.getString(1) : "";
        }
    }

    private void migrate(int from) throws SQLException {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
                Statement statement = connection.createStatement()) {
            for (int version = from; version < VERSION; version++) {
                statement.execute("BEGIN IMMEDIATE");
                for (String step : MIGRATIONS.get(version)) {
                    statement.execute(step);
                }
                statement.execute("PRAGMA user_version = " + (version + 1));
                statement.execute("COMMIT");
            }
        }
    }

    /** A connection whose commits are on the disk when they return. */
    Connection connect() throws SQLException {
        var properties = new Properties();
        // else the driver asks for the last row's number after each statement
        properties.setProperty("jdbc.get_generated_keys", "false");
        Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file, properties);
        try (Statement statement = connection.createStatement()) {
            statement.execute("PRAGMA journal_mode = WAL");
            statement.execute("PRAGMA synchronous = FULL");
            statement.execute("PRAGMA busy_timeout = 5000");
        }
        return connection;
    }

    @Override
    public void close() throws IOException {
        lockFile.close();
    }
}
