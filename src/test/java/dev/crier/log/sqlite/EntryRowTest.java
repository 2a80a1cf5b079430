package dev.crier.log.sqlite;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.event.ChannelName;
import dev.crier.event.Entry;
import dev.crier.event.Event;
import dev.crier.event.EventId;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which entries share a row, and how large it becomes. */
class EntryRowTest {

    private static final ChannelName NEWS = new ChannelName("/news");

    /** The largest row that SQLite keeps in a page with others: ((4096 - 12) * 64 / 255) - 23. */
    private static final int PAGE_SHARE = 1_002;

    /** More than the numbers of a row and its header take. */
    private static final int NUMBERS = 40;

    private static Entry entry(long sequence, ChannelName channel, String type, String data, long stored) {
        return new Entry(new EventId(1_000, sequence), channel, new Event(type, data), stored);
    }

    private static List<Integer> counts(List<Entry> entries) {
        return EntryRow.of(entries).stream().map(EntryRow::count).toList();
    }

    /** A larger row gets a page of its own, and the file becomes several times as large. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "plain text of 27 characters",
                "{\"id\":1,\"sku\":\"A-1\",\"status\":\"paid\",\"total\":12}",
                "\"\\\"\\\"\\",
                "\u0000\u0001\n\r\t\u007F",
                "お知らせがあります",
                "éàü",
                "😀😀",
                ""
            })
    void aSharedRowIsSmallEnoughToShareAPage(String text) throws Exception {
        for (String type : List.of("", "price", "“”".repeat(127))) {
            var entries = new ArrayList<Entry>();
            for (int i = 0; i < 400; i++) {
                entries.add(entry(i, NEWS, type, text, 1_000));
            }
            List<EntryRow> rows = EntryRow.of(entries);
            var stored = new ArrayList<Entry>();
            for (EntryRow row : rows) {
                stored.addAll(row.entriesAfter(EventId.FIRST));
            }
            assertEquals(entries, stored);
            for (EntryRow row : rows) {
                int bytes = (row.type() + row.data()).getBytes(StandardCharsets.UTF_8).length;
                assertTrue(bytes <= PAGE_SHARE - NUMBERS, row.count() + " entries, " + bytes + " bytes");
            }
            assertTrue(rows.size() < entries.size(), rows.size() + " rows");
        }
    }

    @Test
    void entriesShareARowOnlyIfTheyDifferInNothingButTheirData() {
        var other = new ChannelName("/other");
        Entry first = entry(1, NEWS, "", "a", 1_000);
        assertEquals(List.of(2), counts(List.of(first, entry(2, NEWS, "", "b", 1_000))));
        assertEquals(List.of(1, 1), counts(List.of(first, entry(3, NEWS, "", "b", 1_000))));
        assertEquals(List.of(1, 1), counts(List.of(first, entry(2, other, "", "b", 1_000))));
        assertEquals(List.of(1, 1), counts(List.of(first, entry(2, NEWS, "type", "b", 1_000))));
        assertEquals(List.of(1, 1), counts(List.of(first, entry(2, NEWS, "", "b", 1_001))));
        var next = new Entry(new EventId(1_001, 2), NEWS, Event.of("b"), 1_000);
        assertEquals(List.of(1, 1), counts(List.of(first, next)));
    }

    @Test
    void aLargeEntryHasARowOfItsOwn() {
        String large = "x".repeat(100_000);
        var entries = List.of(
                entry(1, NEWS, "", "a", 1_000),
                entry(2, NEWS, "", "b", 1_000),
                entry(3, NEWS, "", large, 1_000),
                entry(4, NEWS, "", "c", 1_000),
                entry(5, NEWS, "", "d", 1_000));
        assertEquals(List.of(2, 1, 2), counts(entries));
        assertEquals(large, EntryRow.of(entries).get(1).data());
    }
}
