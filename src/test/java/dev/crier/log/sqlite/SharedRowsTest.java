package dev.crier.log.sqlite;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.crier.event.ChannelName;
import dev.crier.event.Entry;
import dev.crier.event.Event;
import dev.crier.event.EventId;
import dev.crier.event.Retention;
import dev.crier.log.store.KeptEntries;
import dev.crier.log.store.ReadResult;
import dev.crier.log.store.Store;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Entries that share a row are read, counted and dropped one by one. */
class SharedRowsTest {

    private static final ChannelName NEWS = new ChannelName("/news");
    private static final long NO_LIMIT = Long.MAX_VALUE;

    @TempDir
    private Path folder;

    private Sql sql;
    private EntryReader reader;
    private EntryWriter writer;
    private WriteAheadLog writeAheadLog;
    private FileTrimmer trimmer;
    private EventId newest = new EventId(1_000, 0);

    @BeforeEach
    void open() throws Exception {
        SqliteFile file = SqliteFile.find(folder.resolve("crier.db"));
        new SqliteFormat(file).prepare(true);
        sql = file.connect();
        reader = new EntryReader(sql);
        writer = new EntryWriter(sql);
        writeAheadLog = new WriteAheadLog(file.walPath(), sql, sql, Runnable::run, Runnable::run);
        keep(1_000, Retention.Events.ANY_AGE);
    }

    @AfterEach
    void close() throws Exception {
        assertEquals("ok", sql.pragma("integrity_check"));
        sql.close();
    }

    private void keep(int events, Duration age) {
        trimmer = new FileTrimmer(channel -> Optional.of(new Retention.Events(events, age)), Integer.MAX_VALUE);
    }

    private List<Entry> append(ChannelName channel, String... texts) throws Exception {
        var entries = new ArrayList<Entry>();
        for (String text : texts) {
            newest = newest.next(newest.millis());
            entries.add(new Entry(newest, channel, Event.of(text)));
        }
        writer.transact(() -> writer.insert(entries, List.of()));
        entries.forEach(entry -> trimmer.appended(entry.channel()));
        return entries;
    }

    private void trim(EventId settled) throws Exception {
        trimAt(newest.millis(), settled);
    }

    private void trimAt(long millis, EventId settled) throws Exception {
        trimmer.step(sql, writeAheadLog, millis, 0, 0, settled);
    }

    private ReadResult read(ChannelName channel, EventId after, EventId through) throws Exception {
        return reader.read(channel, after, through, NO_LIMIT);
    }

    private Store.Opened opened(long recentBytes) throws Exception {
        return new StateReader(reader).opened(recentBytes, channel -> Optional.empty());
    }

    private int rows() throws Exception {
        return sql.queryOne("SELECT count(*) FROM entry", row -> row.getInt(1)).orElseThrow();
    }

    private static EventId before(Entry entry) {
        return new EventId(entry.id().millis(), entry.id().sequence() - 1);
    }

    @Test
    void aReadMayBeginAndEndInARow() throws Exception {
        List<Entry> entries = append(NEWS, "a", "b", "c", "d");
        assertEquals(1, rows());
        EventId b = entries.get(1).id();
        EventId c = entries.get(2).id();
        var expected = new ReadResult.Entries(entries.subList(2, 3), c, false);
        assertEquals(expected, read(NEWS, b, c));
        assertEquals(Optional.of(c), reader.first(NEWS, b));
    }

    @Test
    void someEntriesOfARowAreDropped() throws Exception {
        keep(3, Retention.Events.ANY_AGE);
        List<Entry> entries = append(NEWS, "a", "b", "c", "d");
        trim(newest);
        assertEquals(1, rows());
        EventId a = entries.get(0).id();
        EventId b = entries.get(1).id();
        assertEquals(new ReadResult.Gap(a, Optional.of(b)), read(NEWS, EventId.FIRST, newest));
        assertEquals(new ReadResult.Gap(a, Optional.of(b)), reader.gap(NEWS, EventId.FIRST));
        assertEquals(new ReadResult.Entries(entries.subList(1, 4), newest, false), read(NEWS, a, newest));
        assertEquals(new KeptEntries(3, false, OptionalLong.of(1_000)), reader.kept(NEWS));
        assertEquals(entries.subList(1, 4), opened(NO_LIMIT).entries());
        assertEquals(Map.of(NEWS, a), opened(NO_LIMIT).dropped());
    }

    @Test
    void theNewestOfALatestChannelIsTheLastOfItsRow() throws Exception {
        List<Entry> entries = append(NEWS, "a", "b", "c");
        Optional<Retention> latest = Optional.of(new Retention.Latest());
        var state = new StateReader(reader).opened(0, channel -> latest);
        assertEquals(List.of(entries.get(2)), state.entries());
        assertEquals(entries.get(2).id(), state.floor());
    }

