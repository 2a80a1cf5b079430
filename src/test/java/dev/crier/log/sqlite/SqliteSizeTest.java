package dev.crier.log.sqlite;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.config.file.ConfException;
import dev.crier.event.ChannelName;
import dev.crier.event.Event;
import dev.crier.event.EventId;
import dev.crier.event.Publication;
import dev.crier.event.Retention;
import dev.crier.log.store.AgeClock;
import dev.crier.log.store.ReadResult;
import dev.crier.log.store.Requester;
import dev.crier.log.store.Store;
import dev.crier.testing.Eventually;
import dev.crier.testing.RunningCrier;
import dev.crier.testing.SmallDisk;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The size of the files under load, and the backup, with all threads of the store. */
class SqliteSizeTest {

    private static final ChannelName NEWS = new ChannelName("/news");
    private static final Retention FEW = new Retention.Events(10, Retention.Events.ANY_AGE);
    private static final Retention ALL = new Retention.Events(Retention.Events.ANY_NUMBER, Retention.Events.ANY_AGE);
    private static final Requester ANYONE = new Requester("192.0.2.1", () -> false);
    private static final String DATA = "x".repeat(10_000);

    @TempDir
    private Path folder;

    private final Vertx vertx = Vertx.vertx();
    private SqliteStore store;
    private long millis = 1_000_000_000_000L;

    @AfterEach
    void close() throws Exception {
        stop();
        RunningCrier.await(vertx.close());
    }

    private void stop() throws Exception {
        if (store != null) {
            RunningCrier.await(store.close());
            store = null;
        }
    }

    private Path file() {
        return folder.resolve("crier.db");
    }

    private void open(Path file, Retention retention) throws Exception {
        store = new SqliteStore(vertx, file, channel -> Optional.of(retention), 0, 10);
        RunningCrier.await(store.open(clock(), shown -> {}));
    }

    private AgeClock clock() {
        return new AgeClock(() -> Instant.ofEpochMilli(millis), () -> millis * 1_000_000);
    }

    private Future<?> append(int events) {
        millis++;
        return store.append(
                List.of(new Publication(NEWS, Collections.nCopies(events, Event.of(DATA)), Publication.Attempt.ONCE)));
    }

    private void trim() throws Exception {
        while (RunningCrier.await(store.trim(millis, 0, 0, EventId.LAST))) {}
    }

    private int entries() throws Exception {
        return Integer.parseInt(query(file(), "SELECT count(*) FROM entry"));
    }

