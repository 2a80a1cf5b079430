package dev.crier.log.sqlite;

import dev.crier.config.file.ConfException;
import dev.crier.log.LogInUseException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The file of the log: its real name, its lock, its format and its connections.
 *
 * <p>A file that is damaged, or not Crier's, or in use by another Crier is refused for good. Any other failure, such as a
 * full disk or a lock that another tool holds, is an {@link IOException} or {@link SQLException}: it may pass.
 */
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
                    "CREATE TABLE channel (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE,"
                            + " dropped_millis INTEGER NOT NULL DEFAULT 0, dropped_sequence INTEGER NOT NULL DEFAULT 0)",
                    "CREATE TABLE entry (millis INTEGER NOT NULL, sequence INTEGER NOT NULL,"
                            + " channel INTEGER NOT NULL REFERENCES channel (id), type TEXT NOT NULL, data TEXT NOT NULL,"
                            + " PRIMARY KEY (millis, sequence)) WITHOUT ROWID",
                    "CREATE INDEX entry_of_channel ON entry (channel, millis, sequence)",
                    "CREATE TABLE newest (only INTEGER PRIMARY KEY CHECK (only = 1), millis INTEGER NOT NULL,"
                            + " sequence INTEGER NOT NULL)",
                    "INSERT INTO newest VALUES (1, 0, 0)"),
            List.of(
                    "CREATE TABLE receipt (channel TEXT NOT NULL, key TEXT NOT NULL, digest TEXT NOT NULL,"
                            + " ids TEXT NOT NULL, at_millis INTEGER NOT NULL, PRIMARY KEY (channel, key)) WITHOUT ROWID",
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

    /** The size of a page, SQLite's own default. */
    static final int PAGE_BYTES = 4096;

    /** SQLite's codes for a file that is damaged: SQLITE_CORRUPT and SQLITE_NOTADB. */
    private static final Set<Integer> DAMAGED = Set.of(11, 26);

    /** And for a file that another connection has locked: SQLITE_BUSY, SQLITE_LOCKED and SQLITE_PROTOCOL. */
    private static final Set<Integer> LOCKED = Set.of(5, 6, 15);

    /** SQLite's number for {@code auto_vacuum = INCREMENTAL}. */
    private static final String INCREMENTAL = "2";

    /** A copy of the file is only made if it leaves so much room to the log. */
    static final long SPARE_BYTES = 64L << 20;

    /** How long opening waits for a lock of another tool. */
    private static final int OPEN_BUSY_MILLIS = 1_000;

    /** How many symbolic links are followed, as Linux does. */
    private static final int MAX_LINKS = 40;

    private static final Set<PosixFilePermission> OWNER_ONLY =
            EnumSet.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);

    private static final Logger LOG = LoggerFactory.getLogger(SqliteFile.class);

    private final Path named;
    private final Path file;
    private FileChannel lock;

    private SqliteFile(Path named, Path file) {
        this.named = named;
        this.file = file;
    }

    /**
     * Finds the file by its real name. Locks stand beside it, so a second name would let a second Crier in.
     *
     * @throws ConfException if the file has several names of its own
     */
    static SqliteFile find(Path named) throws IOException {
        Path file = named.toAbsolutePath();
        for (int i = 0; i < MAX_LINKS && Files.isSymbolicLink(file); i++) {
            file = file.resolveSibling(Files.readSymbolicLink(file));
        }
        Files.createDirectories(file.getParent());
        var found = new SqliteFile(named, file.getParent().toRealPath().resolve(file.getFileName()));
        SqliteLibrary.load(found.file.getParent());
        if (isPosix(found.file) && Files.exists(found.file)) {
            int names = (Integer) Files.getAttribute(found.file, "unix:nlink");
            if (names > 1) {
                throw found.wrong("has " + names + " names, which are hard links", "a file with one name");
            }
        }
        return found;
    }

    Path path() {
        return file;
    }

    Path walPath() {
        return beside("-wal");
    }

    Path backupPath() {
        return beside("-backup");
    }

    /** Where a backup is as long as it is not whole. */
    Path partPath() {
        return beside("-backup.part");
    }

    private Path beside(String suffix) {
        return file.resolveSibling(file.getFileName() + suffix);
    }

    boolean isNew() throws IOException {
        return !Files.exists(file) || Files.size(file) == 0;
    }

    private ConfException wrong(String what) {
        return wrong(what, "a log of Crier's, or no file yet");
    }

    private ConfException wrong(String what, String expected) {
        return new ConfException("log.file: " + named + ": " + what + " (expected: " + expected + ")");
    }

    /**
     * Checks the bytes, which SQLite would change where it recovers a file that is not Crier's.
     *
     * @throws ConfException if the file is not Crier's
     */
    void checkHeader() throws IOException {
        try (var bytes = new RandomAccessFile(file.toFile(), "r")) {
            var magic = new byte[MAGIC.length];
            if (bytes.length() < HEADER_BYTES || bytes.read(magic) < magic.length || !Arrays.equals(magic, MAGIC)) {
                throw wrong("no SQLite file");
            }
            bytes.seek(APPLICATION_ID_AT);
            if (bytes.readInt() != APPLICATION_ID) {
                throw wrong("not Crier's");
            }
        }
    }

    /**
     * Locks the file against every other Crier. The lock is on a file of its own: closing any descriptor of the database
     * would drop the locks that SQLite has on it.
     *
     * @throws LogInUseException if another Crier has it
     * @throws IOException if the lock file cannot be written, so that the log cannot be either
     */
    void lock() throws IOException {
        if (lock != null) {
            return;
        }
        FileChannel channel = FileChannel.open(beside("-lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock held = null;
        try {
            held = channel.tryLock();
        } catch (OverlappingFileLockException e) {
            held = null; // by another log of this process
        } finally {
            if (held == null) {
                channel.close();
            }
        }
        if (held == null) {
            throw new LogInUseException("log.file: " + named + ": in use by another Crier (expected: one at a time)");
        }
        lock = channel;
    }

    /**
     * Returns the version of the tables. It may still be in the write-ahead log, so SQLite is asked, on a connection that
     * only reads.
     *
     * @throws ConfException if the file is damaged or of a newer version
     */
    int check() throws SQLException {
        try (Sql sql = new Sql(connectForReading())) {
            int version = Integer.parseInt(sql.pragma("user_version"));
            if (version > VERSION) {
                throw wrong("of version " + version + ", newer than this Crier's " + VERSION);
            }
            if (!sql.pragma("quick_check(1)").equals("ok")) {
                throw wrong("damaged");
            }
            return version;
        } catch (SQLException e) {
            if (DAMAGED.contains(e.getErrorCode())) {
                throw wrong("damaged, " + e.getMessage());
            }
            throw e;
        }
    }

    /**
     * Connects without a need to write. Where not even the index of the write-ahead log can be made, the file is read as
     * it is, without locks; but not if there is such a log, whose content would be missing, or somebody who may write.
     */
    Connection connectForReading() throws SQLException {
        try {
            return readable("?mode=ro");
        } catch (SQLException e) {
            if (DAMAGED.contains(e.getErrorCode())
                    || LOCKED.contains(e.getErrorCode())
                    || walPath().toFile().length() > 0) {
                throw e;
            }
            try {
                return readable("?mode=ro&immutable=1");
            } catch (SQLException again) {
                e.addSuppressed(again);
                throw e;
            }
        }
    }

    /** Connects to copy the file. It may be written meanwhile, so it is never read without locks. */
    Connection connectForCopying() throws SQLException {
        return readable("?mode=ro");
    }

    /** Makes a change of names in the folder survive a crash of the machine, where the system can do that. */
    void flushFolder() throws IOException {
        if (isPosix(file)) {
            try (var folder = FileChannel.open(file.getParent(), StandardOpenOption.READ)) {
                folder.force(true);
            }
        }
    }

    private Connection readable(String how) throws SQLException {
        Connection connection = connect(how);
        try (var statement = connection.createStatement()) {
            statement.execute("PRAGMA busy_timeout = " + OPEN_BUSY_MILLIS);
            statement.executeQuery("SELECT count(*) FROM sqlite_schema").close();
            return connection;
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
    }

    /**
     * Makes the file, or brings it to the newest version; it must be locked.
     *
     * @param rewrite whether a file of an earlier Crier may be rewritten, which takes long
     */
    void prepare(boolean rewrite) throws IOException, SQLException {
        boolean isNew = isNew();
        restrict();
        Files.deleteIfExists(partPath()); // of a backup in which Crier was killed
        try (Sql sql = new Sql(connect(""))) {
            sql.execute("PRAGMA busy_timeout = " + OPEN_BUSY_MILLIS);
            if (isNew) {
                // before the write-ahead log, so that the mark is in the file itself
                sql.execute("PRAGMA auto_vacuum = INCREMENTAL");
                sql.execute("PRAGMA application_id = " + APPLICATION_ID);
            }
            for (int version = Integer.parseInt(sql.pragma("user_version")); version < VERSION; version++) {
                migrate(sql, version);
            }
            if (rewrite && !sql.pragma("auto_vacuum").equals(INCREMENTAL)) {
                letShrink(sql);
            }
        }
    }

    /** Whether the file system has room for so much, as far as it tells. */
    boolean hasRoom(long bytes) {
        var folder = file.getParent().toFile();
        return folder.getUsableSpace() >= bytes || folder.getTotalSpace() == 0;
    }

    private static void migrate(Sql sql, int version) throws SQLException {
        sql.transact(() -> {
            for (String step : MIGRATIONS.get(version)) {
                sql.execute(step);
            }
            sql.execute("PRAGMA user_version = " + (version + 1));
        });
    }

    /** Rewrites a file of an earlier Crier, once: only a file that was made so, or rewritten, can shrink. */
    private void letShrink(Sql sql) {
        // in the temporary file and then in the write-ahead log, the whole content stands once more each
        long needed = 2 * file.toFile().length() + SPARE_BYTES;
        if (!hasRoom(needed)) {
            LOG.warn(
                    "{} is not rewritten, so it does not shrink: its file system has too little room"
                            + " (expected: {} bytes or more)",
                    named,
                    needed);
            return;
        }
        LOG.info(
                "{} is rewritten once, so that it can shrink from now on: {} bytes",
                named,
                file.toFile().length());
        try {
            sql.execute("PRAGMA auto_vacuum = INCREMENTAL");
            sql.execute("VACUUM");
        } catch (SQLException e) {
            LOG.warn(
                    "{} could not be rewritten, so it does not shrink; the next start tries again: {}",
                    named,
                    e.getMessage());
        }
    }

    /** Lets only its owner read the file, and what SQLite makes beside it, which gets the same rights. */
    private void restrict() throws IOException {
        if (!Files.exists(file)) {
            createForOwner(file);
        }
        for (String suffix : List.of("", "-wal", "-shm", "-lock", "-backup")) {
            if (isPosix(file) && Files.exists(beside(suffix))) {
                restrict(beside(suffix));
            }
        }
    }

    /** Makes an empty file that nobody else can read, at any time. */
    void createForOwner(Path made) throws IOException {
        if (isPosix(made)) {
            Files.createFile(made, PosixFilePermissions.asFileAttribute(OWNER_ONLY));
        } else {
            Files.createFile(made);
        }
    }

    private static void restrict(Path part) {
        try {
            Set<PosixFilePermission> rights = Files.getPosixFilePermissions(part);
            if (rights.retainAll(OWNER_ONLY)) {
                Files.setPosixFilePermissions(part, rights);
            }
        } catch (IOException e) {
            LOG.warn("{}: others than its owner can read it: {}", part, e.getMessage());
        }
    }

    private static boolean isPosix(Path file) {
        return file.getFileSystem().supportedFileAttributeViews().contains("posix");
    }

    /** Connects for writing, with commits that are on the disk when they return. */
    Connection connect() throws SQLException {
        Connection connection = connect("");
        try (var statement = connection.createStatement()) {
            statement.execute("PRAGMA busy_timeout = " + OPEN_BUSY_MILLIS);
            statement.execute("PRAGMA journal_mode = WAL");
            statement.execute("PRAGMA synchronous = FULL");
            // the store does that, off the thread that writes
            statement.execute("PRAGMA wal_autocheckpoint = 0");
            return connection;
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
    }

    private Connection connect(String how) throws SQLException {
        var properties = new Properties();
        // else the driver asks for the last row's number after each statement
        properties.setProperty("jdbc.get_generated_keys", "false");
        return DriverManager.getConnection("jdbc:sqlite:file:" + file.toUri().getRawPath() + how, properties);
    }

    @Override
    public void close() throws IOException {
        if (lock != null) {
            lock.close();
            lock = null;
        }
    }
}