    @Test
    void theRestOfARowExpires() throws Exception {
        keep(3, Duration.ofSeconds(1));
        append(NEWS, "a", "b", "c", "d");
        trim(newest);
        assertEquals(3, reader.kept(NEWS).count());
        trimAt(newest.millis() + 1_001, newest);
        assertEquals(0, rows());
        assertEquals(new ReadResult.Gap(newest, Optional.empty()), read(NEWS, EventId.FIRST, newest));
        List<Entry> later = append(NEWS, "e", "f", "g", "h");
        trim(newest);
        assertEquals(later.get(0).id(), reader.dropped(NEWS));
    }

    /** Subscribers do not know the row's last entry yet, so no gap may end there. */
    @Test
    void aRowThatIsNotShownStays() throws Exception {
        keep(1, Retention.Events.ANY_AGE);
        append(NEWS, "a", "b", "c");
        EventId settled = newest;
        append(NEWS, "d", "e", "f");
        trim(settled);
        assertEquals(settled, reader.dropped(NEWS));
        trim(newest);
        assertEquals(before(new Entry(newest, NEWS, Event.of("f"))), reader.dropped(NEWS));
    }

    /** Compares the file with lists of all entries, after random publications and trims. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void everythingThatIsKeptIsReadFromAnyPositionToAnyOther(long seed) throws Exception {
        var random = new Random(seed);
        String[] texts = {"", "x", "\"quoted\" \\ \0\n\r", "é€😀\uFEFF", "long ".repeat(60), "longer ".repeat(900)};
        var channels = List.of(NEWS, new ChannelName("/b"), new ChannelName("/c"));
        var all = new HashMap<ChannelName, List<Entry>>();
        keep(25, Retention.Events.ANY_AGE);
        for (int turn = 0; turn < 150; turn++) {
            ChannelName channel = channels.get(random.nextInt(channels.size()));
            if (random.nextInt(8) == 0) {
                newest = new EventId(newest.millis() + 1, 0);
            }
            String[] published = random.ints(1 + random.nextInt(30), 0, texts.length)
                    .mapToObj(i -> texts[i])
                    .toArray(String[]::new);
            all.computeIfAbsent(channel, name -> new ArrayList<>()).addAll(append(channel, published));
            if (random.nextInt(3) == 0) {
                List<Entry> known = all.get(channel);
                EventId settled = known.get(random.nextInt(known.size())).id();
                EventId latest = EventId.later(settled, reader.dropped(channel));
                trim(settled);
                assertFalse(latest.isBefore(reader.dropped(channel)));
                trim(newest);
                trim(newest);
                assertEquals(Math.min(25, known.size()), reader.kept(channel).count());
            }
            assertKept(channel, all.get(channel), random);
        }
        assertOpened(all, random);
    }

    private void assertKept(ChannelName channel, List<Entry> all, Random random) throws Exception {
        EventId dropped = reader.dropped(channel);
        int from = random.nextInt(all.size());
        int to = from + random.nextInt(all.size() - from);
        EventId after = before(all.get(from));
        EventId through = all.get(to).id();
        if (after.isBefore(dropped)) {
            var oldest = all.stream().map(Entry::id).filter(dropped::isBefore).findFirst();
            assertEquals(new ReadResult.Gap(dropped, oldest), read(channel, after, through));
        } else {
            assertEquals(
                    new ReadResult.Entries(all.subList(from, to + 1), through, false), read(channel, after, through));
            ReadResult first = reader.read(channel, after, through, 1);
            assertEquals(
                    new ReadResult.Entries(
                            all.subList(from, from + 1), all.get(from).id(), true),
                    first);
        }
        long kept = all.stream().filter(entry -> dropped.isBefore(entry.id())).count();
        assertEquals(kept, reader.kept(channel).count());
    }

    private void assertOpened(Map<ChannelName, List<Entry>> all, Random random) throws Exception {
        for (int i = 0; i < 20; i++) {
            Store.Opened opened = opened(random.nextInt(100_000));
            var expected = new ArrayList<Entry>();
            for (var channel : all.entrySet()) {
                EventId begin = EventId.later(opened.floor(), reader.dropped(channel.getKey()));
                channel.getValue().stream()
                        .filter(entry -> begin.isBefore(entry.id()))
                        .forEach(expected::add);
            }
            expected.sort((a, b) -> a.id().compareTo(b.id()));
            assertEquals(expected, opened.entries());
        }
    }
}
