package dev.crier.log;

import dev.crier.event.ChannelName;
import dev.crier.event.Entry;
import dev.crier.event.EventId;
import dev.crier.event.Keep;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import java.io.File;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Function;

/**
 * Entries in a file of SQLite's, safe from a crash of the process and of the machine: with a write-ahead log, and flushed
 * to the disk at each commit. One thread writes, another reads, and neither is an event loop.
 */
public final class SqliteStore implements Store {

    /** About how much of what is recent the log has in memory. */
    private static final long RECENT_BYTES = 64L << 20;

    /** How many rows go in one step of a trim. */
    private static final int TRIM_ROWS = 1_000;

    /** How many channels one step looks at. */
    private static final int TRIM_CHANNELS = 200;

    private final Path file;
    private final Function<ChannelName, Optional<Keep>> keeps;
    private final long recentBytes;
    private final int emptyChannels;
    private final WorkerExecutor writing;
    private final WorkerExecutor reading;

    /**
     * The channels that may have more than they keep: those that have grown, and at the start all of them, for the conf
     * may keep less than it did. The writing thread's own.
     */
    private final Set<ChannelName> grown = new LinkedHashSet<>();

    /** Channels without entries, and the newest entry that each has lost. The writing thread's own. */
    private final Map<ChannelName, EventId> empty = new HashMap<>();

    private SqliteFile opened;
    private SqliteEntries writer;
    private SqliteEntries reader;
    private long lastTrimmed;
    private int rowsLeft;

    public SqliteStore(Vertx vertx, Path file, Function<ChannelName, Optional<Keep>> keeps) {
        this(vertx, file, keeps, RECENT_BYTES, Bounds.NONE.emptyChannels());
    }

    public SqliteStore(
            Vertx vertx, Path file, Function<ChannelName, Optional<Keep>> keeps, long recentBytes, int emptyChannels) {
        this.file = file;
        this.keeps = keeps;
        this.recentBytes = recentBytes;
        this.emptyChannels = emptyChannels;
        this.writing = vertx.createSharedWorkerExecutor("crier-log-write-" + file, 1);
        this.reading = vertx.createSharedWorkerExecutor("crier-log-read-" + file, 1);
    }

    @Override
    public long recentBytes() {
        return recentBytes;
    }

    @Override
    public Future<Opened> open(long nowMillis) {
        return writing.executeBlocking(() -> {
            opened = SqliteFile.open(file);
            writer = new SqliteEntries(opened.connect());
            reader = new SqliteEntries(opened.connect());
            List<ChannelName> channels = writer.channels();
            grown.addAll(channels);
            EventId newest = writer.newest();
            var recent = writer.recent(recentBytes, keeps);
            return new Opened(
                    newest,
                    EventId.FIRST,
                    recent.floor(),
                    recent.entries(),
                    writer.droppedAfter(recent.floor()),
                    writer.receipts(),
                    channels,
                    writer.forgotten(),
                    writer.storedMillis(),
                    writer.wallAheadMillis());
        });
    }

    @Override
    public Future<Void> append(List<Entry> entries, List<Receipt> receipts) {
        return write(() -> {
            writer.transact(() -> {
                if (entries.isEmpty()) {
                    writer.touch();
                }
                writer.insert(entries, receipts);
            });
            for (Entry entry : entries) {
                grown.add(entry.channel());
                empty.remove(entry.channel());
            }
            return null;
        });
    }

    @Override
    public Future<Slice> read(ChannelName channel, EventId after, EventId through) {
        return reading.executeBlocking(() -> reader.read(channel, after, through));
    }

    /** One transaction, so that however much there is to do, publications get in between, and wait for one commit. */
    @Override
    public Future<Trimmed> trim(long nowMillis, long receiptsMillis, long wallAheadMillis) {
        return writing.executeBlocking(() -> {
            var trimmed = new ArrayList<ChannelName>();
            var forgotten = new ArrayList<ChannelName>();
            writer.transact(() -> {
                rowsLeft = TRIM_ROWS;
                trimByNumber(trimmed);
                trimByAge(nowMillis);
                writer.dropReceipts(receiptsMillis);
                writer.putWallAhead(wallAheadMillis);
                forgetChannels(forgotten);
            });
            grown.removeAll(trimmed);
            forgotten.forEach(empty::remove);
            return new Trimmed(rowsLeft <= 0 || !grown.isEmpty(), forgotten);
        });
    }

    /** Of too many empty channels, half are forgotten: those that lost their last entry longest ago. */
    private void forgetChannels(List<ChannelName> forgotten) throws SQLException {
        if (empty.size() <= emptyChannels) {
            return;
        }
        empty.entrySet().stream()
                .sorted(Map.Entry.comparingByValue())
                .limit(Math.min(TRIM_ROWS, empty.size() - emptyChannels / 2))
                .map(Map.Entry::getKey)
                .forEach(forgotten::add);
        writer.forget(forgotten, empty.get(forgotten.get(forgotten.size() - 1)));
    }

    /** Of the channels that have grown; one that has too much for a step is gone on with at the next. */
    private void trimByNumber(List<ChannelName> trimmed) throws SQLException {
        for (ChannelName channel : grown) {
            int most = keeps.apply(channel).map(Keep::most).orElse(Keep.Events.ANY_NUMBER);
            if (most < Keep.Events.ANY_NUMBER) {
                rowsLeft -= writer.keepNewest(channel, most, rowsLeft);
            }
            if (rowsLeft <= 0) {
                return;
            }
            trimmed.add(channel);
            if (trimmed.size() == TRIM_CHANNELS) {
                return;
            }
        }
    }

    /** Of all channels, some in each step, round and round: what is recent has left the memory before, and in time. */
    private void trimByAge(long nowMillis) throws SQLException {
        var channels = writer.channelsAfter(lastTrimmed, TRIM_CHANNELS);
        for (var row : channels.entrySet()) {
            if (rowsLeft <= 0) {
                return;
            }
            ChannelName channel = row.getValue();
            if (keeps.apply(channel).orElse(null) instanceof Keep.Events events
                    && events.age().compareTo(Keep.Events.ANY_AGE) < 0) {
                rowsLeft -= writer.dropStoredBefore(
                        channel, nowMillis - events.age().toMillis(), rowsLeft);
            }
            if (writer.isEmpty(channel)) {
                empty.put(channel, writer.dropped(channel));
            }
            if (rowsLeft > 0) {
                lastTrimmed = row.getKey();
            }
        }
        if (rowsLeft > 0 && channels.size() < TRIM_CHANNELS) {
            lastTrimmed = 0;
        }
    }

    /** With what waits beside the file to be taken over into it. */
    @Override
    public long fileBytes() {
        return file.toFile().length() + new File(file + "-wal").length();
    }

    @Override
    public Future<Void> close() {
        return write(() -> {
                    reader.close();
                    writer.close();
                    opened.close();
                    return null;
                })
                .eventually(() -> Future.join(writing.close(), reading.close()));
    }

    private Future<Void> write(Callable<Void> work) {
        return writing.executeBlocking(work);
    }
}
