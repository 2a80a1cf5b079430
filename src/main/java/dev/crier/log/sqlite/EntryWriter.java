package dev.crier.log.sqlite;

import dev.crier.event.ChannelName;
import dev.crier.event.Entry;
import dev.crier.event.EventId;
import dev.crier.event.NewestEvent;
import dev.crier.log.store.Receipt;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** The statements that append entries and receipts. The writing thread runs them, on its own connection. */
final class EntryWriter implements AutoCloseable {

    /** A time is stored only if it differs by more than this from the event id's, or from the one stored before. */
    static final long SAME_MILLIS = 1_000;

    static final String ANOTHER_PROCESS =
            "another process has written to it (expected: one Crier at a time; restart this one)";

    private static final String ADVANCE =
            "UPDATE newest SET millis = ?, sequence = ? WHERE millis = ? AND sequence = ?";

    /** With OR FAIL, SQLite does not copy each page to undo a failed statement. The transaction is undone as a whole. */
    private static final String INSERT_ENTRIES =
            "INSERT OR FAIL INTO entry (millis, sequence, channel, type, data, stored_millis, events) VALUES ";

    private static final String ROW = "(?, ?, ?, ?, ?, ?, ?)";

    /** The numbers of rows that one statement can insert. Each call of SQLite costs more than a row. */
    private static final List<Integer> GROUPS = List.of(50, 10, 1);

    /** The most characters of data in a row of a group, because SQLite copies the values of a statement. */
    private static final int MAX_GROUPED_CHARS = 4_096;

    private static final String INSERT_RECEIPT = "INSERT OR REPLACE INTO receipt VALUES (?, ?, ?, ?, ?)";

    private static final String INSERT_CHANNEL = """
            INSERT INTO channel (name, dropped_millis, dropped_sequence)
            SELECT ?, forgotten_millis, forgotten_sequence FROM newest""";

    private static final String CHANNEL_ID = "SELECT id FROM channel WHERE name = ?";

    private final Sql sql;

    EntryWriter(Sql sql) {
        this.sql = sql;
    }

    Sql sql() {
        return sql;
    }

    void transact(Sql.Work work) throws SQLException {
        sql.transact(work);
    }

    /**
     * Moves the newest id.
     *
     * @throws SQLException if the file has another newest id than {@code from}, because another process has written
     */
    void advance(EventId from, EventId to) throws SQLException {
        int rows = sql.update(ADVANCE, to.millis(), to.sequence(), from.millis(), from.sequence());
        if (rows == 0) {
            throw new SQLException(ANOTHER_PROCESS);
        }
    }

    /** Returns the channel's newest event. */
    Optional<NewestEvent> newestOf(ChannelName channel) throws SQLException {
        return new EntryReader(sql).newestOf(channel);
    }

    /** Inserts entries and receipts, and a row for each new channel. */
    void insert(List<Entry> entries, List<Receipt> receipts) throws SQLException {
        var channelIds = new HashMap<ChannelName, Long>();
        List<EntryRow> rows = EntryRow.of(entries);
        int inserted = 0;
        while (inserted < rows.size()) {
            int group = group(rows.subList(inserted, rows.size()));
            insertGroup(rows.subList(inserted, inserted + group), channelIds);
            inserted += group;
        }
        for (Receipt receipt : receipts) {
            insert(receipt);
        }
    }

    /** Returns how many of the first rows the next statement inserts. */
    private static int group(List<EntryRow> rows) {
        int small = 0;
        while (small < rows.size()
                && small < GROUPS.get(0)
                && rows.get(small).data().length() <= MAX_GROUPED_CHARS) {
            small++;
        }
        for (int group : GROUPS) {
            if (group <= small) {
                return group;
            }
        }
        return 1;
    }

    private void insertGroup(List<EntryRow> rows, Map<ChannelName, Long> channelIds) throws SQLException {
        var values = new ArrayList<Object>();
        for (EntryRow row : rows) {
            Long channelId = channelIds.get(row.channel());
            if (channelId == null) {
                channelId = channelId(row.channel());
                channelIds.put(row.channel(), channelId);
            }
            EventId id = row.last();
            boolean sameTime = Math.abs(row.storedMillis() - id.millis()) <= SAME_MILLIS;
            values.add(id.millis());
            values.add(id.sequence());
            values.add(channelId);
            values.add(row.type());
            values.add(row.data());
            values.add(sameTime ? null : row.storedMillis());
            values.add(row.count());
        }
        sql.update(INSERT_ENTRIES + String.join(", ", Collections.nCopies(rows.size(), ROW)), values.toArray());
    }

    /** Returns the id of the channel's row. A new row starts with what the channel may have lost before. */
    private long channelId(ChannelName channel) throws SQLException {
        Optional<Long> known = knownChannelId(channel);
        if (known.isPresent()) {
            return known.get();
        }
        sql.update(INSERT_CHANNEL, channel.path());
        return knownChannelId(channel).orElseThrow();
    }

    private Optional<Long> knownChannelId(ChannelName channel) throws SQLException {
        return sql.queryOne(CHANNEL_ID, row -> row.getLong(1), channel.path());
    }

    private void insert(Receipt receipt) throws SQLException {
        String ids = receipt.ids().stream().map(EventId::toString).collect(Collectors.joining(" "));
        sql.update(INSERT_RECEIPT, receipt.channel().path(), receipt.key(), receipt.digest(), ids, receipt.atMillis());
    }

    /** Writes the version that the file has already, to find out whether the file can be written. */
    void touch() throws SQLException {
        sql.execute("PRAGMA user_version = " + SqliteFormat.VERSION);
    }

    @Override
    public void close() throws SQLException {
        sql.close();
    }
}
