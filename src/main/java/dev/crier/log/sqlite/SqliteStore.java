package dev.crier.log.sqlite;

import dev.crier.event.ChannelName;
import dev.crier.event.Entry;
import dev.crier.event.EventId;
import dev.crier.event.NewestEvent;
import dev.crier.event.Publication;
import dev.crier.event.Retention;
import dev.crier.log.store.AgeClock;
import dev.crier.log.store.KeptEntries;
import dev.crier.log.store.LogLimits;
import dev.crier.log.store.ReadResult;
import dev.crier.log.store.Requester;
import dev.crier.log.store.Sequencer;
import dev.crier.log.store.Store;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Function;

/**
 * Keeps entries in an SQLite file, safe from a crash of the process and of the machine: each commit is flushed to the disk.
 * While the file cannot be written, it can still be read, and each {@link #probe} tries to connect for writing again.
 *
 * <p>No event loop waits for the disk. One thread writes, another reads and moves the write-ahead log into the database file,
 * and a third writes backups.
 *
 * <p>The class is long because it implements each operation of {@link Store} and chooses its thread. The statements are in
 * other classes.
 */
public final class SqliteStore implements Store {

    /** About how many bytes of recent entries the event log has in memory. */
    private static final long RECENT_BYTES = 64L << 20;

    /** Work without a result, on one of the threads. */
    private interface Work {
        void run() throws Exception;
    }

    private final Function<ChannelName, Optional<Retention>> retention;
    private final long recentBytes;
    private final WorkerExecutor writing;
    private final WorkerExecutor reading;
    private final WorkerExecutor copying;
    private final Connections connections;
    private final FileTrimmer trimmer;
    private final ReadQueue reads;
    private final BackupWriter backups;

    /** Gives ids and has the receipts; replaced at each open. Only the writing thread may use more than its size. */
    private volatile Sequencer sequencer;

    /** The event log, to which committed entries are shown. The context that opened the store uses it. */
    private Listener listener;

    /** The newest committed id, or null before the file has been read. The writing thread changes it. */
    private volatile EventId newest;

    public SqliteStore(Vertx vertx, Path file, Function<ChannelName, Optional<Retention>> retention) {
        this(vertx, file, retention, RECENT_BYTES, LogLimits.NONE.emptyChannels());
    }

    /**
     * @param retention what a channel keeps; empty for a channel that is not declared
     * @param recentBytes about how many bytes of recent entries the event log has in memory
     * @param emptyChannels the number of channels without entries for which the file records what each has lost
     */
    public SqliteStore(
            Vertx vertx,
            Path file,
            Function<ChannelName, Optional<Retention>> retention,
            long recentBytes,
            int emptyChannels) {
        this.retention = retention;
        this.recentBytes = recentBytes;
        this.writing = vertx.createSharedWorkerExecutor("crier-log-write-" + file, 1);
        this.reading = vertx.createSharedWorkerExecutor("crier-log-read-" + file, 1);
        this.copying = vertx.createSharedWorkerExecutor("crier-log-copy-" + file, 1);
        this.connections = new Connections(file, this::onWritingThread, this::onReadingThread);
        this.trimmer = new FileTrimmer(retention, emptyChannels);
        this.reads = new ReadQueue(vertx, this::onReadingThread);
        this.backups = new BackupWriter(copying);
    }

    private void onWritingThread(Runnable work) {
        run(writing, work::run);
    }

    private void onReadingThread(Runnable work) {
        run(reading, work::run);
    }

    private static Future<Void> run(WorkerExecutor executor, Work work) {
        return on(executor, () -> {
            work.run();
            return null;
        });
    }

    /** Each executor has one thread, which keeps the order. Vert.x's own order would be over all executors of a context. */
    private static <T> Future<T> on(WorkerExecutor executor, Callable<T> work) {
        return executor.executeBlocking(work, false);
    }

    @Override
    public long recentBytes() {
        return recentBytes;
    }

    @Override
    public Future<Opened> open(AgeClock clock, Listener listener) {
        this.listener = listener;
        return on(writing, () -> {
            connections.close(); // an earlier open may have succeeded for the store but not for the log
            try {
                connections.open();
                return readState(clock);
            } catch (IOException | SQLException e) {
                Exception failure = connections.notOpened(e);
                connections.close();
                throw failure;
            } catch (RuntimeException e) {
                connections.close();
                throw e;
            }
        });
    }

    private Opened readState(AgeClock clock) throws SQLException {
        var state = new StateReader(connections.reader());
        Opened opened = state.opened(recentBytes, retention);
        sequencer = new Sequencer(clock, opened.newest(), state.receipts());
        trimmer.opened(opened.channels());
        newest = opened.newest();
        return opened;
    }

    @Override
    public Future<Void> probe() {
        return run(writing, () -> connections.probe(newest));
    }

