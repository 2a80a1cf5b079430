package dev.crier.log.sqlite;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.event.ChannelName;
import dev.crier.event.Event;
import dev.crier.event.EventId;
import dev.crier.event.Publication;
import dev.crier.event.PublishException;
import dev.crier.event.Retention;
import dev.crier.log.EventLog;
import dev.crier.log.store.ReadResult;
import dev.crier.log.store.Requester;
import dev.crier.testing.Eventually;
import dev.crier.testing.RunningCrier;
import dev.crier.testing.SmallDisk;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** While its file cannot be written, a log serves reads and refuses publications. It recovers without a restart. */
class OutageTest {

    private static final ChannelName NEWS = new ChannelName("/news");
    private static final Retention ALL = new Retention.Events(Retention.Events.ANY_NUMBER, Retention.Events.ANY_AGE);
    private static final Requester ANYONE = new Requester("192.0.2.1", () -> false);

    @TempDir
    private Path temporary;

    private final Vertx vertx = Vertx.vertx();
    private final Context writer = vertx.getOrCreateContext();
    private EventLog log;

    @AfterEach
    void close() throws Exception {
        closeLog();
        RunningCrier.await(vertx.close());
    }

    private <T> T onWriter(Supplier<Future<T>> work) throws Exception {
        Promise<T> done = Promise.promise();
        writer.runOnContext(run -> work.get().onComplete(done));
        return RunningCrier.await(done.future());
    }

    /** Opens a log with nearly nothing in memory, so that reads come from the file. */
    private void openLog(Path folder) throws Exception {
        log = new EventLog(
                channel -> Optional.of(ALL),
                new SqliteStore(vertx, folder.resolve("crier.db"), channel -> Optional.of(ALL), 0, 10),
                InstantSource.system(),
                changed -> {},
                Duration.ofMinutes(10));
        onWriter(log::open);
    }

    private void closeLog() throws Exception {
        if (log != null) {
            onWriter(log::close);
            log = null;
        }
    }

    private void publish(String data) throws Exception {
        onWriter(() -> log.append(new Publication(NEWS, List.of(Event.of(data)), Publication.Attempt.ONCE)));
    }

    private List<String> read() throws Exception {
        var read = (ReadResult.Entries) RunningCrier.await(log.fetch(NEWS, EventId.FIRST, ANYONE));
        return read.entries().stream().map(entry -> entry.event().data()).toList();
    }

    private void assertRefuses() {
        assertFalse(log.stores());
        var refusal = assertThrows(PublishException.class, () -> publish("refused"));
        assertEquals(PublishException.Reason.UNAVAILABLE, refusal.reason());
    }

    /** Waits until the log stores again. Nothing is published meanwhile, so only the trim of each second can notice it. */
    private void assertRecovers() throws Exception {
        Eventually.until("stores again", () -> {
            onWriter(() -> {
                log.trim();
                return Future.succeededFuture();
            });
            return log.stores();
        });
        publish("after");
    }

    private void stopWithOneEvent(Path folder) throws Exception {
        openLog(folder);
        publish("before");
        closeLog();
    }

    @Test
    void aLogStoresAgainWhenAFullDiskHasRoomEvenIfNobodyPublishes() throws Exception {
        try (var disk = SmallDisk.mount()) {
            openLog(disk.folder());
            publish("before");
            disk.fill();
            assertThrows(PublishException.class, () -> publish("x".repeat(2_000_000)));
            assertRefuses();
            assertEquals(List.of("before"), read());
            disk.empty();
            assertRecovers();
            assertEquals(List.of("before", "after"), read());
            closeLog();
        }
    }

    @Test
    void aLogStartsOnAFullDisk() throws Exception {
        try (var disk = SmallDisk.mount()) {
            stopWithOneEvent(disk.folder());
            disk.fill();
            openLog(disk.folder());
            assertRefuses();
            assertEquals(List.of("before"), read());
            disk.empty();
            assertRecovers();
            assertEquals(List.of("before", "after"), read());
            closeLog();
        }
    }

