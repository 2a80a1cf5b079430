package dev.crier.log.sqlite;

import dev.crier.event.ChannelName;
import dev.crier.event.Entry;
import dev.crier.event.Event;
import dev.crier.event.EventId;
import dev.crier.event.Retention;
import dev.crier.log.HeapSize;
import dev.crier.log.ReadResult;
import dev.crier.log.Receipt;
import dev.crier.log.Receipts;
import dev.crier.log.RecentEntries;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What is said to SQLite of the log, all of it in this one place: so it is longer than others, and each of its methods is
 * little but a statement. On one connection, which one thread at a time uses.
 */
final class SqliteEntries implements AutoCloseable {

    private static final String STORED = "coalesce(e.stored_millis, e.millis)";
    private static final String COLUMNS = "e.millis, e.sequence, c.name, e.type, e.data, " + STORED;
    private static final String JOINED = " FROM entry e JOIN channel c ON c.id = e.channel ";

    /** By how much the time at which an entry was stored may differ from its id without being written beside it. */
    private static final long SAME_MILLIS = 1_000;

    /** How long a statement waits for another tool, such as one that copies the file. */
    static final Duration MAX_LOCK_WAIT = Duration.ofSeconds(5);

    /** The size of a page, SQLite's own default. */
    static final int PAGE_BYTES = 4096;

    /** A file with fewer free pages than these, a megabyte, does not shrink. */
    private static final int MIN_FREE_PAGES = 256;

    /** The newest entries, and the place from which on they are all. */
    record Recent(List<Entry> entries, EventId floor) {}

    private final Sql sql;

    SqliteEntries(Connection connection) {
        sql = new Sql(connection);
    }

    void transact(Sql.Work work) throws SQLException {
        sql.transact(work);
    }

    @Override
    public void close() throws SQLException {
        sql.close();
    }

    /** Writes what stands there already. */
    void touch() throws SQLException {
        sql.execute("PRAGMA user_version = " + SqliteFile.VERSION);
    }

    void insert(List<Entry> entries, List<Receipt> receipts) throws SQLException {
        var numbers = new HashMap<ChannelName, Long>();
        for (Entry entry : entries) {
            Long number = numbers.get(entry.channel());
            if (number == null) {
                number = number(entry.channel());
                numbers.put(entry.channel(), number);
            }
            sql.update(
                    "INSERT INTO entry (millis, sequence, channel, type, data, stored_millis) VALUES (?, ?, ?, ?, ?,"
                            + " ?)",
                    entry.id().millis(),
                    entry.id().sequence(),
                    number,
                    entry.event().type(),
                    entry.event().data(),
                    Math.abs(entry.storedMillis() - entry.id().millis()) > SAME_MILLIS ? entry.storedMillis() : null);
        }
        for (Receipt receipt : receipts) {
            sql.update(
                    "INSERT OR REPLACE INTO receipt VALUES (?, ?, ?, ?, ?)",
                    receipt.channel().path(),
                    receipt.key(),
                    receipt.digest(),
                    receipt.ids().stream().map(EventId::toString).collect(Collectors.joining(" ")),
                    receipt.atMillis());
        }
    }

    /**
     * Moves the newest id.
     *
     * @throws SQLException if it is not the one that was there: another process has written
     */
    void advance(EventId from, EventId to) throws SQLException {
        int rows = sql.update(
                "UPDATE newest SET millis = ?, sequence = ? WHERE millis = ? AND sequence = ?",
                to.millis(),
                to.sequence(),
                from.millis(),
                from.sequence());
        if (rows == 0) {
            throw new SQLException("another process has written to it (expected: one Crier at a time, started anew)");
        }
    }

    private long number(ChannelName channel) throws SQLException {
        sql.update(
                "INSERT OR IGNORE INTO channel (name, dropped_millis, dropped_sequence)"
                        + " SELECT ?, forgotten_millis, forgotten_sequence FROM newest",
                channel.path());
        return sql.query("SELECT id FROM channel WHERE name = ?", row -> row.getLong(1), channel.path())
                .get(0);
    }

    EventId newest() throws SQLException {
        return sql.query("SELECT millis, sequence FROM newest", SqliteEntries::id)
                .get(0);
    }

