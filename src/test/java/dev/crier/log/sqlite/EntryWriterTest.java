package dev.crier.log.sqlite;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.crier.event.ChannelName;
import dev.crier.event.Entry;
import dev.crier.event.Event;
import dev.crier.event.EventId;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Entries are inserted in groups, and a large one alone. */
class EntryWriterTest {

    @TempDir
    private Path folder;

    private static Entry entry(int number) {
        var channel = new ChannelName("/channel" + number % 3);
        String data = number % 40 == 7 ? "long ".repeat(1_000) + number : "data " + number;
        var id = new EventId(1_000 + number / 10, number % 10);
        long stored = number % 5 == 0 ? id.millis() + 60_000 : id.millis();
        return new Entry(id, channel, new Event(number % 2 == 0 ? "" : "type", data), stored);
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
                assertEquals(
                        entries,
                        writer.sql()
                                .query(
                                        """
                                        SELECT millis, sequence, name, type, data, coalesce(stored_millis, millis)
                                        FROM entry JOIN channel ON channel = id ORDER BY millis, sequence""",
                                        row -> new Entry(
                                                new EventId(row.getLong(1), row.getLong(2)),
                                                new ChannelName(row.getString(3)),
                                                new Event(row.getString(4), row.getString(5)),
                                                row.getLong(6))));
            }
        }
    }
}