    private static String query(Path database, String sql) throws Exception {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + database);
                var statement = connection.createStatement();
                var rows = statement.executeQuery(sql)) {
            return rows.getString(1);
        }
    }

    private long walBytes() {
        return folder.resolve("crier.db-wal").toFile().length();
    }

    @Test
    void aFileShrinksWhenMuchOfItIsFree() throws Exception {
        open(file(), FEW);
        for (int i = 0; i < 20; i++) {
            RunningCrier.await(append(100));
        }
        Eventually.until("the write-ahead log is moved", () -> Files.size(file()) > 10_000_000);
        trim();
        assertEquals(10, entries());
        Eventually.until(() -> "bytes: " + file().toFile().length(), () -> {
            trim();
            return Files.size(file()) < 4_000_000;
        });
        assertEquals("ok", query(file(), "PRAGMA integrity_check"));
        assertEquals(10, entries());
    }

    @Test
    void aFileOfAnEarlierCrierIsRewrittenOnceAndThenShrinks() throws Exception {
        open(file(), ALL);
        RunningCrier.await(append(1_000));
        stop();
        makeAsAnEarlierCrierDid(file());
        open(file(), FEW);
        assertEquals("2", query(file(), "PRAGMA auto_vacuum"));
        assertEquals(1_000, entries());
        Eventually.until(() -> "bytes: " + file().toFile().length(), () -> {
            trim();
            return Files.size(file()) < 4_000_000;
        });
        assertEquals(10, entries());
    }

    private static void makeAsAnEarlierCrierDid(Path file) throws Exception {
        query(file, "PRAGMA journal_mode = DELETE");
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
                var statement = connection.createStatement()) {
            statement.execute("PRAGMA auto_vacuum = NONE");
            statement.execute("VACUUM");
        }
        assertEquals("0", query(file, "PRAGMA auto_vacuum"));
    }

    @Test
    void aFileOfAnEarlierCrierIsNotRewrittenWhereThatCouldFillTheDisk() throws Exception {
        try (var disk = SmallDisk.mount()) {
            Path file = disk.folder().resolve("crier.db");
            open(file, ALL);
            RunningCrier.await(append(1));
            stop();
            makeAsAnEarlierCrierDid(file);
            open(file, ALL);
            assertEquals("0", query(file, "PRAGMA auto_vacuum"));
            RunningCrier.await(store.probe());
            RunningCrier.await(append(1));
            assertEquals("2", query(file, "SELECT count(*) FROM entry"));
            stop();
        }
    }

    /** SQLite's automatic checkpoint would never restart its log while subscribers catch up. */
    @Test
    void theWriteAheadLogStaysSmallWhileReadsNeverPause() throws Exception {
        open(file(), ALL);
        RunningCrier.await(append(100));
        var reading = new AtomicBoolean(true);
        keepReading(reading);
        keepReading(reading);
        long largest = 0;
        for (int i = 0; i < 200; i++) {
            RunningCrier.await(append(20));
            largest = Math.max(largest, walBytes());
        }
        reading.set(false);
        assertTrue(largest < 24_000_000, "of 40 MB that were written, the log had " + largest);
    }

    private void keepReading(AtomicBoolean reading) {
        store.read(NEWS, EventId.FIRST, EventId.LAST, ReadResult.MAX_BYTES, ANYONE)
                .onSuccess(read -> {
                    if (reading.get()) {
                        keepReading(reading);
                    }
                });
    }

    @Test
    void theWriteAheadLogIsTruncatedAfterAToolThatReadTheFileHasGone() throws Exception {
        open(file(), ALL);
        RunningCrier.await(append(10));
        try (Connection tool = DriverManager.getConnection("jdbc:sqlite:" + file());
                var statement = tool.createStatement()) {
            statement.execute("BEGIN");
            statement.executeQuery("SELECT count(*) FROM entry").close();
            for (int i = 0; i < 20; i++) {
                RunningCrier.await(append(100));
            }
            assertTrue(walBytes() > 10_000_000, "the tool prevents the move: " + walBytes());
        }
        Eventually.until(() -> "truncated: " + walBytes(), () -> {
            trim();
            return walBytes() == 0;
        });
    }

    /** SQLite recovers, and so changes, a file that it opens after a crash. */
    @Test
    void aFileThatIsNotACrierLogIsLeftAsItIs() throws Exception {
        try (Connection tool = DriverManager.getConnection("jdbc:sqlite:" + file());
                var statement = tool.createStatement()) {
            statement.execute("CREATE TABLE other (data)");
        }
        byte[] before = Files.readAllBytes(file());
        var e = assertThrows(ConfException.class, () -> open(file(), ALL));
        assertEquals(
                "log.file: " + file() + ": not a Crier log (expected: a Crier log, or no file yet)", e.getMessage());
        assertArrayEquals(before, Files.readAllBytes(file()));
        assertFalse(Files.exists(folder.resolve("crier.db-wal")));
    }

    @Test
    void crierStartsFromABackup() throws Exception {
        open(file(), ALL);
        RunningCrier.await(append(123));
        Path backup = RunningCrier.await(store.backup()).file();
        RunningCrier.await(append(1)); // not in the backup
        stop();
        Path restored = Files.copy(backup, folder.resolve("restored.db"));
        open(restored, ALL);
        RunningCrier.await(append(1));
        assertEquals("124", query(restored, "SELECT count(*) FROM entry"));
    }

    /** The test occupies the thread on which the backup would be written. */
    @Test
    void publicationsDoNotWaitForABackup() throws Exception {
        open(file(), ALL);
        var proceed = new CountDownLatch(1);
        var copying = vertx.createSharedWorkerExecutor("crier-log-copy-" + file());
        copying.executeBlocking(() -> {
            proceed.await();
            return null;
        });
        Future<Store.Backup> backup = store.backup();
        RunningCrier.await(append(1));
        assertFalse(backup.isComplete());
        proceed.countDown();
        RunningCrier.await(backup);
    }
}
