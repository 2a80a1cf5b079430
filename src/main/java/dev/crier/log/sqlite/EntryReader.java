package dev.crier.log.sqlite;

import dev.crier.event.ChannelName;
import dev.crier.event.Entry;
import dev.crier.event.Event;
import dev.crier.event.EventId;
import dev.crier.event.NewestEvent;
import dev.crier.log.store.KeptEntries;
import dev.crier.log.store.ReadResult;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** The statements that read one channel's entries and gaps. The reading thread runs them, on its own connection. */
final class EntryReader implements AutoCloseable {

    /** When an entry was stored. The column is null if the event id has nearly the same time. */
    static final String STORED_MILLIS = "coalesce(e.stored_millis, e.millis)";

    /** The number of a row's entries that the channel still has. Older entries of the row may have been dropped. */
    static final String KEPT_EVENTS =
            "CASE e.millis WHEN c.dropped_millis THEN min(e.events, e.sequence - c.dropped_sequence) ELSE e.events END";

    static final String ENTRIES = " FROM entry e JOIN channel c ON c.id = e.channel ";

    private static final String READ = "SELECT " + EntryRow.COLUMNS + ENTRIES
            + "WHERE c.name = ? AND (e.millis, e.sequence) > (?, ?) ORDER BY e.millis, e.sequence";

    private static final String FIRST = "SELECT e.millis, e.sequence, e.events" + ENTRIES
            + "WHERE c.name = ? AND (e.millis, e.sequence) > (?, ?) ORDER BY e.millis, e.sequence LIMIT 1";

    private static final String DROPPED = "SELECT dropped_millis, dropped_sequence FROM channel WHERE name = ?";

    private static final String FORGOTTEN = "SELECT forgotten_millis, forgotten_sequence FROM newest";

    private static final String NEWEST_OF = "SELECT e.millis, e.sequence, e.type" + ENTRIES
            + "WHERE c.name = ? ORDER BY e.millis DESC, e.sequence DESC LIMIT 1";

    /** The most rows that are counted. That takes some milliseconds, in which the thread reads nothing else. */
    private static final int MAX_COUNTED = 100_000;

    private static final String KEPT = "SELECT sum(kept), min(millis), count(*) FROM (SELECT e.millis, " + KEPT_EVENTS
            + " AS kept" + ENTRIES
            + "WHERE c.name = ? ORDER BY e.millis, e.sequence LIMIT " + MAX_COUNTED + ")";

    private static final String NEWEST = "SELECT millis, sequence FROM newest";

    private final Sql sql;

    EntryReader(Sql sql) {
        this.sql = sql;
    }

    Sql sql() {
        return sql;
    }

    /** Returns the channel's entries after the one position and up to the other, or the gap there. */
    ReadResult read(ChannelName channel, EventId after, EventId through, long maxBytes) throws SQLException {
        List<Entry> entries = sql.read(
                READ,
                rows -> entries(rows, after, through, maxBytes),
                channel.path(),
                after.millis(),
                after.sequence());
        // a trim advances this position in the transaction that drops entries, so it is read after the entries
        EventId dropped = dropped(channel);
        if (after.isBefore(dropped)) {
            return new ReadResult.Gap(dropped, first(channel, dropped));
        }
        return ReadResult.Entries.of(entries, after, through, maxBytes);
    }

    private static List<Entry> entries(ResultSet rows, EventId after, EventId through, long maxBytes)
            throws SQLException {
        var entries = new ArrayList<Entry>();
        long bytes = 0;
        while (bytes < maxBytes && rows.next()) {
            for (Entry entry : EntryRow.read(rows).entriesAfter(after)) {
                if (bytes >= maxBytes || through.isBefore(entry.id())) {
                    return entries;
                }
                entries.add(entry);
                bytes += ReadResult.bytes(entry);
            }
        }
        return entries;
    }

    /** Returns the gap that a read after the position would find, without reading entries. It is empty if there is none. */
    ReadResult.Gap gap(ChannelName channel, EventId after) throws SQLException {
        EventId through = EventId.later(after, dropped(channel));
        return new ReadResult.Gap(through, first(channel, through));
    }

    /** Returns the newest entry that the channel has lost, or may have lost if it has no row. */
    EventId dropped(ChannelName channel) throws SQLException {
        var dropped = sql.queryOne(DROPPED, EntryReader::id, channel.path());
        return dropped.isPresent() ? dropped.get() : forgotten();
    }

    /** Returns the newest entry that a channel without a row may have lost. */
    EventId forgotten() throws SQLException {
        return sql.queryOne(FORGOTTEN, EntryReader::id).orElseThrow();
    }

    /** Returns the channel's first entry after the position. */
    Optional<EventId> first(ChannelName channel, EventId after) throws SQLException {
        return sql.queryOne(FIRST, row -> first(row, after), channel.path(), after.millis(), after.sequence());
    }

    private static EventId first(ResultSet row, EventId after) throws SQLException {
        EventId last = id(row);
        var first = new EventId(last.millis(), last.sequence() - row.getInt(3) + 1);
        return after.isBefore(first) ? first : after.next(last.millis());
    }

    /** Returns the channel's newest event. */
    Optional<NewestEvent> newestOf(ChannelName channel) throws SQLException {
        return sql.queryOne(NEWEST_OF, row -> new NewestEvent(id(row), Event.isEnd(row.getString(3))), channel.path());
    }

    /** Returns what the channel keeps. Does not count all of very many entries. */
    KeptEntries kept(ChannelName channel) throws SQLException {
        return sql.queryOne(KEPT, EntryReader::kept, channel.path()).orElseThrow();
    }

    private static KeptEntries kept(ResultSet row) throws SQLException {
        long rows = row.getLong(3);
        return rows == 0
                ? KeptEntries.NONE
                : new KeptEntries(row.getLong(1), rows == MAX_COUNTED, OptionalLong.of(row.getLong(2)));
    }

    /** Returns the newest id that was ever given. */
    EventId newest() throws SQLException {
        return sql.queryOne(NEWEST, EntryReader::id).orElseThrow();
    }

    static EventId id(ResultSet row) throws SQLException {
        return new EventId(row.getLong(1), row.getLong(2));
    }

    @Override
    public void close() throws SQLException {
        sql.close();
    }
}
