package dev.crier.log.sqlite;

import dev.crier.event.ChannelName;
import dev.crier.event.Entry;
import dev.crier.event.Event;
import dev.crier.event.EventId;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * A row of the table of entries, with one entry or several. For example, the entries 7-3 to 7-5 are a row with the id 7-5, the
 * number 3 and the data {@code ["a","b","c"]}; the entry 7-6 is a row with the id 7-6, the number 1 and the data {@code d}.
 *
 * <p>Small entries share a row if their ids follow each other and they differ in nothing but their data, because each row costs
 * SQLite much more than the bytes of a small entry.
 *
 * @param last the id of the last entry. The others have the same millisecond and the sequence numbers before it
 * @param count the number of entries
 */
record EntryRow(EventId last, int count, ChannelName channel, String type, String data, long storedMillis) {

    /** The columns that {@link #read} reads. */
    static final String COLUMNS =
            "e.millis, e.sequence, c.name, e.type, e.data, e.events, " + EntryReader.STORED_MILLIS;

    /** The most bytes of type and data in a shared row. SQLite moves a part of a row of more than 1,002 bytes to a page of its own. */
    static final int MAX_SHARED_BYTES = 900;

    /** The two brackets of a JSON array. */
    private static final int ARRAY_BYTES = 2;

    /** The two quotes and the comma around a text in a JSON array. */
    private static final int TEXT_BYTES = 3;

    /** Returns the rows for entries in the order of their ids. */
    static List<EntryRow> of(List<Entry> entries) {
        var rows = new ArrayList<EntryRow>();
        int from = 0;
        while (from < entries.size()) {
            Entry first = entries.get(from);
            int bytes = ARRAY_BYTES
                    + jsonBytes(first.event().type())
                    + jsonBytes(first.event().data());
            int to = from + 1;
            while (to < entries.size() && follows(entries.get(to - 1), entries.get(to))) {
                bytes += jsonBytes(entries.get(to).event().data());
                if (bytes > MAX_SHARED_BYTES) {
                    break;
                }
                to++;
            }
            rows.add(row(entries.subList(from, to)));
            from = to;
        }
        return rows;
    }

    /** Returns an upper limit for the bytes of the text in a JSON array, in UTF-8. Stops above {@link #MAX_SHARED_BYTES}. */
    private static int jsonBytes(String text) {
        int bytes = TEXT_BYTES;
        for (int i = 0; i < text.length() && bytes <= MAX_SHARED_BYTES; i++) {
            char c = text.charAt(i);
            if (c < ' ') {
                bytes += "\\u0000".length();
            } else if (c == '"' || c == '\\') {
                bytes += 2;
            } else {
                bytes += c < 0x80 ? 1 : 3;
            }
        }
        return bytes;
    }

    private static boolean follows(Entry before, Entry entry) {
        return entry.id().millis() == before.id().millis()
                && entry.id().sequence() == before.id().sequence() + 1
                && entry.channel().equals(before.channel())
                && entry.event().type().equals(before.event().type())
                && entry.storedMillis() == before.storedMillis();
    }

    private static EntryRow row(List<Entry> entries) {
        Entry last = entries.get(entries.size() - 1);
        String data = last.event().data();
        if (entries.size() > 1) {
            data = new JsonArray(
                            entries.stream().map(entry -> entry.event().data()).toList())
                    .encode();
        }
        return new EntryRow(
                last.id(), entries.size(), last.channel(), last.event().type(), data, last.storedMillis());
    }

    /** Reads a row that has the {@link #COLUMNS}. */
    static EntryRow read(ResultSet row) throws SQLException {
        return new EntryRow(
                EntryReader.id(row),
                row.getInt(6),
                new ChannelName(row.getString(3)),
                row.getString(4),
                row.getString(5),
                row.getLong(7));
    }

    /** Returns the entries after the position, oldest first. */
    List<Entry> entriesAfter(EventId position) throws SQLException {
        List<Entry> entries = entries();
        int from = 0;
        while (from < count && !position.isBefore(entries.get(from).id())) {
            from++;
        }
        return entries.subList(from, count);
    }

    Entry newest() throws SQLException {
        return entries().get(count - 1);
    }

    private List<Entry> entries() throws SQLException {
        if (count == 1) {
            return List.of(entry(last, data));
        }
        List<String> texts = texts();
        var entries = new ArrayList<Entry>(count);
        for (int i = 0; i < count; i++) {
            entries.add(entry(new EventId(last.millis(), last.sequence() - count + 1 + i), texts.get(i)));
        }
        return entries;
    }

    private List<String> texts() throws SQLException {
        try {
            List<?> texts = new JsonArray(data).getList();
            if (texts.size() == count && texts.stream().allMatch(String.class::isInstance)) {
                return texts.stream().map(String.class::cast).toList();
            }
        } catch (DecodeException e) {
            // has the same message, because the parser's could quote the data
        }
        throw new SQLException(
                "the row " + last + " of the table entry has no array of " + count + " texts",
                null,
                SqliteFile.CORRUPT);
    }

    private Entry entry(EventId id, String text) {
        String shared = type.isEmpty() ? "" : type; // entries without a type share one string
        return new Entry(id, channel, new Event(shared, text), storedMillis);
    }
}