    @Override
    public Future<List<Outcome>> append(List<Publication> publications) {
        return on(writing, () -> store(publications)).map(batch -> {
            if (!batch.isEmpty()) {
                listener.show(batch.entries());
            }
            return batch.outcomes();
        });
    }

    private Sequencer.Batch store(List<Publication> publications) throws Exception {
        EntryWriter writer = connections.writer();
        Sequencer.Batch batch = sequencer.sequence(publications, newestOf(publications, writer)::get);
        if (!batch.isEmpty()) {
            commit(writer, batch);
        }
        return batch;
    }

    /**
     * Returns the newest event of each channel for which a publication has a precondition. Whatever is in memory is newer than
     * what is only in the file, because all earlier batches have been shown.
     */
    private Map<ChannelName, Optional<NewestEvent>> newestOf(List<Publication> publications, EntryWriter writer)
            throws Exception {
        var newestOf = new HashMap<ChannelName, Optional<NewestEvent>>();
        try {
            for (Publication publication : publications) {
                ChannelName channel = publication.channel();
                if (publication.isConditional() && !newestOf.containsKey(channel)) {
                    Optional<NewestEvent> inMemory = listener.newest(channel);
                    newestOf.put(channel, inMemory.isPresent() ? inMemory : writer.newestOf(channel));
                }
            }
        } catch (SQLException e) {
            throw connections.failed(e);
        }
        return newestOf;
    }

    private void commit(EntryWriter writer, Sequencer.Batch batch) throws Exception {
        WriteAheadLog writeAheadLog = connections.writeAheadLog();
        boolean committed = false;
        try {
            writeAheadLog.awaitMove();
            writer.transact(() -> {
                writer.advance(newest, batch.newest());
                writer.insert(batch.entries(), batch.receipts());
            });
            committed = true;
        } catch (SQLException e) {
            throw connections.failed(e);
        } finally {
            if (!committed) {
                sequencer.undo(batch);
            }
        }
        newest = batch.newest();
        for (Entry entry : batch.entries()) {
            trimmer.appended(entry.channel());
        }
        writeAheadLog.moveIfLarge();
    }

    @Override
    public Future<Optional<Outcome>> earlier(Publication publication) {
        return on(writing, () -> sequencer == null ? Optional.empty() : sequencer.earlier(publication));
    }

    @Override
    public Future<EventId> newest() {
        return Future.succeededFuture(newest);
    }

    @Override
    public Future<ReadResult> read(
            ChannelName channel, EventId after, EventId through, long maxBytes, Requester requester) {
        return reads.add(requester, () -> connections.reader().read(channel, after, through, maxBytes));
    }

    @Override
    public Future<ReadResult.Gap> gap(ChannelName channel, EventId after, Requester requester) {
        return reads.add(requester, () -> connections.reader().gap(channel, after));
    }

    @Override
    public Future<Optional<NewestEvent>> newest(ChannelName channel, Requester requester) {
        return reads.add(requester, () -> connections.reader().newestOf(channel));
    }

    @Override
    public Future<KeptEntries> kept(ChannelName channel) {
        return reads.add(Requester.ANYONE, () -> connections.reader().kept(channel));
    }

    @Override
    public Future<Boolean> trim(long nowMillis, long receiptsMillis, long wallAheadMillis, EventId settled) {
        return on(writing, () -> {
                    sequencer.dropReceiptsBefore(receiptsMillis);
                    if (!connections.isWritable()) {
                        return new FileTrimmer.Trimmed(false, List.of());
                    }
                    Sql sql = connections.writer().sql();
                    WriteAheadLog writeAheadLog = connections.writeAheadLog();
                    writeAheadLog.moveIfTooLarge();
                    return trimmer.step(sql, writeAheadLog, nowMillis, receiptsMillis, wallAheadMillis, settled);
                })
                .map(step -> {
                    listener.forget(step.forgotten());
                    return step.more();
                });
    }

    @Override
    public long memoryBytes() {
        Sequencer opened = sequencer;
        return opened == null ? 0 : opened.memoryBytes();
    }

    /** Returns the size of the file and of its write-ahead log. */
    @Override
    public long fileBytes() {
        SqliteFile file = connections.file();
        return file == null
                ? 0
                : file.path().toFile().length() + file.walPath().toFile().length();
    }

    @Override
    public Future<Backup> backup() {
        SqliteFile file = connections.file();
        return file == null || connections.reader() == null
                ? Future.failedFuture(BackupWriter.unavailable("the log cannot be read at present"))
                : backups.write(file);
    }

    @Override
    public Future<Void> close() {
        reads.close();
        return run(reading, connections::closeReader)
                .eventually(() -> run(writing, connections::close))
                .eventually(() -> Future.join(copying.close(), reading.close(), writing.close()));
    }
}
