package dev.crier.log.sqlite;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.config.file.ConfException;
import dev.crier.event.Event;
import dev.crier.event.EventId;
import dev.crier.event.Publication.Attempt;
import dev.crier.event.Retention;
import dev.crier.log.EventLogContract;
import dev.crier.log.store.ReadResult;
import dev.crier.log.store.Store;
import dev.crier.testing.Eventually;
import dev.crier.testing.RunningCrier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The contract of the log with most entries in memory, and what a restart must preserve. */
class SqliteLogTest extends EventLogContract {

    @TempDir
    Path folder;

    Path file() {
        return folder.resolve("data/crier.db");
    }

    @Override
    protected Store store() {
        return new SqliteStore(vertx, file(), RETENTION);
    }

    void restart() throws Exception {
        RunningCrier.await(onContext(log::close));
        openLog();
    }

    @Test
    void entriesAndGapsAreTheSameAfterARestart() throws Exception {
        List<EventId> ids = publish(NEWS, "a", "b");
        publish(TIME, "now");
        publish(LAST_THREE, "1", "2", "3", "4");
        trim();
        restart();
        assertEquals(List.of("a", "b"), readAll(NEWS));
        assertEquals(List.of("b"), read(NEWS, ids.get(0)));
        assertEquals(List.of("now"), read(TIME, EventId.FIRST));
        assertEquals(List.of("gap", "2", "3", "4"), read(LAST_THREE, ids.get(0)));
    }

    @Test
    void recentEntriesAreInMemoryAfterARestart() throws Exception {
        publish(NEWS, "a", "b");
        restart();
        assertEquals(hasRecentEntries(), log.read(NEWS, ALL, EventId.FIRST) instanceof ReadResult.Entries);
    }

    @Test
    void idsContinueToRiseAfterARestartEvenIfTheClockWasSetBack() throws Exception {
        EventId last = publish(NEWS, "a").get(0);
        now -= 1_000_000;
        restart();
        assertEquals(last, log.newest());
        assertTrue(last.isBefore(publish(NEWS, "b").get(0)));
        assertEquals(List.of("b"), read(NEWS, last));
    }

    @Test
    void aRetryAfterARestartGetsTheIdsOfTheFirstAttempt() throws Exception {
        var attempt = new Attempt("key", "digest");
        List<EventId> first = RunningCrier.await(publishing(NEWS, attempt, "a", "b"));
        restart();
        assertEquals(first, RunningCrier.await(publishing(NEWS, attempt, "a", "b")));
        assertEquals(List.of("a", "b"), readAll(NEWS));
    }

    @Test
    void aChannelHasEndedAfterARestart() throws Exception {
        EventId end = RunningCrier.await(appending(ANSWER, "a", "END")).get(1);
        restart();
        assertEquals(Optional.of(end), RunningCrier.await(log.end(ANSWER, ANYONE)));
        assertEnded(end, appending(ANSWER, "b"));
        assertEquals(List.of("a", END.data()), readAll(ANSWER));
    }

    @Test
    void aStreamGoesOnAfterARestart() throws Exception {
        List<Event> stream = events("a", "b", "c");
        RunningCrier.await(here.append(part(ANSWER, stream, 0, 1)));
        EventId b = RunningCrier.await(here.append(part(ANSWER, stream, 1, 2))).get(0);
        restart();
        assertEquals(1, rows("receipt"));
        assertStoredAlready(stream.subList(0, 2), b, here.append(part(ANSWER, stream, 0, 3)));
        EventId c = RunningCrier.await(here.append(part(ANSWER, stream, 2, 3))).get(0);
        assertStoredAlready(stream, c, here.append(part(ANSWER, stream, 0, 3)));
        assertEquals(List.of("a", "b", "c"), readAll(ANSWER));
    }

    @Test
    void entriesThatWereStoredWhileTheClockWasAheadExpireInTimeAfterARestart() throws Exception {
        publish(ORDERS, "a");
        wrongMillis = Duration.ofDays(365).toMillis();
        EventId ahead = publish(ORDERS, "b").get(0);
        wrongMillis = 0;
        now += Duration.ofMinutes(30).toMillis();
        restart();
        assertEquals(ahead, log.newest());
        trim();
        assertEquals(List.of("a", "b"), readAll(ORDERS));
        now += Duration.ofMinutes(31).toMillis();
        trim();
        untilTrimmed(() -> rows("entry") == 0);
        assertEquals(0, log.entries());
    }

    @Test
    void timeWhileCrierIsStoppedCountsEvenIfTheClockWasWrongDuringTheRun() throws Exception {
        wrongMillis = Duration.ofDays(365).toMillis();
        restart();
        publish(ORDERS, "a");
        wrongMillis = 0;
        trim();
        now += Duration.ofMinutes(30).toMillis();
        restart();
        now += Duration.ofMinutes(31).toMillis();
        trim();
        untilTrimmed(() -> rows("entry") == 0);
    }