    @Test
    void aLogThatWasKilledStartsOnAFullDisk() throws Exception {
        try (var disk = SmallDisk.mount()) {
            openLog(temporary);
            publish("before");
            for (String suffix : List.of("", "-wal", "-shm")) {
                Files.copy(temporary.resolve("crier.db" + suffix), disk.folder().resolve("crier.db" + suffix));
            }
            closeLog();
            disk.fill();
            openLog(disk.folder());
            assertRefuses();
            assertEquals(List.of("before"), read());
            disk.empty();
            assertRecovers();
            assertEquals(List.of("before", "after"), read());
            closeLog();
        }
    }

    @Test
    void aNewLogStartsOnAFullDiskAndCanBeReadWhenThereIsRoom() throws Exception {
        try (var disk = SmallDisk.mount()) {
            disk.fill();
            openLog(disk.folder());
            assertRefuses();
            assertFalse(log.isReadable());
            disk.empty();
            assertRecovers();
            assertEquals(List.of("after"), read());
            closeLog();
        }
    }

    @Test
    void aLogStartsOnAReadOnlyFileSystem() throws Exception {
        try (var disk = SmallDisk.mount()) {
            stopWithOneEvent(disk.folder());
            disk.setReadOnly(true);
            openLog(disk.folder());
            assertRefuses();
            assertEquals(List.of("before"), read());
            disk.setReadOnly(false);
            assertRecovers();
            assertEquals(List.of("before", "after"), read());
            closeLog();
        }
    }

    private Connection tool(String... statements) throws Exception {
        Connection connection = DriverManager.getConnection("jdbc:sqlite:" + temporary.resolve("crier.db"));
        try (var statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
        return connection;
    }

    @Test
    void aLogStartsWhileAnotherToolWritesToTheFile() throws Exception {
        stopWithOneEvent(temporary);
        Connection tool = tool("BEGIN IMMEDIATE");
        try {
            openLog(temporary);
            assertRefuses();
            assertEquals(List.of("before"), read());
        } finally {
            tool.close();
        }
        assertRecovers();
        assertEquals(List.of("before", "after"), read());
    }

    @Test
    void aFileOfAnEarlierVersionCanBeReadWhenItHasBeenMigrated() throws Exception {
        stopWithOneEvent(temporary);
        tool(
                        "DROP INDEX entry_of_channel",
                        "ALTER TABLE entry DROP COLUMN events",
                        "CREATE INDEX entry_of_channel ON entry (channel, millis, sequence)",
                        "ALTER TABLE entry DROP COLUMN stored_millis",
                        "ALTER TABLE newest DROP COLUMN wall_ahead_millis",
                        "ALTER TABLE newest DROP COLUMN forgotten_millis",
                        "ALTER TABLE newest DROP COLUMN forgotten_sequence",
                        "PRAGMA user_version = 2")
                .close();
        Connection tool = tool("BEGIN IMMEDIATE");
        try {
            openLog(temporary);
            assertRefuses();
            assertFalse(log.isReadable());
            assertEquals(Optional.empty(), log.full());
            assertEquals(0, log.channels() + log.entries() + log.memoryBytes());
        } finally {
            tool.close();
        }
        assertRecovers();
        assertEquals(1, log.channels());
        assertEquals(List.of("before", "after"), read());
    }

    @Test
    void aLogThatAnotherToolHasLockedCanBeReadLater() throws Exception {
        stopWithOneEvent(temporary);
        Connection tool = tool("PRAGMA locking_mode = EXCLUSIVE", "BEGIN EXCLUSIVE");
        try {
            openLog(temporary);
            assertRefuses();
            assertFalse(log.isReadable());
        } finally {
            tool.close();
        }
        assertRecovers();
        assertTrue(log.isReadable());
        assertEquals(List.of("before", "after"), read());
    }

    @Test
    void aLogToWhichAnotherProcessHasWrittenStoresNothing() throws Exception {
        openLog(temporary);
        publish("before");
        Connection other = tool("UPDATE newest SET sequence = sequence + 1");
        try {
            assertThrows(PublishException.class, () -> publish("refused"));
            onWriter(() -> {
                log.trim();
                return Future.succeededFuture();
            });
            assertRefuses();
            assertEquals(List.of("before"), read());
        } finally {
            other.close();
        }
    }
}
