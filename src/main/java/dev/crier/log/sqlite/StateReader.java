package dev.crier.log.sqlite;

import dev.crier.event.ChannelName;
import dev.crier.event.Entry;
import dev.crier.event.EventId;
import dev.crier.event.Retention;
import dev.crier.log.store.HeapSize;
import dev.crier.log.store.Receipt;
import dev.crier.log.store.Receipts;
import dev.crier.log.store.Store;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * The statements that read the state of the log when it is opened. The writing thread runs them, on the connection that the
 * reading thread uses from then on.
 */
final class StateReader {

    private static final String CHANNELS = "SELECT name FROM channel";

    private static final String NEWEST_FIRST = "SELECT " + EntryRow.COLUMNS + ", c.dropped_millis, c.dropped_sequence"
            + EntryReader.ENTRIES + "ORDER BY e.millis DESC, e.sequence DESC";

    private static final String NEWEST_OF_CHANNEL = "SELECT " + EntryRow.COLUMNS + EntryReader.ENTRIES
            + "WHERE c.name = ? ORDER BY e.millis DESC, e.sequence DESC LIMIT 1";

    private static final String DROPPED_AFTER = """
            SELECT dropped_millis, dropped_sequence, name FROM channel
            WHERE (dropped_millis, dropped_sequence) > (?, ?)""";

    private static final String RECEIPTS =
            "SELECT channel, key, digest, ids, at_millis FROM receipt ORDER BY at_millis DESC LIMIT "
                    + Receipts.MAX_RECEIPTS;

    private static final String LAST_STORED = "SELECT max("
            + "coalesce((SELECT " + EntryReader.STORED_MILLIS
            + " FROM entry e ORDER BY e.millis DESC, e.sequence DESC LIMIT 1), 0),"
            + " coalesce((SELECT max(at_millis) FROM receipt), 0))";

    private static final String WALL_AHEAD = "SELECT wall_ahead_millis FROM newest";

    /** Recent entries, oldest first. After the floor, no entry is missing. */
    private record Recent(List<Entry> entries, EventId floor) {}

    private final EntryReader reader;
    private final Sql sql;

    StateReader(EntryReader reader) {
        this.reader = reader;
        this.sql = reader.sql();
    }

    /** Reads the state that the event log needs when it opens, with at most {@code recentBytes} of recent entries. */
    Store.Opened opened(long recentBytes, Function<ChannelName, Optional<Retention>> retention) throws SQLException {
        List<ChannelName> channels = channels();
        Recent recent = recent(recentBytes, channels, retention);
        return new Store.Opened(
                reader.newest(),
                EventId.FIRST,
                recent.floor(),
                recent.entries(),
                droppedAfter(recent.floor()),
                channels,
                reader.forgotten(),
                storedMillis(),
                wallAheadMillis());
    }

    /** Returns the newest entries, at most {@code maxBytes}, and the newest entry of each channel that keeps the latest. */
    private Recent recent(
            long maxBytes, List<ChannelName> channels, Function<ChannelName, Optional<Retention>> retention)
            throws SQLException {
        var entries = new ArrayList<Entry>();
        EventId floor = sql.read(NEWEST_FIRST, rows -> addRecent(rows, maxBytes, entries));
        Collections.reverse(entries);
        List<Entry> latest = latestThrough(floor, channels, retention);
        latest.addAll(entries);
        return new Recent(latest, floor);
    }

    /** Adds the newest entries, newest first, and returns the first that does not fit. */
    private static EventId addRecent(ResultSet rows, long maxBytes, List<Entry> entries) throws SQLException {
        long bytes = 0;
        while (rows.next()) {
            for (Entry entry : newestFirst(rows)) {
                bytes += HeapSize.of(entry);
                if (bytes > maxBytes) {
                    return entry.id();
                }
                entries.add(entry);
            }
        }
        return EventId.FIRST;
    }

    private static List<Entry> newestFirst(ResultSet row) throws SQLException {
        var entries = new ArrayList<>(EntryRow.read(row).entriesAfter(new EventId(row.getLong(8), row.getLong(9))));
        Collections.reverse(entries);
        return entries;
    }

    private List<Entry> latestThrough(
            EventId floor, List<ChannelName> channels, Function<ChannelName, Optional<Retention>> retention)
            throws SQLException {
        var latest = new ArrayList<Entry>();
        for (ChannelName channel : channels) {
            if (retention.apply(channel).orElse(null) instanceof Retention.Latest) {
                latest.addAll(
                        sql.query(NEWEST_OF_CHANNEL, row -> EntryRow.read(row).newest(), channel.path()));
            }
        }
        latest.removeIf(entry -> floor.isBefore(entry.id()));
        return latest;
    }

    /** Returns the channels that have a row. */
    List<ChannelName> channels() throws SQLException {
        return sql.query(CHANNELS, row -> new ChannelName(row.getString(1)));
    }

    /** Returns the newest dropped entry of each channel that has lost entries after the position. */
    private Map<ChannelName, EventId> droppedAfter(EventId floor) throws SQLException {
        var dropped = new HashMap<ChannelName, EventId>();
        sql.query(
                DROPPED_AFTER,
                row -> dropped.put(new ChannelName(row.getString(3)), EntryReader.id(row)),
                floor.millis(),
                floor.sequence());
        return dropped;
    }

    /** Returns the newest receipts, oldest first. The file may have more than memory has room for. */
    List<Receipt> receipts() throws SQLException {
        return sql.read(RECEIPTS, rows -> {
            var receipts = new ArrayDeque<Receipt>();
            int ids = 0;
            while (ids < Receipts.MAX_IDS && rows.next()) {
                Receipt receipt = receipt(rows);
                receipts.addFirst(receipt);
                ids += receipt.ids().size();
            }
            return List.copyOf(receipts);
        });
    }

    private static Receipt receipt(ResultSet row) throws SQLException {
        List<EventId> ids = Stream.of(row.getString(4).split(" "))
                .flatMap(id -> EventId.parse(id).stream())
                .toList();
        return new Receipt(new ChannelName(row.getString(1)), row.getString(2), row.getString(3), ids, row.getLong(5));
    }

    /** Returns when the newest remaining entry or receipt was stored, by the log's own time, or 0 if there is none. */
    long storedMillis() throws SQLException {
        return sql.queryOne(LAST_STORED, row -> row.getLong(1)).orElseThrow();
    }

    /** Returns how far the wall clock was ahead of the log's own time. */
    private long wallAheadMillis() throws SQLException {
        return sql.queryOne(WALL_AHEAD, row -> row.getLong(1)).orElseThrow();
    }
}
