package dev.crier.log.sqlite;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.event.ChannelName;
import dev.crier.event.Entry;
import dev.crier.event.Event;
import dev.crier.event.EventId;
import dev.crier.testing.Eventually;
import dev.crier.testing.SmallDisk;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** The writer is closed after a failure and made again by a probe, unless the file is no longer the same. */
class ConnectionsTest {

    private static final SQLException FAILURE = new SQLException("a failure");

    @TempDir
    private Path folder;

    private Connections connections;

    @AfterEach
    void close() throws Exception {
        connections.close();
    }

    private Path open(Path folder) throws Exception {
        Path path = folder.resolve("crier.db");
        connections = new Connections(path, Runnable::run, Runnable::run);
        connections.open();
        return path;
    }

    private static String message(Executable failing) {
        return assertThrows(IOException.class, failing).getMessage();
    }

    @Test
    void afterAFailureTheWriterReportsTheCauseAndReadsContinue() throws Exception {
        Path path = open(folder);
        EntryReader reader = connections.reader();
        assertEquals(path + ": a failure", connections.failed(FAILURE).getMessage());
        assertFalse(connections.isWritable());
        assertEquals(path + ": a failure", message(() -> connections.writer()));
        assertEquals(EventId.FIRST, reader.newest());
    }

    @Test
    void aProbeConnectsAgainAndClosesThePreviousReader() throws Exception {
        open(folder);
        EntryReader before = connections.reader();
        connections.failed(FAILURE);
        connections.probe(EventId.FIRST);
        assertTrue(connections.isWritable());
        connections.writer().transact(connections.writer()::touch);
        assertNotSame(before, connections.reader());
        assertEquals(EventId.FIRST, connections.reader().newest());
        assertThrows(SQLException.class, before::newest);
    }

    /** The next connection's first move needs the reading thread. */
    @Test
    void aFailureReleasesTheReadingThreadThatWaitsForTheEndOfAMove() throws Exception {
        var writingTasks = new ConcurrentLinkedQueue<Runnable>();
        var readingThreads = new ConcurrentLinkedQueue<Thread>();
        connections = new Connections(folder.resolve("crier.db"), writingTasks::add, task -> {
            var thread = new Thread(task);
            readingThreads.add(thread);
            thread.start();
        });
        connections.open();
        connections.writeAheadLog().move();
        Eventually.until("the move waits for its end", () -> !writingTasks.isEmpty());
        connections.failed(FAILURE);
        Thread readingThread = readingThreads.remove();
        readingThread.join(Duration.ofSeconds(30).toMillis());
        assertFalse(readingThread.isAlive());
    }

    /** The log writes each cause once, so a message has no number of bytes, and later failures repeat the first cause. */
    @Test
    void everyFailureOnAFullDiskHasTheSameMessage() throws Exception {
        try (var disk = SmallDisk.mount()) {
            open(disk.folder());
            EntryWriter writer = connections.writer();
            disk.fill();
            var entry = new Entry(new EventId(1, 0), new ChannelName("/news"), Event.of("x".repeat(2_000_000)));
            var e = assertThrows(
                    SQLException.class, () -> writer.transact(() -> writer.insert(List.of(entry), List.of())));
            String cause = connections.failed(e).getMessage();
            assertEquals(cause, message(() -> connections.writer()));
            String full = message(() -> connections.probe(EventId.FIRST));
            try (var filler = FileChannel.open(disk.folder().resolve("filler"), StandardOpenOption.WRITE)) {
                filler.truncate(filler.size() - 100_000);
            }
            assertEquals(full, message(() -> connections.probe(EventId.FIRST)));
            assertEquals(full, message(() -> connections.writer()));
            connections.close();
        }
    }

    @Test
    void aFileThatWasDeletedIsNotReplacedByANewOne() throws Exception {
        Path path = open(folder);
        connections.failed(FAILURE);
        Files.delete(path);
        assertEquals(
                path + ": the file was moved or deleted (expected: the same file as at the start, or a restart)",
                message(() -> connections.probe(EventId.FIRST)));
        assertFalse(Files.exists(path));
    }

    @Test
    void aFileThatAnotherProcessHasChangedIsNotWritten() throws Exception {
        Path path = open(folder);
        connections.failed(FAILURE);
        assertEquals(
                path + ": another process has written to it (expected: one Crier at a time; restart this one)",
                message(() -> connections.probe(new EventId(7, 0))));
        assertFalse(connections.isWritable());
    }
}