    /** The newest entry that a channel without a row may have lost. */
    EventId forgotten() throws SQLException {
        return sql.query("SELECT forgotten_millis, forgotten_sequence FROM newest", SqliteEntries::id)
                .get(0);
    }

    /** When something was last stored, by the log's own time, as far as it is still there; 0 if nothing is. */
    long storedMillis() throws SQLException {
        return sql.query(
                        "SELECT max(coalesce((SELECT " + STORED
                                + " FROM entry e ORDER BY e.millis DESC, e.sequence DESC LIMIT 1), 0),"
                                + " coalesce((SELECT max(at_millis) FROM receipt), 0))",
                        row -> row.getLong(1))
                .get(0);
    }

    /** How far the wall clock was ahead of the log's own time. */
    long wallAheadMillis() throws SQLException {
        return sql.query("SELECT wall_ahead_millis FROM newest", row -> row.getLong(1))
                .get(0);
    }

    /** Writes only if it has changed. */
    void putWallAhead(long millis) throws SQLException {
        sql.update(
                "UPDATE newest SET wall_ahead_millis = ? WHERE abs(wall_ahead_millis - ?) > ?",
                millis,
                millis,
                SAME_MILLIS);
    }

    /** The newest entries until they have so many bytes; and the newest of each channel that keeps the latest. */
    Recent recent(long maxBytes, Function<ChannelName, Optional<Retention>> keeps) throws SQLException {
        var entries = new ArrayList<Entry>();
        EventId floor = EventId.FIRST;
        long bytes = 0;
        var statement = sql.prepare("SELECT " + COLUMNS + JOINED + "ORDER BY e.millis DESC, e.sequence DESC");
        try (ResultSet rows = statement.executeQuery()) {
            while (rows.next()) {
                Entry entry = entry(rows);
                bytes += HeapSize.of(entry);
                if (bytes > maxBytes) {
                    floor = entry.id();
                    break;
                }
                entries.add(entry);
            }
        }
        Collections.reverse(entries);
        var latest = new ArrayList<Entry>();
        for (ChannelName channel : channels()) {
            if (keeps.apply(channel).orElse(null) instanceof Retention.Latest) {
                latest.addAll(newestOf(channel));
            }
        }
        EventId through = floor;
        latest.removeIf(entry -> through.isBefore(entry.id()));
        latest.addAll(entries);
        return new Recent(latest, floor);
    }

    List<ChannelName> channels() throws SQLException {
        return sql.query("SELECT name FROM channel", row -> new ChannelName(row.getString(1)));
    }

    private List<Entry> newestOf(ChannelName channel) throws SQLException {
        return sql.query(
                "SELECT " + COLUMNS + JOINED + "WHERE c.name = ? ORDER BY e.millis DESC, e.sequence DESC LIMIT 1",
                SqliteEntries::entry,
                channel.path());
    }

    Map<ChannelName, EventId> droppedAfter(EventId floor) throws SQLException {
        var dropped = new HashMap<ChannelName, EventId>();
        sql.query(
                "SELECT dropped_millis, dropped_sequence, name FROM channel"
                        + " WHERE (dropped_millis, dropped_sequence) > (?, ?)",
                row -> dropped.put(new ChannelName(row.getString(3)), id(row)),
                floor.millis(),
                floor.sequence());
        return dropped;
    }

    /** The newest receipts, oldest first: as many as are remembered, since the file may have any number of them. */
    List<Receipt> receipts() throws SQLException {
        var receipts = new ArrayDeque<Receipt>();
        int ids = 0;
        var statement =
                sql.prepare("SELECT channel, key, digest, ids, at_millis FROM receipt ORDER BY at_millis DESC LIMIT "
                        + Receipts.MOST);
        try (ResultSet rows = statement.executeQuery()) {
            while (ids < Receipts.MOST_IDS && rows.next()) {
                Receipt receipt = receipt(rows);
                receipts.addFirst(receipt);
                ids += receipt.ids().size();
            }
        }
        return List.copyOf(receipts);
    }

    private static Receipt receipt(ResultSet row) throws SQLException {
        return new Receipt(
                new ChannelName(row.getString(1)),
                row.getString(2),
                row.getString(3),
                Stream.of(row.getString(4).split(" "))
                        .flatMap(id -> EventId.parse(id).stream())
                        .toList(),
                row.getLong(5));
    }

