package dev.crier.log.sqlite;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.event.ChannelName;
import dev.crier.event.Entry;
import dev.crier.event.Event;
import dev.crier.event.EventId;
import dev.crier.event.Retention;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What one step of a trim drops, and where the next continues. */
class FileTrimmerTest {

    private static final ChannelName NEWS = new ChannelName("/news");
    private static final Retention LAST_TEN = new Retention.Events(10, Retention.Events.ANY_AGE);
    private static final Retention SECOND = new Retention.Events(Retention.Events.ANY_NUMBER, Duration.ofSeconds(1));
    private static final int MAX_EMPTY = 4;

    /** The number of channels that one step checks, and of small entries that it drops. */
    private static final int STEP_CHANNELS = 200;

    private static final int STEP_ENTRIES = 1_000;

    @TempDir
    private Path folder;

    private SqliteFile file;
    private Sql sql;
    private Sql reader;
    private EntryWriter writer;
    private WriteAheadLog writeAheadLog;
    private FileTrimmer trimmer;

    /** The id of the last entry is {@code <millis>-0}; it was stored at this time, too. */
    private long millis;

    @BeforeEach
    void open() throws Exception {
        file = SqliteFile.find(folder.resolve("crier.db"));
        new SqliteFormat(file).prepare(true);
        sql = file.connect();
        reader = file.connect();
        writer = new EntryWriter(sql);
        writeAheadLog = new WriteAheadLog(file.walPath(), sql, reader, Runnable::run, Runnable::run);
    }

    @AfterEach
    void close() throws Exception {
        assertEquals("ok", sql.pragma("integrity_check"));
        reader.close();
        sql.close();
    }

    private void keep(Retention retention) {
        trimmer = new FileTrimmer(channel -> Optional.of(retention), MAX_EMPTY);
    }

    private void append(ChannelName channel, int entries, String data) throws Exception {
        var appended = new ArrayList<Entry>();
        for (int i = 0; i < entries; i++) {
            millis++;
            appended.add(new Entry(new EventId(millis, 0), channel, Event.of(data)));
        }
        writer.transact(() -> writer.insert(appended, List.of()));
        appended.forEach(entry -> trimmer.appended(entry.channel()));
        writeAheadLog.moveIfLarge();
    }

    private FileTrimmer.Trimmed step(long nowMillis, EventId settled) throws Exception {
        return trimmer.step(sql, writeAheadLog, nowMillis, 0, 0, settled);
    }

    private FileTrimmer.Trimmed step() throws Exception {
        return step(millis, EventId.LAST);
    }

    private void trimAll() throws Exception {
        while (step().more()) {}
    }

    private int entries() throws Exception {
        return sql.queryOne("SELECT count(*) FROM entry", row -> row.getInt(1)).orElseThrow();
    }

    private static ChannelName order(int i) {
        return new ChannelName("/orders/" + i);
    }

    @Test
    void aStepDropsASmallNumberOfSmallEntries() throws Exception {
        keep(LAST_TEN);
        append(NEWS, STEP_ENTRIES + 100, "x");
        assertTrue(step().more());
        assertEquals(100, entries());
        trimAll();
        assertEquals(10, entries());
    }

    /** Deleting and moving an entry touches whole pages, so a step with 1,000 large entries would take long. */
    @Test
    void aStepDropsFewerLargeEntries() throws Exception {
        keep(LAST_TEN);
        append(NEWS, 500, "x".repeat(9 * SqliteFile.PAGE_BYTES));
        assertTrue(step().more());
        assertEquals(400, entries());
    }

    @Test
    void aStepChecksSomeOfTheChannelsWithNewEntries() throws Exception {
        keep(LAST_TEN);
        for (int i = 0; i < STEP_CHANNELS + 50; i++) {
            append(order(i), 12, "x");
        }
        assertTrue(step().more());
        assertEquals(12 * (STEP_CHANNELS + 50) - 2 * STEP_CHANNELS, entries());
        step();
        assertEquals(10 * (STEP_CHANNELS + 50), entries());
    }

