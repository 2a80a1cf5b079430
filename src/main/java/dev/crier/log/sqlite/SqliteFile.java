package dev.crier.log.sqlite;

import dev.crier.config.file.ConfException;
import dev.crier.log.store.LogInUseException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.SQLException;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.sqlite.JDBC;

/**
 * The file of the log and the files beside it: their names, their permissions, the lock and the connections. Thread-safe,
 * except for {@link #lock} and {@link #close}, which belong to the writing thread.
 *
 * <p>A {@link ConfException} or {@link LogInUseException} is final: the file is damaged, not a Crier log, or in use by another
 * Crier. Any other failure, such as a full disk or a lock of another tool, is an {@link IOException} or {@link SQLException}
 * and may pass.
 *
 * <p>The class is long because each kind of connection has settings of its own, which this class explains next to each other.
 */
final class SqliteFile implements AutoCloseable {

    /** The size of a page, SQLite's own default. */
    static final int PAGE_BYTES = 4096;

    /**
     * A connection's cache. A batch changes a page of the index for each of its channels; if they did not fit, SQLite would write
     * pages before the commit and read them again.
     */
    private static final int CACHE_KIB = 8_192;

    /** The room that a copy of the file must leave for the log. */
    static final long SPARE_BYTES = 64L << 20;

    /** SQLite's code SQLITE_CORRUPT. */
    static final int CORRUPT = 11;

    /** SQLite's codes for a damaged file: SQLITE_CORRUPT and SQLITE_NOTADB. */
    private static final Set<Integer> DAMAGED = Set.of(CORRUPT, 26);

    /** SQLite's codes for a lock of another connection: SQLITE_BUSY, SQLITE_LOCKED and SQLITE_PROTOCOL. */
    private static final Set<Integer> LOCKED = Set.of(5, 6, 15);

    /** How long opening waits for a lock of another tool. */
    private static final Duration OPENING_LOCK_WAIT = Duration.ofSeconds(1);

    /** The number of symbolic links that are followed, which is Linux's own limit. */
    private static final int MAX_LINKS = 40;

