package dev.crier.log.sqlite;

import dev.crier.event.ChannelName;
import dev.crier.event.EventId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;

/** The statements by which {@link FileTrimmer} drops entries, receipts and channels. The writing thread runs them. */
final class EntryDropper {

    private static final String CHANNELS_AFTER = "SELECT id, name FROM channel WHERE id > ? ORDER BY id LIMIT ?";

    private static final String COUNT =
            "SELECT sum(" + EntryReader.KEPT_EVENTS + ")" + EntryReader.ENTRIES + "WHERE c.name = ?";

    private static final String OLDEST_THROUGH = "SELECT e.millis, e.sequence, " + EntryReader.KEPT_EVENTS
            + ", octet_length(e.data), " + EntryReader.STORED_MILLIS + EntryReader.ENTRIES
            + "WHERE c.name = ? AND (e.millis, e.sequence) <= (?, ?) ORDER BY e.millis, e.sequence";

    private static final String SET_DROPPED =
            "UPDATE channel SET dropped_millis = ?, dropped_sequence = ? WHERE name = ?";

    private static final String DELETE_ENTRIES = """
            DELETE FROM entry
            WHERE channel = (SELECT id FROM channel WHERE name = ?) AND (millis, sequence) <= (?, ?)""";

    private static final String DELETE_RECEIPTS = "DELETE FROM receipt WHERE at_millis < ?";

    private static final String DELETE_CHANNEL = """
            DELETE FROM channel
            WHERE name = ? AND NOT EXISTS (SELECT 1 FROM entry WHERE channel = channel.id)""";

    private static final String ADVANCE_FORGOTTEN = """
            UPDATE newest SET forgotten_millis = ?, forgotten_sequence = ?
            WHERE (forgotten_millis, forgotten_sequence) < (?, ?)""";

    private static final String SET_WALL_AHEAD =
            "UPDATE newest SET wall_ahead_millis = ? WHERE abs(wall_ahead_millis - ?) > ?";

    private final Sql sql;
    private final EntryReader reader;

    EntryDropper(Sql sql) {
        this.sql = sql;
        this.reader = new EntryReader(sql);
    }

    /** Returns the channels in the rows after this one, by row. */
    Map<Long, ChannelName> channelsAfter(long row, int most) throws SQLException {
        var channels = new LinkedHashMap<Long, ChannelName>();
        sql.query(
                CHANNELS_AFTER,
                channel -> channels.put(channel.getLong(1), new ChannelName(channel.getString(2))),
                row,
                most);
        return channels;
    }

    /** Counts the entries of the channel, which takes long if it has very many. */
    long count(ChannelName channel) throws SQLException {
        return sql.queryOne(COUNT, row -> row.getLong(1), channel.path()).orElseThrow();
    }

    /**
     * The result of dropping entries.
     *
     * @param position the newest dropped entry
     * @param cost 1 for each row that was read, and 1 for each page that the row's data takes
     */
    record Dropped(EventId position, long entries, int cost) {}

    /** Drops at most this number of the channel's oldest entries, up to the position or the cost. */
    Dropped dropOldest(ChannelName channel, long most, EventId through, int maxCost) throws SQLException {
        return drop(channel, most, through, Long.MAX_VALUE, maxCost);
    }

    /** Drops the channel's oldest entries that were stored before the time, up to the cost. */
    Dropped dropStoredBefore(ChannelName channel, long millis, int maxCost) throws SQLException {
        return drop(channel, Long.MAX_VALUE, EventId.LAST, millis, maxCost);
    }

    private Dropped drop(ChannelName channel, long most, EventId through, long storedBefore, int maxCost)
            throws SQLException {
        Dropped dropped = sql.read(
                OLDEST_THROUGH,
                rows -> find(rows, most, storedBefore, maxCost),
                channel.path(),
                through.millis(),
                through.sequence());
        EventId position = dropped.position();
        if (dropped.entries() > 0) {
            sql.update(SET_DROPPED, position.millis(), position.sequence(), channel.path());
            sql.update(DELETE_ENTRIES, channel.path(), position.millis(), position.sequence());
        }
        return dropped;
    }

    /**
     * Reads only to the first row that stays, which usually is the oldest. A row also stays if only some of its entries are
     * dropped. The channel's dropped position tells which are left.
     */
    private static Dropped find(ResultSet rows, long most, long storedBefore, int maxCost) throws SQLException {
        EventId position = EventId.FIRST;
        long entries = 0;
        int cost = 0;
        while (entries < most && cost < maxCost && rows.next() && rows.getLong(5) < storedBefore) {
            EventId last = EntryReader.id(rows);
            long left = rows.getLong(3);
            long dropped = Math.min(left, most - entries);
            position = new EventId(last.millis(), last.sequence() - (left - dropped));
            entries += dropped;
            cost += 1 + rows.getInt(4) / SqliteFile.PAGE_BYTES;
        }
        return new Dropped(position, entries, cost);
    }

    boolean isEmpty(ChannelName channel) throws SQLException {
        return reader.first(channel, EventId.FIRST).isEmpty();
    }

    /** Returns the newest entry that the channel has lost. */
    EventId dropped(ChannelName channel) throws SQLException {
        return reader.dropped(channel);
    }

    void dropReceipts(long beforeMillis) throws SQLException {
        sql.update(DELETE_RECEIPTS, beforeMillis);
    }

    /**
     * Deletes the rows of channels without entries. From then on, they share one position for lost entries.
     *
     * @param through the newest entry that one of them has lost
     */
    void forget(Collection<ChannelName> empty, EventId through) throws SQLException {
        for (ChannelName channel : empty) {
            sql.update(DELETE_CHANNEL, channel.path());
        }
        sql.update(ADVANCE_FORGOTTEN, through.millis(), through.sequence(), through.millis(), through.sequence());
    }

    /** Stores how far the wall clock is ahead of the log's own time, if that has changed. */
    void setWallAhead(long millis) throws SQLException {
        sql.update(SET_WALL_AHEAD, millis, millis, EntryWriter.SAME_MILLIS);
    }
}