    @Test
    void afterAStartEveryChannelIsCheckedBecauseTheConfigurationMayKeepLess() throws Exception {
        keep(SECOND);
        append(NEWS, 15, "x");
        keep(LAST_TEN);
        step();
        assertEquals(15, entries());
        trimmer.opened(Set.of(NEWS));
        step();
        assertEquals(10, entries());
    }

    @Test
    void expiredEntriesAreDroppedChannelByChannel() throws Exception {
        keep(SECOND);
        append(order(1), 600, "x");
        append(order(2), 600, "x");
        append(order(3), 1, "x");
        long later = millis + 1_000;
        assertTrue(step(later, EventId.LAST).more());
        assertEquals(201, entries());
        step(later, EventId.LAST);
        assertEquals(1, entries());
        step(later + 1, EventId.LAST);
        assertEquals(0, entries());
    }

    @Test
    void aStepThatFailsIsRepeatedAsIfItHadNotBeen() throws Exception {
        keep(LAST_TEN);
        append(NEWS, 15, "x");
        step(); // the statements are prepared
        for (String table : List.of("receipt", "entry", "channel")) {
            append(NEWS, 4, "x");
            sql.execute("ALTER TABLE " + table + " RENAME TO gone");
            assertThrows(SQLException.class, this::step);
            sql.execute("ALTER TABLE gone RENAME TO " + table);
            assertEquals(14, entries());
            step();
            assertEquals(10, entries());
        }
    }

    @Test
    void channelsAreCountedAgainOnAnotherConnection() throws Exception {
        keep(LAST_TEN);
        append(NEWS, 10, "x");
        step();
        sql.execute("DELETE FROM entry WHERE millis <= 5");
        try (Sql another = file.connect()) {
            append(NEWS, 3, "x");
            trimmer.step(another, writeAheadLog, millis, 0, 0, EventId.LAST);
        }
        assertEquals(8, entries());
    }

    @Test
    void aTrimEndsEvenIfAnotherToolHasDeletedEntries() throws Exception {
        keep(LAST_TEN);
        append(NEWS, 10, "x");
        step();
        append(NEWS, 100, "x");
        sql.execute("DELETE FROM entry WHERE millis <= 105");
        int steps = 0;
        while (step().more()) {
            assertTrue(++steps < 10, "the trim does not end");
        }
    }

    /** Otherwise a gap would end after the newest position that subscribers know. */
    @Test
    void nothingThatIsNotYetShownIsDropped() throws Exception {
        keep(LAST_TEN);
        append(NEWS, 15, "x");
        var shown = new EventId(millis, 0);
        append(NEWS, 20, "x");
        assertTrue(step(millis, shown).more());
        assertEquals(20, entries());
        assertEquals(shown, new EntryReader(sql).gap(NEWS, EventId.FIRST).through());
        trimAll();
        assertEquals(10, entries());
    }

    @Test
    void theOldestOfTooManyEmptyChannelsAreForgottenAndGapsAreStillReported() throws Exception {
        keep(SECOND);
        for (int i = 0; i < MAX_EMPTY + 2; i++) {
            append(order(i), 1, "x");
        }
        var lost = new EventId(millis, 0);
        millis += 2_000;
        step();
        append(order(0), 1, "again");
        append(NEWS, 1, "x");
        assertEquals(List.of(order(1), order(2), order(3)), List.copyOf(step().forgotten()));
        var remaining = new ArrayList<>(new StateReader(new EntryReader(sql)).channels());
        assertEquals(Set.of(order(0), order(4), order(5), NEWS), Set.copyOf(remaining));
        for (int i = 0; i < MAX_EMPTY + 2; i++) {
            EventId dropped = new EntryReader(sql).dropped(order(i));
            assertTrue(!dropped.isBefore(new EventId(i + 1, 0)) && !lost.isBefore(dropped), i + ": " + dropped);
        }
    }

    @Test
    void aFileWithMuchFreeSpaceShrinks() throws Exception {
        keep(LAST_TEN);
        for (int i = 0; i < 20; i++) {
            append(NEWS, 100, "x".repeat(10_000));
        }
        assertTrue(Files.size(file.path()) > 10_000_000, Files.size(file.path()) + " bytes");
        trimAll();
        assertEquals(10, entries());
        assertTrue(Files.size(file.path()) < 4_000_000, Files.size(file.path()) + " bytes");
    }
}
