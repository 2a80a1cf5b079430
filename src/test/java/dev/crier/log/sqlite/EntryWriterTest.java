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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Entries share rows, and rows are inserted in groups, a large one alone. */
class EntryWriterTest {

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

    @Test
    void entriesOfAnyNumberAndSizeAreStoredAsTheyAre() throws Exception {
        try (SqliteFile file = SqliteFile.find(folder.resolve("crier.db"))) {
            file.lock();
            new SqliteFormat(file).prepare(true);
            var entries = new ArrayList<Entry>();
            try (var writer = new EntryWriter(file.connect())) {
                for (int size : List.of(1, 9, 10, 11, 49, 50, 51, 0, 173)) {
                    List<Entry> batch = new ArrayList<>();
                    for (int i = 0; i < size; i++) {
                        batch.add(entry(entries.size() + i));
                    }
                    writer.transact(() -> writer.insert(batch, List.of()));
                    entries.addAll(batch);
                }
                var rows = writer.sql().query(ROWS, EntryRow::read);
                assertEquals(
                        entries,
                        rows.stream()
                                .flatMap(row -> row.entriesAfter(EventId.FIRST).stream())
                                .toList());
                assertTrue(rows.size() < entries.size() / 2, rows.size() + " rows");
            }
        }
    }
}
