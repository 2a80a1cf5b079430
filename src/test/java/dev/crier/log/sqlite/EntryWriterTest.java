package dev.crier.log.sqlite;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.event.ChannelName;
import dev.crier.event.Entry;
import dev.crier.event.Event;
import dev.crier.event.EventId;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Entries share rows, and rows are inserted in groups, a large one alone. */
class EntryWriterTest {

    /** The sizes of the batches, about the numbers of rows that one statement can insert. */
    private static final List<Integer> SIZES = List.of(1, 9, 10, 11, 49, 50, 51, 0, 173);

    private static final int ENTRIES =
            SIZES.stream().mapToInt(Integer::intValue).sum();

    private static final String ROWS =
            "SELECT " + EntryRow.COLUMNS + EntryReader.ENTRIES + "ORDER BY e.millis, e.sequence";

    @TempDir
    private Path folder;

    private static Entry entry(int number) {
        var channel = new ChannelName("/channel" + number / 7 % 3);
        String data = number % 40 == 7 ? "long ".repeat(1_000) + number : "data \"" + number + "\0\"\n😀";
        var id = new EventId(1_000 + number / 10, number % 10);
        long stored = number / 20 % 2 == 0 ? id.millis() + 60_000 : id.millis();
        return new Entry(id, channel, new Event(number % 9 == 0 ? "type" : "", data), stored);
    }

    /** Returns an entry that shares no row with its neighbours, because they have another type. */
    private static Entry single(int number) {
        var event = new Event(number % 2 == 0 ? "" : "type", "data " + number);
        return new Entry(new EventId(1_000, number), new ChannelName("/channel"), event, 1_000);
    }

    @Test
    void entriesOfAnyNumberAndSizeAreStoredAsTheyAre() throws Exception {
        List<EntryRow> rows = assertStored(EntryWriterTest::entry);
        assertTrue(rows.size() < ENTRIES / 2, rows.size() + " rows");
    }

    @Test
    void rowsOfAnyNumberAreInserted() throws Exception {
        assertEquals(ENTRIES, assertStored(EntryWriterTest::single).size());
    }

    private List<EntryRow> assertStored(IntFunction<Entry> entry) throws Exception {
        try (SqliteFile file = SqliteFile.find(folder.resolve("crier.db"))) {
            file.lock();
            new SqliteFormat(file).prepare(true);
            var entries = new ArrayList<Entry>();
            try (var writer = new EntryWriter(file.connect())) {
                for (int size : SIZES) {
                    List<Entry> batch = new ArrayList<>();
                    for (int i = 0; i < size; i++) {
                        batch.add(entry.apply(entries.size() + i));
                    }
                    writer.transact(() -> writer.insert(batch, List.of()));
                    entries.addAll(batch);
                }
                var rows = writer.sql().query(ROWS, EntryRow::read);
                var stored = new ArrayList<Entry>();
                for (EntryRow row : rows) {
                    stored.addAll(row.entriesAfter(EventId.FIRST));
                }
                assertEquals(entries, stored);
                return rows;
            }
        }
    }
}