    void dropReceipts(long beforeMillis) throws SQLException {
        sql.update("DELETE FROM receipt WHERE at_millis < ?", beforeMillis);
    }

    ReadResult read(ChannelName channel, EventId after, EventId through) throws SQLException {
        var entries = new ArrayList<Entry>();
        long bytes = 0;
        var statement = sql.prepare("SELECT " + COLUMNS + JOINED
                + "WHERE c.name = ? AND (e.millis, e.sequence) > (?, ?) AND (e.millis, e.sequence) <= (?, ?)"
                + " ORDER BY e.millis, e.sequence");
        Sql.bind(statement, channel.path(), after.millis(), after.sequence(), through.millis(), through.sequence());
        try (ResultSet rows = statement.executeQuery()) {
            while (bytes < RecentEntries.MAX_READ_BYTES && rows.next()) {
                Entry entry = entry(rows);
                entries.add(entry);
                bytes += ReadResult.bytes(entry);
            }
        }
        // looked at after the entries: a trim says in the same transaction what it takes
        EventId dropped = dropped(channel);
        if (after.isBefore(dropped)) {
            return new ReadResult.Gap(dropped, first(channel, dropped));
        }
        return ReadResult.Entries.of(entries, after, through);
    }

    /** Returns the gap that a read after the position would find, without reading entries: an empty one if none. */
    ReadResult.Gap gap(ChannelName channel, EventId after) throws SQLException {
        EventId through = EventId.later(after, dropped(channel));
        return new ReadResult.Gap(through, first(channel, through));
    }

    /** The newest entry that the channel has lost, or may have. */
    EventId dropped(ChannelName channel) throws SQLException {
        var row = sql.query(
                "SELECT dropped_millis, dropped_sequence FROM channel WHERE name = ?",
                SqliteEntries::id,
                channel.path());
        return row.isEmpty() ? forgotten() : row.get(0);
    }

    private Optional<EventId> first(ChannelName channel, EventId after) throws SQLException {
        return sql
                .query(
                        "SELECT e.millis, e.sequence" + JOINED
                                + "WHERE c.name = ? AND (e.millis, e.sequence) > (?, ?)"
                                + " ORDER BY e.millis, e.sequence LIMIT 1",
                        SqliteEntries::id,
                        channel.path(),
                        after.millis(),
                        after.sequence())
                .stream()
                .findFirst();
    }

    /** Channels by their number, from the one after this. */
    Map<Long, ChannelName> channelsAfter(long number, int most) throws SQLException {
        var channels = new LinkedHashMap<Long, ChannelName>();
        sql.query(
                "SELECT id, name FROM channel WHERE id > ? ORDER BY id LIMIT ?",
                row -> channels.put(row.getLong(1), new ChannelName(row.getString(2))),
                number,
                most);
        return channels;
    }

    /** Returns the newest entry of the channel that is beyond its number, or {@link EventId#FIRST} if none is. */
    EventId newestBeyond(ChannelName channel, int count) throws SQLException {
        var beyond = sql.query(
                "SELECT e.millis, e.sequence" + JOINED
                        + "WHERE c.name = ? ORDER BY e.millis DESC, e.sequence DESC LIMIT 1 OFFSET ?",
                SqliteEntries::id,
                channel.path(),
                count);
        return beyond.isEmpty() ? EventId.FIRST : beyond.get(0);
    }

    /** Drops the channel's entries up to and with the position, oldest first, until they have the cost; returns that. */
    int dropThrough(ChannelName channel, EventId place, int maxCost) throws SQLException {
        return drop(channel, place, Long.MAX_VALUE, maxCost);
    }

    /** Drops the channel's entries that were stored before the time, oldest first, until they have the cost; returns that. */
    int dropStoredBefore(ChannelName channel, long millis, int maxCost) throws SQLException {
        return drop(channel, EventId.LAST, millis, maxCost);
    }

