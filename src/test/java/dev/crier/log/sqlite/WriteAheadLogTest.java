package dev.crier.log.sqlite;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** When a move of the write-ahead log starts, and how it ends. The test's own thread is the writing thread. */
class WriteAheadLogTest {

    private static final long DEADLINE_SECONDS = 30;
    private static final long MAX_BYTES = 4L * WriteAheadLog.PAGES * SqliteFile.PAGE_BYTES;

    /** Each row takes one page. */
    private static final String INSERT_ROWS = """
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d)
            INSERT INTO filler SELECT zeroblob(3900) FROM n""";

    @TempDir
    private Path folder;

    private final Queue<Runnable> readingTasks = new ArrayDeque<>();
    private final BlockingQueue<Runnable> writingTasks = new LinkedBlockingQueue<>();
    private SqliteFile file;
    private Sql writer;
    private Sql reader;
    private WriteAheadLog log;

    @BeforeEach
    void open() throws Exception {
        file = SqliteFile.find(folder.resolve("crier.db"));
        new SqliteFormat(file).prepare(true);
        writer = file.connect();
        reader = file.connect();
        writer.execute("CREATE TABLE filler (data)");
        writer.execute("PRAGMA wal_checkpoint(TRUNCATE)");
        log = new WriteAheadLog(file.walPath(), writer, reader, writingTasks::add, readingTasks::add);
    }

    @AfterEach
    void close() throws Exception {
        assertEquals("ok", writer.pragma("integrity_check"));
        reader.close();
        writer.close();
        file.close();
    }

    private void commit(int pages) throws Exception {
        log.awaitMove();
        writer.transact(() -> writer.execute(INSERT_ROWS.formatted(pages)));
        log.moveIfLarge();
    }

    private boolean isMoveStarted() {
        return !readingTasks.isEmpty();
    }

    private Thread startReadingThread() {
        var thread = new Thread(readingTasks.remove());
        thread.start();
        return thread;
    }

    /** Runs the reading thread's part of the move, then the writing thread's. */
    private void finishMove() throws Exception {
        Thread readingThread = startReadingThread();
        writingTasks.poll(DEADLINE_SECONDS, TimeUnit.SECONDS).run();
        awaitEnd(readingThread);
    }

    private static void awaitEnd(Thread readingThread) throws Exception {
        readingThread.join(Duration.ofSeconds(DEADLINE_SECONDS).toMillis());
        assertEquals(Thread.State.TERMINATED, readingThread.getState());
    }

    private int pagesInLog() throws Exception {
        return writer.queryOne("PRAGMA wal_checkpoint(NOOP)", row -> row.getInt(2))
                .orElseThrow();
    }

    private long bytes() {
        return file.walPath().toFile().length();
    }

    @Test
    void everyMoveStartsAtTheSameNumberOfPages() throws Exception {
        for (int move = 1; move <= 6; move++) {
            commit(WriteAheadLog.PAGES - 100);
            assertFalse(isMoveStarted(), "move " + move + " at " + pagesInLog() + " pages");
            commit(100);
            assertTrue(isMoveStarted(), "move " + move + " at " + pagesInLog() + " pages");
            finishMove();
            commit(1);
            assertTrue(pagesInLog() < 10, "after move " + move + " the log has " + pagesInLog() + " pages");
        }
    }

    @Test
    void pagesThatAreCommittedDuringAMoveAreMovedAtItsEnd() throws Exception {
        commit(WriteAheadLog.PAGES);
        commit(WriteAheadLog.PAGES);
        assertEquals(1, readingTasks.size());
        finishMove();
        commit(1);
        assertTrue(pagesInLog() < 10, pagesInLog() + " pages");
    }

    @Test
    void whileAToolReadsAnOlderStateAMoveStartsAfterEveryThousandPages() throws Exception {
        try (Sql tool = file.connect()) {
            tool.execute("BEGIN");
            tool.execute("SELECT count(*) FROM filler");
            commit(WriteAheadLog.PAGES);
            finishMove();
            commit(WriteAheadLog.PAGES / 2);
            assertFalse(isMoveStarted(), pagesInLog() + " pages");
            commit(WriteAheadLog.PAGES / 2);
            assertTrue(isMoveStarted(), pagesInLog() + " pages");
        }
        finishMove();
        commit(1);
        assertTrue(pagesInLog() < 10, pagesInLog() + " pages");
    }

    /** A new connection has another instance. Its moves would wait for ever behind a reading thread that waits for this one. */
    @Test
    void anAbandonedMoveReleasesTheReadingThread() throws Exception {
        commit(WriteAheadLog.PAGES);
        Thread readingThread = startReadingThread();
        Runnable lateEnd = writingTasks.poll(DEADLINE_SECONDS, TimeUnit.SECONDS);
        log.abandonMove();
        awaitEnd(readingThread);
        lateEnd.run();
        assertTrue(pagesInLog() >= WriteAheadLog.PAGES, pagesInLog() + " pages");
        log.move();
        finishMove();
        commit(1);
        assertTrue(pagesInLog() < 10, pagesInLog() + " pages");
    }

    @Test
    void aMoveEndsEvenIfItFailsOnTheReadingThread() throws Exception {
        reader.close();
        commit(WriteAheadLog.PAGES);
        finishMove();
        commit(WriteAheadLog.PAGES);
        assertTrue(isMoveStarted());
    }

    @Test
    void aMoveEndsEvenIfItFailsOnTheWritingThread() throws Exception {
        commit(WriteAheadLog.PAGES);
        writer.close();
        finishMove();
        writer = file.connect();
    }

    @Test
    void aLogThatIsTooLargeIsTruncated() throws Exception {
        commit(5 * WriteAheadLog.PAGES);
        assertTrue(bytes() > MAX_BYTES, bytes() + " bytes");
        finishMove();
        assertEquals(0, bytes());
    }

    @Test
    void aCommitWaitsForTheMoveOfALogThatIsTooLarge() throws Exception {
        commit(5 * WriteAheadLog.PAGES);
        Thread readingThread = startReadingThread();
        log.awaitMove();
        assertEquals(0, bytes());
        awaitEnd(readingThread);
        commit(WriteAheadLog.PAGES);
        assertTrue(isMoveStarted());
        writingTasks.remove().run(); // the end of the first move, which has ended already
        finishMove();
    }

    @Test
    void aLogThatIsTooLargeIsMovedWithoutACommit() throws Exception {
        writer.execute(INSERT_ROWS.formatted(5 * WriteAheadLog.PAGES));
        log.moveIfTooLarge();
        finishMove();
        assertEquals(0, bytes());
        log.moveIfTooLarge();
        assertFalse(isMoveStarted());
    }
}
