package dev.crier.log.sqlite;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.config.file.ConfException;
import dev.crier.event.ChannelName;
import dev.crier.event.Event;
import dev.crier.event.EventId;
import dev.crier.event.Publication;
import dev.crier.event.PublishException;
import dev.crier.event.Retention;
import dev.crier.log.AgeClock;
import dev.crier.log.LogInUseException;
import dev.crier.log.Requester;
import dev.crier.log.Store;
import dev.crier.testing.Eventually;
import dev.crier.testing.RunningCrier;
import dev.crier.testing.SmallDisk;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** What stands on the disk: how large it grows, who can read it, its names, and its backup. */
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

    private void open(Path file, Retention keep) throws Exception {
        store = new SqliteStore(vertx, file, channel -> Optional.of(keep), 0, 10);
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
        while (RunningCrier.await(store.trim(millis, 0, 0, EventId.LAST)).more()) {}
    }

    private int kept() throws Exception {
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
    void theFileShrinksWhenMuchIsNoLongerKept() throws Exception {
        open(file(), FEW);
        for (int i = 0; i < 20; i++) {
            RunningCrier.await(append(100));
        }
        Eventually.until("the log is in the file", () -> Files.size(file()) > 10_000_000);
        trim();
        assertEquals(10, kept());
        Eventually.until(() -> "shrunk: " + file().toFile().length(), () -> {
            trim();
            return Files.size(file()) < 4_000_000;
        });
        assertEquals("ok", query(file(), "PRAGMA integrity_check"));
        assertEquals(10, kept());
    }

    @Test
    void aFileOfAnEarlierCrierIsRewrittenOnceAndShrinksToo() throws Exception {
        open(file(), ALL);
        RunningCrier.await(append(1_000));
        stop();
        makeAsEarlierCrierDid(file());
        open(file(), FEW);
        assertEquals("2", query(file(), "PRAGMA auto_vacuum"));
        assertEquals(1_000, kept());
        Eventually.until(() -> "shrunk: " + file().toFile().length(), () -> {
            trim();
            return Files.size(file()) < 4_000_000;
        });
        assertEquals(10, kept());
    }

    private static void makeAsEarlierCrierDid(Path file) throws Exception {
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
            makeAsEarlierCrierDid(file);
            open(file, ALL);
            assertEquals("0", query(file, "PRAGMA auto_vacuum"));
            RunningCrier.await(store.probe());
            RunningCrier.await(append(1));
            assertEquals("2", query(file, "SELECT count(*) FROM entry"));
            stop();
        }
    }

    /** As while somebody catches up: SQLite's own way never gets to the beginning of its write-ahead log then. */
    @Test
    void theWriteAheadLogStaysSmallWhileReadsNeverPause() throws Exception {
        open(file(), ALL);
        RunningCrier.await(append(100));
        var reading = new boolean[] {true};
        readOn(reading);
        readOn(reading);
        long largest = 0;
        for (int i = 0; i < 400; i++) {
            RunningCrier.await(append(20));
            largest = Math.max(largest, walBytes());
        }
        reading[0] = false;
        assertTrue(largest < 24_000_000, "of 80 MB that were written, the log had " + largest);
    }

    private void readOn(boolean[] reading) {
        store.read(NEWS, EventId.FIRST, EventId.LAST, ANYONE).onSuccess(read -> {
            if (reading[0]) {
                readOn(reading);
            }
        });
    }

    @Test
    void theWriteAheadLogIsEmptiedWhenAToolThatWasInTheWayHasGone() throws Exception {
        open(file(), ALL);
        RunningCrier.await(append(10));
        try (Connection tool = DriverManager.getConnection("jdbc:sqlite:" + file());
                var statement = tool.createStatement()) {
            statement.execute("BEGIN");
            statement.executeQuery("SELECT count(*) FROM entry").close();
            for (int i = 0; i < 20; i++) {
                RunningCrier.await(append(100));
            }
            assertTrue(walBytes() > 10_000_000, "the tool keeps it: " + walBytes());
        }
        Eventually.until(() -> "emptied: " + walBytes(), () -> {
            trim();
            return walBytes() == 0;
        });
    }

    /** Deletes and moves touch whole pages, so it is bytes that count: else a step would take 1,000 large events. */
    @Test
    void oneStepOfATrimDropsFewLargeEvents() throws Exception {
        open(file(), FEW);
        for (int i = 0; i < 20; i++) {
            RunningCrier.await(append(100));
        }
        assertTrue(RunningCrier.await(store.trim(millis, 0, 0, EventId.LAST)).more());
        assertTrue(kept() > 1_600, "kept after one step: " + kept());
    }

    /** Else a gap would end after the newest position that readers know. */
    @Test
    void aTrimDropsNothingThatIsNotYetShown() throws Exception {
        open(file(), FEW);
        RunningCrier.await(append(15));
        EventId shown = RunningCrier.await(store.newest());
        RunningCrier.await(append(20));
        assertTrue(RunningCrier.await(store.trim(millis, 0, 0, shown)).more());
        assertEquals(20, kept());
        assertEquals(
                shown,
                RunningCrier.await(store.gap(NEWS, EventId.FIRST, ANYONE)).through());
        trim();
        assertEquals(10, kept());
    }

    @Test
    @EnabledOnOs({OS.LINUX, OS.MAC})
    void onlyItsOwnerCanReadTheFilesEvenThoseOfAnEarlierCrier() throws Exception {
        open(file(), ALL);
        RunningCrier.await(append(1));
        RunningCrier.await(store.backup());
        assertOwnerOnly("crier.db", "crier.db-wal", "crier.db-shm", "crier.db-backup");
        stop();
        Files.setPosixFilePermissions(file(), PosixFilePermissions.fromString("rw-r--r--"));
        open(file(), ALL);
        RunningCrier.await(append(1));
        assertOwnerOnly("crier.db", "crier.db-wal", "crier.db-shm");
    }

    private void assertOwnerOnly(String... names) throws Exception {
        for (String name : names) {
            assertEquals(
                    "rw-------",
                    PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve(name))),
                    name);
        }
    }

    private void assertInUse(Path name) {
        var second = new SqliteStore(vertx, name, channel -> Optional.of(ALL));
        assertThrows(
                LogInUseException.class, () -> RunningCrier.await(second.open(clock(), shown -> {})), name.toString());
        second.close();
    }

    @Test
    @EnabledOnOs({OS.LINUX, OS.MAC})
    void aSymbolicLinkIsTheSameFile() throws Exception {
        Path real = Files.createDirectories(folder.resolve("real"));
        Path link = Files.createSymbolicLink(folder.resolve("link.db"), Path.of("real/crier.db")); // to nothing yet
        Path parent = Files.createSymbolicLink(folder.resolve("parent"), real);
        open(link, ALL);
        assertTrue(Files.exists(real.resolve("crier.db")));
        assertInUse(real.resolve("crier.db"));
        assertInUse(parent.resolve("crier.db"));
        assertInUse(link);
    }

    @Test
    @EnabledOnOs({OS.LINUX, OS.MAC})
    void aFileWithTwoNamesOfItsOwnIsRefused() throws Exception {
        open(file(), ALL);
        stop();
        Path other = Files.createLink(folder.resolve("other.db"), file());
        for (Path name : List.of(file(), other)) {
            store = new SqliteStore(vertx, name, channel -> Optional.of(ALL));
            var e = assertThrows(ConfException.class, () -> RunningCrier.await(store.open(clock(), shown -> {})));
            assertEquals(
                    "log.file: " + name + ": has 2 names, which are hard links (expected: a file with one name)",
                    e.getMessage());
            stop();
        }
    }

    /** Copying the file would miss what is in the write-ahead log. */
    @Test
    void aBackupHasAllThatWasStoredAndCrierStartsFromIt() throws Exception {
        open(file(), ALL);
        RunningCrier.await(append(100));
        RunningCrier.await(append(23));
        assertEquals(123, Integer.parseInt(query(file(), "SELECT count(*) FROM entry")));
        Store.Backup backup = RunningCrier.await(store.backup());
        assertEquals(folder.toRealPath().resolve("crier.db-backup"), backup.file());
        assertEquals(Files.size(backup.file()), backup.bytes());
        RunningCrier.await(append(1)); // goes on, and is not in it
        stop();
        Path restored = Files.copy(backup.file(), folder.resolve("restored.db"));
        open(restored, ALL);
        assertEquals("2", query(restored, "PRAGMA auto_vacuum"));
        RunningCrier.await(append(1));
        assertEquals(124, Integer.parseInt(query(restored, "SELECT count(*) FROM entry")));
    }

    @Test
    void publicationsDoNotWaitForABackupAndASecondBackupIsRefusedMeanwhile() throws Exception {
        open(file(), ALL);
        for (int i = 0; i < 30; i++) {
            RunningCrier.await(append(100));
        }
        Future<Store.Backup> first = store.backup();
        var refusal = assertThrows(PublishException.class, () -> RunningCrier.await(store.backup()));
        assertEquals("a backup is being written", refusal.getMessage());
        var before = new ArrayList<Boolean>();
        for (int i = 0; i < 3; i++) {
            RunningCrier.await(append(1));
            before.add(!first.isComplete());
        }
        assertTrue(before.get(0), "a publication was stored while the backup was written");
        RunningCrier.await(first);
        RunningCrier.await(store.backup()); // replaces the first
        assertEquals(
                List.of(),
                List.of(folder.toFile().list()).stream()
                        .filter(name -> name.endsWith(".part"))
                        .toList());
    }
}