    private static final Set<PosixFilePermission> OWNER_ONLY =
            EnumSet.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);

    private static final Logger LOG = LoggerFactory.getLogger(SqliteFile.class);

    private final Path named;
    private final Path path;
    private final LockFile lock;

    private SqliteFile(Path named, Path path) {
        this.named = named;
        this.path = path;
        this.lock = new LockFile(beside("-lock"));
    }

    /**
     * Finds the file by its real name, and loads SQLite. The lock is beside the file, so two Criers that use two names of the
     * file would not see each other's lock.
     *
     * @param named the file, as the configuration names it
     * @throws ConfException if the file has hard links
     */
    static SqliteFile find(Path named) throws IOException {
        Path path = named.toAbsolutePath();
        for (int i = 0; i < MAX_LINKS && Files.isSymbolicLink(path); i++) {
            path = path.resolveSibling(Files.readSymbolicLink(path));
        }
        Files.createDirectories(path.getParent());
        Path folder = path.getParent().toRealPath();
        SqliteLibrary.load(folder);
        var file = new SqliteFile(named, folder.resolve(path.getFileName()));
        file.checkNames();
        return file;
    }

    private void checkNames() throws IOException {
        if (isPosix() && Files.exists(path)) {
            int names = (Integer) Files.getAttribute(path, "unix:nlink");
            if (names > 1) {
                throw problem("has " + names + " names, which are hard links", "a file with one name");
            }
        }
    }

    Path path() {
        return path;
    }

    Path walPath() {
        return beside("-wal");
    }

    Path backupPath() {
        return beside("-backup");
    }

    /** Returns the name of a backup that is not complete. */
    Path partPath() {
        return beside("-backup.part");
    }

    private Path beside(String suffix) {
        return path.resolveSibling(path.getFileName() + suffix);
    }

    boolean isNew() throws IOException {
        return !Files.exists(path) || Files.size(path) == 0;
    }

    /** Returns whether the file system has room for the bytes, or does not report its size. */
    boolean hasRoom(long bytes) {
        var folder = path.getParent().toFile();
        return folder.getUsableSpace() >= bytes || folder.getTotalSpace() == 0;
    }

    ConfException problem(String problem) {
        return problem(problem, "a Crier log, or no file yet");
    }

    private ConfException problem(String problem, String expected) {
        return new ConfException("log.file: " + named + ": " + problem + " (expected: " + expected + ")");
    }

    /**
     * Locks the file against every other Crier.
     *
     * @throws LogInUseException if another Crier has the lock
     * @throws IOException if the lock file cannot be written, and so the log cannot be either
     */
    void lock() throws IOException {
        lock.lock(named);
    }

    /** Restricts the file to its owner. SQLite creates the files next to it with the same permissions. */
    void restrict() throws IOException {
        if (!Files.exists(path)) {
            createForOwner(path);
        }
        if (isPosix()) {
            for (String suffix : List.of("", "-wal", "-shm", "-lock", "-backup")) {
                if (Files.exists(beside(suffix))) {
                    restrict(beside(suffix));
                }
            }
        }
    }

    private static void restrict(Path file) {
        try {
            Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(file);
            if (permissions.retainAll(OWNER_ONLY)) {
                Files.setPosixFilePermissions(file, permissions);
            }
        } catch (IOException e) {
            LOG.warn(
                    "{}: cannot restrict its permissions, so other users may be able to read it: {}",
                    file,
                    e.getMessage());
        }
    }

    /** Creates an empty file. On a POSIX file system, only its owner can ever read it. */
    void createForOwner(Path file) throws IOException {
        if (isPosix()) {
            Files.createFile(file, PosixFilePermissions.asFileAttribute(OWNER_ONLY));
        } else {
            Files.createFile(file);
        }
    }

    /** Flushes the folder, so that a renamed file survives a crash of the machine. Does nothing where that is impossible. */
    void flushFolder() throws IOException {
        if (isPosix()) {
            try (var folder = FileChannel.open(path.getParent(), StandardOpenOption.READ)) {
                folder.force(true);
            }
        }
    }

    private boolean isPosix() {
        return path.getFileSystem().supportedFileAttributeViews().contains("posix");
    }

    /** Connects for writing. A commit is on the disk when it returns. */
    Sql connect() throws SQLException {
        return connect(
                "",
                "PRAGMA journal_mode = WAL",
                "PRAGMA synchronous = FULL",
                "PRAGMA cache_size = -" + CACHE_KIB,
                "PRAGMA wal_autocheckpoint = 0"); // WriteAheadLog does that, off the writing thread
    }

    /** Connects to change the format of the file. */
    Sql connectForPreparing() throws SQLException {
        return connect("");
    }

    /**
     * Connects without a need to write. On a full disk or a read-only file system, SQLite cannot make the index of the
     * write-ahead log. The file is then read as it is, without locks, but only if there is no write-ahead log, whose content
     * would be missing, and no other connection that has a lock.
     */
    Sql connectForReading() throws SQLException {
        try {
            return connectForCopying();
        } catch (SQLException e) {
            if (isDamage(e)
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
    Sql connectForCopying() throws SQLException {
        return readable("?mode=ro");
    }

    private Sql readable(String parameters) throws SQLException {
        return connect(parameters, "SELECT count(*) FROM sqlite_schema"); // fails if the file cannot be read
    }

    static boolean isDamage(SQLException e) {
        return DAMAGED.contains(e.getErrorCode());
    }

    private Sql connect(String parameters, String... statements) throws SQLException {
        var properties = new Properties();
        // otherwise the driver queries the last row's number after each statement
        properties.setProperty("jdbc.get_generated_keys", "false");
        // without java.sql.DriverManager, which does not find a driver that another class loader has loaded
        var sql = new Sql(
                JDBC.createConnection("jdbc:sqlite:file:" + path.toUri().getRawPath() + parameters, properties));
        try {
            sql.waitForLocks(OPENING_LOCK_WAIT);
            for (String statement : statements) {
                sql.execute(statement);
            }
            return sql;
        } catch (SQLException e) {
            sql.close();
            throw e;
        }
    }

    @Override
    public void close() throws IOException {
        lock.close();
    }

    /** Returns the file as the configuration names it. */
    @Override
    public String toString() {
        return named.toString();
    }
}