    @Test
    void ifTheClockWasAheadWhenCrierStoppedEntriesExpireLateButWithinTheirRetention() throws Exception {
        wrongMillis = Duration.ofDays(365).toMillis();
        restart();
        publish(ORDERS, "a");
        RunningCrier.await(onContext(log::close));
        wrongMillis = 0;
        openLog();
        trim();
        assertEquals(List.of("a"), readAll(ORDERS));
        now += Duration.ofMinutes(61).toMillis();
        trim();
        untilTrimmed(() -> rows("entry") == 0);
    }

    /** Statements that undo the last two migrations. */
    private static final String[] TO_VERSION_2 = {
        "DROP INDEX entry_of_channel",
        "ALTER TABLE entry DROP COLUMN events",
        "CREATE INDEX entry_of_channel ON entry (channel, millis, sequence)",
        "ALTER TABLE entry DROP COLUMN stored_millis",
        "ALTER TABLE newest DROP COLUMN wall_ahead_millis",
        "ALTER TABLE newest DROP COLUMN forgotten_millis",
        "ALTER TABLE newest DROP COLUMN forgotten_sequence",
        "PRAGMA user_version = 2"
    };

    @Test
    void entriesOfAnOlderFileWithIdsFromTheFutureExpireInTime() throws Exception {
        publish(ORDERS, "a");
        RunningCrier.await(onContext(log::close));
        execute(file(), TO_VERSION_2);
        now = Instant.now().toEpochMilli();
        long nextYear = now + Duration.ofDays(365).toMillis();
        execute(file(), "UPDATE entry SET millis = " + nextYear, "UPDATE newest SET millis = " + nextYear);
        openLog();
        trim();
        assertEquals(List.of("a"), readAll(ORDERS));
        now += Duration.ofMinutes(61).toMillis();
        untilTrimmed(() -> rows("entry") == 0);
    }

    private int rows(String table) throws Exception {
        try (var connection = DriverManager.getConnection("jdbc:sqlite:" + file());
                var statement = connection.createStatement();
                var count = statement.executeQuery("SELECT count(*) FROM " + table)) {
            return count.getInt(1);
        }
    }

    @Test
    void entriesBeyondTheirRetentionLeaveTheFileHoweverManyThereAre() throws Exception {
        String large = " ".repeat(1_000); // each such event has a row of its own
        for (int i = 0; i < 10; i++) {
            publish(
                    LAST_THREE,
                    IntStream.range(0, 500).mapToObj(number -> number + large).toArray(String[]::new));
        }
        for (String text : List.of("one", "two", "three")) {
            publish(TIME, text);
        }
        publish(ORDERS, "old");
        RunningCrier.await(publishing(ORDERS, new Attempt("key", "digest"), "old too"));
        now += Duration.ofHours(2).toMillis();
        publish(ORDERS, "young");
        trim();
        // 3 rows of /three, 1 of /time, 1 of /orders; one trim takes all its steps
        Eventually.until("trimmed", () -> rows("entry") == 5 && rows("receipt") == 0);
        assertEquals(List.of("gap", "497" + large, "498" + large, "499" + large), read(LAST_THREE, EventId.FIRST));
        assertEquals(List.of("gap", "young"), read(ORDERS, EventId.FIRST));
    }

    @Test
    void aShorterRetentionAppliesAfterARestart() throws Exception {
        publish(NEWS, "1", "2", "3", "4", "5");
        RunningCrier.await(onContext(log::close));
        var fewer = new Retention.Events(2, Retention.Events.ANY_AGE);
        var store = new SqliteStore(vertx, file(), channel -> Optional.of(fewer));
        RunningCrier.await(store.open(clock(), shown -> {}));
        RunningCrier.await(store.trim(now, 0, 0, EventId.LAST));
        RunningCrier.await(store.close());
        openLog();
        assertEquals(List.of("gap", "4", "5"), read(NEWS, EventId.FIRST));
    }

    @ParameterizedTest
    @ValueSource(strings = {"no JSON", "{}", "[\"1\"]", "[1, 2, 3]", "[null, null, null]"})
    void aLogWithADamagedRowIsNotOpened(String data) throws Exception {
        publish(NEWS, "1", "2", "3");
        RunningCrier.await(onContext(log::close));
        execute(file(), "UPDATE entry SET data = '" + data + "'");
        var store = new SqliteStore(vertx, file(), channel -> Optional.empty());
        var e = assertThrows(ConfException.class, () -> RunningCrier.await(store.open(clock(), shown -> {})));
        assertTrue(
                e.getMessage()
                        .matches("log\\.file: .*: damaged, the row \\d+-\\d+ of the table entry has no array of 3 texts"
                                + " \\(expected: a Crier log, or no file yet\\)"),
                e.getMessage());
        RunningCrier.await(store.close());
        Files.delete(file());
        openLog();
    }

    private static void execute(Path database, String... statements) throws Exception {
        try (var connection = DriverManager.getConnection("jdbc:sqlite:" + database);
                var statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    @Test
    void anySqliteToolCanReadTheFile() throws Exception {
        publish(NEWS, "hello");
        try (var connection = DriverManager.getConnection("jdbc:sqlite:" + file());
                var statement = connection.createStatement();
                var rows = statement.executeQuery("SELECT data FROM entry")) {
            assertTrue(rows.next());
            assertEquals("hello", rows.getString(1));
        }
    }
}
