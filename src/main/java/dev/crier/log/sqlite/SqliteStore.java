package dev.crier.log.sqlite;

import dev.crier.event.ChannelName;
import dev.crier.event.Entry;
import dev.crier.event.EventId;
import dev.crier.event.Retention;
import dev.crier.log.LogLimits;
import dev.crier.log.ReadResult;
import dev.crier.log.Receipt;
import dev.crier.log.Requester;
import dev.crier.log.Store;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Entries in a file of SQLite's, safe from a crash of the process and of the machine: with a write-ahead log, and flushed
 * to the disk at each commit. One thread writes, another reads and moves the write-ahead log to the file, a third copies
 * the file, and none is an event loop.
 *
 * <p>A file that cannot be written at present is read until it can. {@link #probe} then connects for writing.
 */
public final class SqliteStore implements Store {

    /** About how much of what is recent the log has in memory. */
    private static final long RECENT_BYTES = 64L << 20;

    /** A store is said to store, at first or again, if the file system has room for so much. */
    private static final long MIN_ROOM_BYTES = 1L << 20;

    private static final Logger LOG = LoggerFactory.getLogger(SqliteStore.class);

    private final Path named;
    private final Function<ChannelName, Optional<Retention>> keeps;
    private final long recentBytes;
    private final FileTrimmer trimmer;
    private final WorkerExecutor writing;
    private final WorkerExecutor reading;
    private final WorkerExecutor copying;
    private final ReadQueue reads;
    private final BackupWriter backups;

    private volatile SqliteFile file;
    private volatile EntryReader reader;
    private EntryWriter writer;
    private WriteAheadLog writeAheadLog;

    /** Why there is no writer. The writing thread's own. */
    private IOException failure;

    private EventId newest;

    public SqliteStore(Vertx vertx, Path file, Function<ChannelName, Optional<Retention>> keeps) {
        this(vertx, file, keeps, RECENT_BYTES, LogLimits.NONE.emptyChannels());
    }

    public SqliteStore(
            Vertx vertx,
            Path file,
            Function<ChannelName, Optional<Retention>> keeps,
            long recentBytes,
            int emptyChannels) {
        this.named = file;
        this.keeps = keeps;
        this.recentBytes = recentBytes;
        this.trimmer = new FileTrimmer(keeps, emptyChannels);
        this.writing = vertx.createSharedWorkerExecutor("crier-log-write-" + file, 1);
        this.reading = vertx.createSharedWorkerExecutor("crier-log-read-" + file, 1);
        this.copying = vertx.createSharedWorkerExecutor("crier-log-copy-" + file, 1);
        this.backups = new BackupWriter(copying);
        this.reads = new ReadQueue(vertx, this::onReadingThread);
    }

    private void onReadingThread(Runnable work) {
        on(reading, Executors.callable(work));
    }

    private void onWritingThread(Runnable work) {
        on(writing, Executors.callable(work));
    }

    /** Each executor has one thread, which keeps the order; Vert.x's order would be one over all of a context's. */
    private static <T> Future<T> on(WorkerExecutor executor, Callable<T> work) {
        return executor.executeBlocking(work, false);
    }

    @Override
    public long recentBytes() {
        return recentBytes;
    }

    @Override
    public Future<Opened> open(long nowMillis) {
        return on(writing, () -> {
            try {
                closeFile(); // the log may not have been able to use what was opened before
                return open();
            } catch (IOException | SQLException e) {
                closeFile();
                throw wrapped(e);
            } catch (RuntimeException e) {
                closeFile();
                throw e;
            }
        });
    }

    private IOException wrapped(Exception cause) {
        return new IOException(named + ": " + cause.getMessage(), cause);
    }

    /** A new file, or one of an older version, has nothing to read before it can be written. */
    private Opened open() throws IOException, SQLException {
        file = SqliteFile.find(named);
        lock();
        if (file.isNew()) {
            connect(true);
        } else {
            var format = new SqliteFormat(file);
            format.checkHeader();
            boolean current = format.checkContent() == SqliteFormat.VERSION;
            try {
                connect(true);
            } catch (IOException | SQLException e) {
                if (!current) {
                    throw e;
                }
                reader = new EntryReader(file.connectForReading());
            }
        }
        return read(reader);
    }

    private void lock() {
        try {
            file.lock();
        } catch (IOException e) {
            LOG.debug("{}: the lock file cannot be written: {}", named, e.getMessage()); // the log may be readable
        }
    }

    private Opened read(EntryReader entries) throws SQLException {
        newest = entries.newest();
        var state = new StateReader(entries.sql());
        List<ChannelName> channels = state.channels();
        trimmer.opened(channels);
        var recent = state.recent(recentBytes, keeps);
        return new Opened(
                newest,
                EventId.FIRST,
                recent.floor(),
                recent.entries(),
                state.droppedAfter(recent.floor()),
                state.receipts(),
                channels,
                entries.forgotten(),
                state.storedMillis(),
                state.wallAheadMillis());
    }

    /** Connects for writing, and reads by such a connection too, which shares its index of the write-ahead log. */
    private void connect(boolean opening) throws IOException, SQLException {
        if (newest != null && file.isNew()) {
            throw new IOException(
                    "the file was moved or deleted (expected: the same file as at the start, or a restart)");
        }
        file.lock();
        new SqliteFormat(file).prepare(opening);
        Sql connected = file.connect();
        EntryReader before = reader;
        try {
            if (newest != null && !new EntryReader(connected).newest().equals(newest)) {
                throw new IOException(
                        "another process has written to it (expected: one Crier at a time, started anew)");
            }
            reader = new EntryReader(file.connect());
            writer = new EntryWriter(connected);
            writeAheadLog = new WriteAheadLog(
                    file.walPath(), connected, reader.sql(), this::onWritingThread, this::onReadingThread);
        } catch (IOException | SQLException e) {
            connected.close();
            throw e;
        }
        if (before != null) {
            on(reading, () -> {
                before.close();
                return null;
            });
        }
    }

    @Override
    public Future<Void> probe() {
        return on(writing, () -> {
            try {
                if (!file.hasRoom(MIN_ROOM_BYTES)) {
                    // without the number of bytes, which differs each time: a cause is logged once
                    throw new IOException(
                            "its file system is full (expected: room for " + MIN_ROOM_BYTES + " bytes or more)");
                }
                if (writer == null) {
                    connect(false);
                }
                writer.transact(writer::touch);
                writer.sql().waitForLocks(Sql.MAX_LOCK_WAIT);
                return null;
            } catch (IOException | SQLException e) {
                throw failed(e);
            }
        });
    }

    /** Connects anew before the next try: a connection to a file that was read-only stays so. */
    private IOException failed(Exception cause) {
        if (writer != null) {
            try {
                writer.close();
            } catch (SQLException e) {
                cause.addSuppressed(e);
            }
            writer = null;
        }
        failure = wrapped(cause);
        return failure;
    }

    @Override
    public Future<Void> append(List<Entry> entries, List<Receipt> receipts) {
        return on(writing, () -> {
            if (writer == null) {
                throw failure == null ? new IOException(named + ": not open for writing") : failure;
            }
            EventId last = entries.get(entries.size() - 1).id();
            try {
                writeAheadLog.awaitMove();
                writer.transact(() -> {
                    writer.advance(newest, last);
                    writer.insert(entries, receipts);
                });
            } catch (SQLException e) {
                throw failed(e);
            }
            newest = last;
            for (Entry entry : entries) {
                trimmer.appended(entry.channel());
            }
            writeAheadLog.moveIfLarge();
            return null;
        });
    }

    @Override
    public Future<ReadResult> read(ChannelName channel, EventId after, EventId through, Requester requester) {
        return reads.add(requester, () -> reader.read(channel, after, through));
    }

    @Override
    public Future<ReadResult.Gap> gap(ChannelName channel, EventId after, Requester requester) {
        return reads.add(requester, () -> reader.gap(channel, after));
    }

    @Override
    public Future<Trimmed> trim(long nowMillis, long receiptsMillis, long wallAheadMillis, EventId settled) {
        return on(writing, () -> {
            if (writer == null) {
                return new Trimmed(false, List.of());
            }
            writeAheadLog.moveIfTooLarge();
            return trimmer.step(writer.sql(), writeAheadLog, nowMillis, receiptsMillis, wallAheadMillis, settled);
        });
    }

    /** Returns the size of the file and of its write-ahead log. */
    @Override
    public long fileBytes() {
        SqliteFile found = file;
        return found == null
                ? 0
                : found.path().toFile().length() + found.walPath().toFile().length();
    }

    @Override
    public Future<Backup> backup() {
        SqliteFile found = file;
        return found == null || reader == null
                ? Future.failedFuture(BackupWriter.unavailable("the log cannot be read at present"))
                : backups.write(found);
    }

    @Override
    public Future<Void> close() {
        reads.close();
        return on(reading, () -> close(reader))
                .eventually(() -> on(writing, this::closeFile))
                .eventually(() -> Future.join(copying.close(), reading.close(), writing.close()));
    }

    private static Void close(AutoCloseable connection) throws Exception {
        if (connection != null) {
            connection.close();
        }
        return null;
    }

    /** Closes what was opened, in reverse order. */
    private Void closeFile() throws Exception {
        try {
            close(writer);
            close(reader);
        } finally {
            writer = null;
            reader = null;
            newest = null;
            if (file != null) {
                file.close();
                file = null;
            }
        }
        return null;
    }
}
