package dev.crier.log.sqlite;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.crier.event.ChannelName;
import dev.crier.event.EventId;
import dev.crier.log.store.Receipt;
import dev.crier.log.store.Receipts;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The receipts of the file: written by {@link EntryWriter}, dropped by {@link EntryDropper}, read when the log opens. */
class StateReaderTest {

    private static final ChannelName NEWS = new ChannelName("/news");

    @TempDir
    private Path folder;

    private Sql sql;

    @BeforeEach
    void open() throws Exception {
        SqliteFile file = SqliteFile.find(folder.resolve("crier.db"));
        new SqliteFormat(file).prepare(true);
        sql = file.connect();
    }

    @AfterEach
    void close() throws Exception {
        sql.close();
    }

    private static Receipt receipt(String key, long atMillis, EventId... ids) {
        return new Receipt(NEWS, key, "digest of " + key, List.of(ids), atMillis);
    }

    private void write(Receipt... receipts) throws Exception {
        var writer = new EntryWriter(sql);
        writer.transact(() -> writer.insert(List.of(), List.of(receipts)));
    }

    private List<Receipt> read() throws Exception {
        return new StateReader(new EntryReader(sql)).receipts();
    }

    @Test
    void receiptsAreReadAsTheyWereWrittenAndOldestFirst() throws Exception {
        Receipt later = receipt("k2", 2_000, new EventId(3, 0));
        Receipt earlier = receipt("k1", 1_000, new EventId(1, 0), new EventId(1, 1), new EventId(2, 0));
        write(later, earlier);
        assertEquals(List.of(earlier, later), read());
        assertEquals(2_000, new StateReader(new EntryReader(sql)).storedMillis());
    }

    @Test
    void aLaterReceiptReplacesTheOneWithTheSameKey() throws Exception {
        write(receipt("k", 1_000, new EventId(1, 0)));
        Receipt later = receipt("k", 2_000, new EventId(2, 0));
        write(later);
        assertEquals(List.of(later), read());
    }

    @Test
    void receiptsFromBeforeATimeAreDropped() throws Exception {
        Receipt young = receipt("young", 2_000, new EventId(2, 0));
        write(receipt("old", 1_999, new EventId(1, 0)), young);
        new EntryDropper(sql).dropReceipts(2_000);
        assertEquals(List.of(young), read());
    }

    /** The file may have a week's keys, as {@code publish.idempotencyWindow} allows, and the heap no room for them. */
    @Test
    void theNewestReceiptsAreReadIfThereAreTooMany() throws Exception {
        sql.execute("""
                WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d)
                INSERT INTO receipt SELECT '/news', 'k' || i, 'd', '1-0', i FROM n""".formatted(Receipts.MAX_RECEIPTS + 10));
        List<Receipt> receipts = read();
        assertEquals(Receipts.MAX_RECEIPTS, receipts.size());
        assertEquals(11, receipts.get(0).atMillis());
        assertEquals(
                Receipts.MAX_RECEIPTS + 10,
                receipts.get(Receipts.MAX_RECEIPTS - 1).atMillis());
    }

    @Test
    void readingStopsAtReceiptsWithTooManyIds() throws Exception {
        sql.execute("""
                WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 6)
                INSERT INTO receipt
                SELECT '/news', 'k' || i, 'd', trim(replace(hex(zeroblob(%d)), '00', '1-0 ')), i FROM n""".formatted(Receipts.MAX_IDS / 4));
        assertEquals(
                List.of("k3", "k4", "k5", "k6"),
                read().stream().map(Receipt::key).toList());
    }
}