    /** Reads no further than to the first entry that stays: mostly that is the oldest one. */
    private int drop(ChannelName channel, EventId through, long storedBefore, int maxCost) throws SQLException {
        EventId last = EventId.FIRST;
        int cost = 0;
        var statement = sql.prepare("SELECT e.millis, e.sequence, octet_length(e.data), " + STORED + JOINED
                + "WHERE c.name = ? AND (e.millis, e.sequence) <= (?, ?) ORDER BY e.millis, e.sequence");
        Sql.bind(statement, channel.path(), through.millis(), through.sequence());
        try (ResultSet rows = statement.executeQuery()) {
            while (cost < maxCost && rows.next() && rows.getLong(4) < storedBefore) {
                last = id(rows);
                cost += 1 + rows.getInt(3) / PAGE_BYTES;
            }
        }
        if (cost > 0) {
            sql.update(
                    "UPDATE channel SET dropped_millis = ?, dropped_sequence = ? WHERE name = ?",
                    last.millis(),
                    last.sequence(),
                    channel.path());
            sql.update(
                    "DELETE FROM entry WHERE channel = (SELECT id FROM channel WHERE name = ?)"
                            + " AND (millis, sequence) <= (?, ?)",
                    channel.path(),
                    last.millis(),
                    last.sequence());
        }
        return cost;
    }

    /** Whether so much of the file is free that it should shrink. */
    boolean isSlack() throws SQLException {
        long free = Long.parseLong(sql.pragma("freelist_count"));
        long pages = Long.parseLong(sql.pragma("page_count"));
        return free > MIN_FREE_PAGES
                && free > pages / 4
                && !sql.pragma("auto_vacuum").equals("0");
    }

    /** Gives some free pages back to the file system. */
    void shrink(int pages) throws SQLException {
        sql.executeAll("PRAGMA incremental_vacuum(" + pages + ")");
    }

    /** Moves what is in the write-ahead log to the file, as far as nobody reads an older state. Writers go on. */
    void checkpoint() throws SQLException {
        sql.pragma("wal_checkpoint(PASSIVE)");
    }

    /**
     * Moves the rest, so that the write-ahead log is written from its beginning again, unless another connection is in the
     * way.
     *
     * @param cut whether to empty its file as well, which makes the next commits slower
     */
    void restartWriteAheadLog(boolean cut) throws SQLException {
        waitForLocks(Duration.ZERO);
        try {
            sql.pragma(cut ? "wal_checkpoint(TRUNCATE)" : "wal_checkpoint(RESTART)");
        } finally {
            waitForLocks(MAX_LOCK_WAIT);
        }
    }

    /** Returns how many pages of the write-ahead log have not been copied to the file. */
    int pagesToMove() throws SQLException {
        return sql.query("PRAGMA wal_checkpoint(NOOP)", row -> row.getInt(2) - row.getInt(3))
                .get(0);
    }

    /** Sets how long a statement waits for the lock of another connection. */
    void waitForLocks(Duration wait) throws SQLException {
        sql.execute("PRAGMA busy_timeout = " + wait.toMillis());
    }

    /** Writes a copy to an empty file. */
    void copyTo(Path copy) throws SQLException {
        sql.update("VACUUM INTO ?", copy.toString());
    }

    /** Whether the channel has no entries. */
    boolean isEmpty(ChannelName channel) throws SQLException {
        return first(channel, EventId.FIRST).isEmpty();
    }

    /**
     * Deletes the rows of channels without entries; from then on, one position says for all of them what they may have lost.
     *
     * @param through the newest entry that one of them has lost
     */
    void forget(Collection<ChannelName> empty, EventId through) throws SQLException {
        for (ChannelName channel : empty) {
            sql.update(
                    "DELETE FROM channel WHERE name = ? AND NOT EXISTS (SELECT 1 FROM entry WHERE channel = channel.id)",
                    channel.path());
        }
        sql.update(
                "UPDATE newest SET forgotten_millis = ?, forgotten_sequence = ?"
                        + " WHERE (forgotten_millis, forgotten_sequence) < (?, ?)",
                through.millis(),
                through.sequence(),
                through.millis(),
                through.sequence());
    }

    private static EventId id(ResultSet row) throws SQLException {
        return new EventId(row.getLong(1), row.getLong(2));
    }

    private static Entry entry(ResultSet row) throws SQLException {
        String type = row.getString(4);
        var event = new Event(type.isEmpty() ? "" : type, row.getString(5));
        return new Entry(id(row), new ChannelName(row.getString(3)), event, row.getLong(6));
    }
}
