package dev.crier.log.sqlite;

import dev.crier.event.EventId;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The log's file and the two connections to it, one for the writing thread and one for the reading thread. While the file
 * cannot be written there is no writer, and {@link #probe} tries to connect again. The writing thread uses this class; any
 * thread may call {@link #file} and {@link #reader}.
 *
 * <p>The class is long because opening, failing and repairing change the same connections.
 */
final class Connections implements AutoCloseable {

    /** The free space that the file system must have before a probe succeeds. */
    private static final long MIN_ROOM_BYTES = 1L << 20;

    private static final Logger LOG = LoggerFactory.getLogger(Connections.class);

    private final Path named;
    private final Executor writingThread;
    private final Executor readingThread;
    private volatile SqliteFile file;
    private volatile EntryReader reader;
    private EntryWriter writer;
    private WriteAheadLog writeAheadLog;

    /** Why there is no writer. */
    private IOException failure;

    /**
     * @param named the file, as the configuration names it
     * @param writingThread runs one task at a time, in order, on the writing thread
     * @param readingThread runs one task at a time, in order, on the reading thread
     */
    Connections(Path named, Executor writingThread, Executor readingThread) {
        this.named = named;
        this.writingThread = writingThread;
        this.readingThread = readingThread;
    }

    /**
     * Opens the file, at least for reading. A new file, or a file of an earlier version, cannot be read before it has been
     * written.
     */
    void open() throws IOException, SQLException {
        file = SqliteFile.find(named);
        lock();
        if (file.isNew()) {
            connect(null);
            return;
        }
        var format = new SqliteFormat(file);
        format.checkHeader();
        boolean current = format.checkContent() == SqliteFormat.VERSION;
        try {
            connect(null);
        } catch (IOException | SQLException e) {
            if (!current) {
                throw e;
            }
            reader = new EntryReader(file.connectForReading());
        }
    }

    private void lock() {
        try {
            file.lock();
        } catch (IOException e) {
            LOG.debug("{}: the lock file cannot be written: {}", named, e.getMessage()); // the log may be readable
        }
    }

    /**
     * Opens both connections in a mode that can write, so that they share one index of the write-ahead log.
     *
     * @param newest the newest id that this store has committed, or null if the file is being opened
     */
    private void connect(EventId newest) throws IOException, SQLException {
        boolean opening = newest == null;
        if (!opening && file.isNew()) {
            throw new IOException(
                    "the file was moved or deleted (expected: the same file as at the start, or a restart)");
        }
        file.lock();
        new SqliteFormat(file).prepare(opening);
        EntryReader previous = reader;
        Sql writing = file.connect();
        try {
            if (!opening && !new EntryReader(writing).newest().equals(newest)) {
                throw new IOException(EntryWriter.ANOTHER_PROCESS);
            }
            reader = new EntryReader(file.connect());
        } catch (IOException | SQLException e) {
            writing.close();
            throw e;
        }
        writer = new EntryWriter(writing);
        writeAheadLog = new WriteAheadLog(file.walPath(), writing, reader.sql(), writingThread, readingThread);
        if (previous != null) {
            readingThread.execute(() -> closeQuietly(previous)); // after the reads that use it
        }
    }

    /** Checks whether the file can be written, and connects for writing if there is no writer. */
    void probe(EventId newest) throws IOException {
        try {
            if (!file.hasRoom(MIN_ROOM_BYTES)) {
                // the message has no number of free bytes, which would differ each time: a cause is logged once
                throw new IOException(
                        "its file system is full (expected: room for " + MIN_ROOM_BYTES + " bytes or more)");
            }
            if (writer == null) {
                connect(newest);
            }
            writer.transact(writer::touch);
            writer.sql().waitForLocks(Sql.MAX_LOCK_WAIT);
        } catch (IOException | SQLException e) {
            throw failed(e);
        }
    }

    /**
     * Closes the writer after a failure, and returns the failure with the file's name. A connection to a file that was
     * read-only stays read-only, so the next probe makes a new one.
     */
    IOException failed(Exception cause) {
        if (writer != null) {
            try {
                writer.close();
            } catch (SQLException e) {
                cause.addSuppressed(e);
            }
            writer = null;
            writeAheadLog.abandonMove();
        }
        failure = inFile(cause);
        return failure;
    }

    /** Returns the failure of an attempt to open the file. It is final if the file is damaged. */
    Exception notOpened(Exception cause) {
        return cause instanceof SQLException e && SqliteFile.isDamage(e)
                ? file.problem("damaged, " + e.getMessage())
                : inFile(cause);
    }

    /** Returns the failure with the file's name in its message. */
    IOException inFile(Exception cause) {
        return new IOException(named + ": " + cause.getMessage(), cause);
    }

    boolean isWritable() {
        return writer != null;
    }

    /**
     * Returns the writer.
     *
     * @throws IOException the last failure, if there is no writer
     */
    EntryWriter writer() throws IOException {
        if (writer == null) {
            throw failure == null ? inFile(new IOException("not open for writing")) : failure;
        }
        return writer;
    }

    /** Returns the write-ahead log of the writer. */
    WriteAheadLog writeAheadLog() {
        return writeAheadLog;
    }

    /** Returns the reader, or null if the file is not open. */
    EntryReader reader() {
        return reader;
    }

    /** Returns the file, or null if it is not open. */
    SqliteFile file() {
        return file;
    }

    private void closeQuietly(EntryReader previous) {
        try {
            previous.close();
        } catch (SQLException e) {
            LOG.debug("{}: a connection could not be closed: {}", named, e.getMessage());
        }
    }

    /** Closes the reader, on the reading thread, after its last read. */
    void closeReader() throws SQLException {
        EntryReader open = reader;
        if (open != null) {
            open.close();
        }
    }

    /** Closes the connections and the file. */
    @Override
    public void close() throws IOException, SQLException {
        try {
            if (writer != null) {
                writer.close();
            }
            closeReader();
        } finally {
            writer = null;
            reader = null;
            if (file != null) {
                file.close();
                file = null;
            }
        }
    }
}
