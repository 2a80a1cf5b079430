package dev.crier.log.sqlite;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The format of the log's file: the mark in its header, its tables, and the statements that lead from each version of the
 * tables to the next. The writing thread uses it before any other connection is open.
 */
final class SqliteFormat {

    /** "Crie", in the header's field for the application that made a file. */
    private static final int APPLICATION_ID = 0x43726965;

    private static final byte[] MAGIC = "SQLite format 3\0".getBytes(StandardCharsets.US_ASCII);

    /** The position of the application id in the header, and the header's length, by SQLite's file format (1.3). */
    private static final int APPLICATION_ID_AT = 68;

    private static final int HEADER_BYTES = 100;

    /** The statements that lead from each version to the next. A new file is made by all of them. */
    private static final List<List<String>> MIGRATIONS = List.of(
            List.of(
                    """
                    CREATE TABLE channel (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE,
                      dropped_millis INTEGER NOT NULL DEFAULT 0, dropped_sequence INTEGER NOT NULL DEFAULT 0)""",
                    """
                    CREATE TABLE entry (millis INTEGER NOT NULL, sequence INTEGER NOT NULL,
                      channel INTEGER NOT NULL REFERENCES channel (id), type TEXT NOT NULL, data TEXT NOT NULL,
                      PRIMARY KEY (millis, sequence)) WITHOUT ROWID""",
                    "CREATE INDEX entry_of_channel ON entry (channel, millis, sequence)",
                    """
                    CREATE TABLE newest (only INTEGER PRIMARY KEY CHECK (only = 1),
                      millis INTEGER NOT NULL, sequence INTEGER NOT NULL)""",
                    "INSERT INTO newest VALUES (1, 0, 0)"),
            List.of("""
                    CREATE TABLE receipt (channel TEXT NOT NULL, key TEXT NOT NULL, digest TEXT NOT NULL,
                      ids TEXT NOT NULL, at_millis INTEGER NOT NULL, PRIMARY KEY (channel, key)) WITHOUT ROWID""", "CREATE INDEX receipt_by_time ON receipt (at_millis)"),
            // an id in the future came from a clock that was ahead, so the age of its entry counts from the migration
            List.of(
                    "ALTER TABLE entry ADD COLUMN stored_millis INTEGER",
                    """
                    UPDATE entry SET stored_millis = CAST(strftime('%s', 'now') AS INTEGER) * 1000
                    WHERE millis > CAST(strftime('%s', 'now') AS INTEGER) * 1000""",
                    """
                    UPDATE receipt SET at_millis = CAST(strftime('%s', 'now') AS INTEGER) * 1000
                    WHERE at_millis > CAST(strftime('%s', 'now') AS INTEGER) * 1000""",
                    "ALTER TABLE newest ADD COLUMN wall_ahead_millis INTEGER NOT NULL DEFAULT 0",
                    "ALTER TABLE newest ADD COLUMN forgotten_millis INTEGER NOT NULL DEFAULT 0",
                    "ALTER TABLE newest ADD COLUMN forgotten_sequence INTEGER NOT NULL DEFAULT 0"),
            // a row may have several entries; the index has their number, so that counting reads no rows
            List.of(
                    "ALTER TABLE entry ADD COLUMN events INTEGER NOT NULL DEFAULT 1",
                    "DROP INDEX entry_of_channel",
                    "CREATE INDEX entry_of_channel ON entry (channel, millis, sequence, events)"));

    static final int VERSION = MIGRATIONS.size();

    /** SQLite's number for {@code auto_vacuum = INCREMENTAL}. */
    private static final String INCREMENTAL = "2";

    private static final Logger LOG = LoggerFactory.getLogger(SqliteFormat.class);

    private final SqliteFile file;

    SqliteFormat(SqliteFile file) {
        this.file = file;
    }

    /**
     * Checks the bytes of the header. SQLite is not asked, because it could recover, and so change, a file that is not a Crier
     * log.
     *
     * @throws dev.crier.config.file.ConfException if the file is not a Crier log
     */
    void checkHeader() throws IOException {
        byte[] header;
        try (var bytes = Files.newInputStream(file.path())) {
            header = bytes.readNBytes(HEADER_BYTES);
        }
        if (header.length < HEADER_BYTES || !Arrays.equals(Arrays.copyOf(header, MAGIC.length), MAGIC)) {
            throw file.problem("not an SQLite file");
        }
        if (ByteBuffer.wrap(header).getInt(APPLICATION_ID_AT) != APPLICATION_ID) {
            throw file.problem("not a Crier log");
        }
    }

    /**
     * Checks the content, and returns the version of the tables. The version may still be in the write-ahead log, so SQLite
     * is asked, on a connection that only reads.
     *
     * @throws dev.crier.config.file.ConfException if the file is damaged or has a newer version
     */
    int checkContent() throws SQLException {
        try (Sql sql = file.connectForReading()) {
            int version = Integer.parseInt(sql.pragma("user_version"));
            if (version > VERSION) {
                throw file.problem("has version " + version + ", which is newer than this Crier's " + VERSION);
            }
            if (!sql.pragma("quick_check(1)").equals("ok")) {
                throw file.problem("damaged");
            }
            return version;
        } catch (SQLException e) {
            if (SqliteFile.isDamage(e)) {
                throw file.problem("damaged, " + e.getMessage());
            }
            throw e;
        }
    }

    /**
     * Creates the file, or migrates it to the newest version. The file must be locked.
     *
     * @param rewrite whether a file that cannot shrink may be rewritten, which takes long
     */
    void prepare(boolean rewrite) throws IOException, SQLException {
        boolean isNew = file.isNew();
        file.restrict();
        Files.deleteIfExists(file.partPath()); // left by a Crier that was killed during a backup
        try (Sql sql = file.connectForPreparing()) {
            if (isNew) {
                // before the write-ahead log is used, so that the mark is in the file itself
                sql.execute("PRAGMA auto_vacuum = INCREMENTAL");
                sql.execute("PRAGMA application_id = " + APPLICATION_ID);
            }
            for (int version = Integer.parseInt(sql.pragma("user_version")); version < VERSION; version++) {
                migrate(sql, version);
            }
            if (rewrite && !sql.pragma("auto_vacuum").equals(INCREMENTAL)) {
                rewrite(sql);
            }
        }
    }

    private static void migrate(Sql sql, int version) throws SQLException {
        sql.transact(() -> {
            for (String statement : MIGRATIONS.get(version)) {
                sql.execute(statement);
            }
            sql.execute("PRAGMA user_version = " + (version + 1));
        });
    }

    /** Rewrites a file that cannot shrink, once. Only a file that was made with this setting, or rewritten, can. */
    private void rewrite(Sql sql) {
        long bytes = file.path().toFile().length();
        // the content is copied to a temporary file first, and then to the write-ahead log
        long needed = 2 * bytes + SqliteFile.SPARE_BYTES;
        if (!file.hasRoom(needed)) {
            LOG.warn(
                    "{} is not rewritten and cannot shrink, because its file system has too little room"
                            + " (expected: {} bytes or more)",
                    file,
                    needed);
            return;
        }
        LOG.info("{} is being rewritten, once, so that it can shrink: {} bytes", file, bytes);
        try {
            sql.execute("PRAGMA auto_vacuum = INCREMENTAL");
            sql.execute("VACUUM");
        } catch (SQLException e) {
            LOG.warn(
                    "{} could not be rewritten and cannot shrink; the next start tries again: {}",
                    file,
                    e.getMessage());
        }
    }
}
