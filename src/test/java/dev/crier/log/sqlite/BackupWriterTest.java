package dev.crier.log.sqlite;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.crier.event.ChannelName;
import dev.crier.event.Entry;
import dev.crier.event.Event;
import dev.crier.event.EventId;
import dev.crier.event.PublishException;
import dev.crier.log.store.Store;
import dev.crier.testing.RunningCrier;
import dev.crier.testing.SmallDisk;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** A backup is complete, has a name only then, and only one is written at a time. */
class BackupWriterTest {

    @TempDir
    private Path folder;

    private final Vertx vertx = Vertx.vertx();
    private final WorkerExecutor thread = vertx.createSharedWorkerExecutor("copying", 1);
    private final BackupWriter backups = new BackupWriter(thread);
    private SqliteFile file;
    private Sql sql;
    private long millis;

    @AfterEach
    void close() throws Exception {
        if (sql != null) {
            sql.close();
        }
        RunningCrier.await(vertx.close());
    }

    private void open(Path folder) throws Exception {
        file = SqliteFile.find(folder.resolve("crier.db"));
        new SqliteFormat(file).prepare(true);
        sql = file.connect();
    }

    private void append() throws Exception {
        var entry = new Entry(new EventId(++millis, 0), new ChannelName("/news"), Event.of("data"));
        var writer = new EntryWriter(sql);
        writer.transact(() -> writer.insert(List.of(entry), List.of()));
    }

    private Store.Backup write() throws Exception {
        return RunningCrier.await(backups.write(file));
    }

    private static int entries(Path backup) throws Exception {
        try (Sql copy = SqliteFile.find(backup).connectForCopying()) {
            return copy.queryOne("SELECT count(*) FROM entry", row -> row.getInt(1))
                    .orElseThrow();
        }
    }

    /** A copy of the database file alone would not have what is in the write-ahead log. */
    @Test
    void aBackupHasAllEntriesAndReplacesThePreviousOne() throws Exception {
        open(folder);
        for (int entries = 1; entries <= 2; entries++) {
            append();
            Store.Backup backup = write();
            assertEquals(folder.toRealPath().resolve("crier.db-backup"), backup.file());
            assertEquals(Files.size(backup.file()), backup.bytes());
            assertEquals(entries, entries(backup.file()));
            assertFalse(Files.exists(file.partPath()));
        }
    }

    @Test
    void aBackupIsACrierLogThatCanShrink() throws Exception {
        open(folder);
        SqliteFile backup = SqliteFile.find(write().file());
        var format = new SqliteFormat(backup);
        format.checkHeader();
        assertEquals(SqliteFormat.VERSION, format.checkContent());
        try (Sql copy = backup.connectForCopying()) {
            assertEquals("2", copy.pragma("auto_vacuum"));
        }
    }

    @Test
    @EnabledOnOs({OS.LINUX, OS.MAC})
    void onlyItsOwnerCanReadABackup() throws Exception {
        open(folder);
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(write().file())));
    }

    private void assertUnavailable(String why, Future<?> backup) {
        var e = assertThrows(PublishException.class, () -> RunningCrier.await(backup));
        assertEquals(PublishException.Reason.UNAVAILABLE, e.reason());
        assertEquals(why, e.getMessage());
    }

    @Test
    void aSecondBackupIsRefusedUntilTheFirstIsWritten() throws Exception {
        open(folder);
        var proceed = new CountDownLatch(1);
        thread.executeBlocking(() -> {
            proceed.await();
            return null;
        });
        Future<Store.Backup> first = backups.write(file);
        assertUnavailable("a backup is being written", backups.write(file));
        proceed.countDown();
        RunningCrier.await(first);
        write();
    }

    @Test
    void noBackupIsWrittenThatCouldFillTheDisk() throws Exception {
        try (var disk = SmallDisk.mount()) {
            open(disk.folder());
            long room = disk.folder().toFile().getUsableSpace();
            long needed = Files.size(file.path()) + SqliteFile.SPARE_BYTES;
            assertUnavailable(
                    "the file system has room for " + room + " bytes (expected: " + needed + " or more)",
                    backups.write(file));
            assertFalse(Files.exists(file.backupPath()));
            sql.close();
        }
    }

    @Test
    void theFileOfAnInterruptedBackupIsDeletedAtTheNextStart() throws Exception {
        open(folder);
        Files.writeString(file.partPath(), "half a backup");
        new SqliteFormat(file).prepare(true);
        assertFalse(Files.exists(file.partPath()));
    }
}
