package dev.crier.log.sqlite;

import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Moves SQLite's write-ahead log into the database file, so that the log stays small. SQLite's automatic checkpoint runs
 * inside a commit and cannot restart the log while another connection reads, so under constant reads the log would grow
 * without end. A move by this class has two parts:
 *
 * <ol>
 *   <li>The reading thread copies most of the pages while publications continue.
 *   <li>The writing thread copies the pages that were added meanwhile, and the reading thread waits. No connection of Crier
 *       reads then, so the next commit can start at the beginning of the log.
 * </ol>
 *
 * <p>An instance belongs to one pair of connections, and only the writing thread calls it.
 */
final class WriteAheadLog {

    /** The number of pages at which a move starts, the default of SQLite's automatic checkpoint. */
    static final int PAGES = 1_000;

    private static final long BYTES = PAGES * SqliteFile.PAGE_BYTES;

    /** A larger log, such as one that grew while another tool read, is truncated when it has been moved. */
    private static final long MAX_BYTES = 4 * BYTES;

    private static final Logger LOG = LoggerFactory.getLogger(WriteAheadLog.class);

    /** A move, and the two moments that the other thread waits for. */
    private static final class Move {
        final CountDownLatch copied = new CountDownLatch(1);
        final CountDownLatch ended = new CountDownLatch(1);
    }

    private final Path path;
    private final Sql writer;
    private final Sql reader;
    private final Executor writingThread;
    private final Executor readingThread;

    /** The move that is under way, or null. */
    private Move move;

    /** Pages that the last move could not copy because another tool reads an older state; mostly 0. */
    private int pagesLeft;

    /**
     * @param path the file of the log
     * @param writingThread runs one task at a time, in order, on the thread that uses {@code writer}
     * @param readingThread runs one task at a time, in order, on the thread that uses {@code reader}
     */
    WriteAheadLog(Path path, Sql writer, Sql reader, Executor writingThread, Executor readingThread) {
        this.path = path;
        this.writer = writer;
        this.reader = reader;
        this.writingThread = writingThread;
        this.readingThread = readingThread;
    }

    /** Starts a move if a commit has made the log large. Logs a failure, because the commit itself has succeeded. */
    void moveIfLarge() {
        try {
            if (move == null && length() >= BYTES && pagesToMove() - pagesLeft >= PAGES) {
                move();
            }
        } catch (SQLException e) {
            LOG.debug("{}: the size of the write-ahead log could not be read: {}", path, e.getMessage());
        }
    }

    /** Starts a move if the log is too large. Whatever prevented the last move, such as a tool that reads, may be gone. */
    void moveIfTooLarge() {
        if (length() > MAX_BYTES) {
            move();
        }
    }

    /** Starts a move unless one is under way. */
    void move() {
        if (move != null) {
            return;
        }
        var moving = new Move();
        move = moving;
        readingThread.execute(() -> {
            try {
                reader.execute("PRAGMA wal_checkpoint(PASSIVE)");
            } catch (Exception e) { // the writing thread ends the move in any case, or no other could start
                LOG.debug("{}: the write-ahead log could not be moved: {}", path, e.getMessage());
            } finally {
                moving.copied.countDown();
            }
            writingThread.execute(() -> endOnWritingThread(moving));
            try {
                moving.ended.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt(); // Vert.x is closing
            }
        });
    }

    private void endOnWritingThread(Move moving) {
        try {
            end(moving);
        } catch (SQLException e) {
            LOG.debug("{}: the write-ahead log could not be restarted: {}", path, e.getMessage());
        }
    }

    /** Copies the remaining pages and restarts the log, unless {@link #awaitMove} has already done that. */
    private void end(Move moving) throws SQLException {
        if (move != moving) {
            return;
        }
        move = null;
        try {
            restart();
            pagesLeft = pagesToMove();
        } finally {
            moving.ended.countDown();
        }
    }

    /** Copies the pages that no other connection needs, so that the next commit starts at the beginning of the log. */
    private void restart() throws SQLException {
        writer.waitForLocks(Duration.ZERO);
        try {
            // truncating makes the next commits slower
            writer.execute("PRAGMA wal_checkpoint(" + (length() > MAX_BYTES ? "TRUNCATE" : "RESTART") + ")");
        } finally {
            writer.waitForLocks(Sql.MAX_LOCK_WAIT);
        }
    }

    /** Returns how many pages of the log are not in the database file yet. */
    private int pagesToMove() throws SQLException {
        return writer.queryOne("PRAGMA wal_checkpoint(NOOP)", row -> row.getInt(2) - row.getInt(3))
                .orElseThrow();
    }

    /**
     * Waits for the move that is under way if the log is too large. Without this, the log would grow without end where the
     * disk stores publications faster than the move copies them. Called before each commit.
     */
    void awaitMove() throws SQLException, InterruptedException {
        Move moving = move;
        if (moving != null && length() > MAX_BYTES) {
            moving.copied.await();
            end(moving);
        }
    }

    /**
     * Gives up the move that is under way, because the writing connection is closed. The next connection has another instance,
     * whose moves wait for the reading thread; so that thread must not wait for this move.
     */
    void abandonMove() {
        if (move != null) {
            move.ended.countDown();
            move = null;
        }
    }

    private long length() {
        return path.toFile().length();
    }
}
