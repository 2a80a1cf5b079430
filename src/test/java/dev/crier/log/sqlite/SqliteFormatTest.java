package dev.crier.log.sqlite;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.crier.config.file.ConfException;
import dev.crier.event.ChannelName;
import dev.crier.event.Entry;
import dev.crier.event.Event;
import dev.crier.event.EventId;
import dev.crier.log.store.ReadResult;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Which files are a Crier log, and how a file of an earlier version becomes one of this version. */
class SqliteFormatTest {

    private static final String NOT_SQLITE = "not an SQLite file";
    private static final String NOT_CRIER = "not a Crier log";
    private static final String NEWER = "has version %d, which is newer than this Crier's %d"
            .formatted(SqliteFormat.VERSION + 1, SqliteFormat.VERSION);
    private static final String SET_NEWER = "PRAGMA user_version = " + (SqliteFormat.VERSION + 1);

    @TempDir
    private Path folder;

    private Path path() {
        return folder.resolve("crier.db");
    }

    private SqliteFormat format() throws Exception {
        return new SqliteFormat(SqliteFile.find(path()));
    }

    /** Makes a new log, and runs the statements on it. */
    private void make(String... statements) throws Exception {
        format().prepare(true);
        execute(statements);
    }

    private void execute(String... statements) throws Exception {
        try (var connection = DriverManager.getConnection("jdbc:sqlite:" + path());
                var statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    /** Asserts that the check fails with the problem, and leaves the file as it is. */
    private void assertProblem(String problem, Executable check) throws Exception {
        byte[] before = Files.readAllBytes(path());
        var e = assertThrows(ConfException.class, check);
        String message = e.getMessage();
        assertTrue(message.startsWith("log.file: " + path() + ": " + problem), message);
        assertTrue(message.endsWith(" (expected: a Crier log, or no file yet)"), message);
        assertArrayEquals(before, Files.readAllBytes(path()));
    }

    private static byte[] header(String magic, int applicationId) {
        var header = ByteBuffer.allocate(100);
        header.put(magic.getBytes(StandardCharsets.US_ASCII));
        return header.putInt(68, applicationId).array();
    }

    private static final String MAGIC = "SQLite format 3\0";

    static Stream<Arguments> headersOfOtherFiles() {
        return Stream.of(
                arguments("a text", "some text\n".repeat(100).getBytes(StandardCharsets.US_ASCII), NOT_SQLITE),
                arguments("one byte", new byte[] {'S'}, NOT_SQLITE),
                arguments("a short header", Arrays.copyOf(header(MAGIC, 0x43726965), 99), NOT_SQLITE),
                arguments("an earlier SQLite", header("SQLite format 2\0", 0x43726965), NOT_SQLITE),
                arguments("no application", header(MAGIC, 0), NOT_CRIER),
                arguments("another application", header(MAGIC, 0x47504B47), NOT_CRIER));
    }

    @ParameterizedTest(name = "{0}: {2}")
    @MethodSource("headersOfOtherFiles")
    void aFileWithAnotherHeaderIsRejected(String name, byte[] header, String problem) throws Exception {
        Files.write(path(), header);
        assertProblem(problem, () -> format().checkHeader());
    }

    @Test
    void aNewFileHasTheMarkAndTheNewestVersion() throws Exception {
        make();
        assertDoesNotThrow(() -> format().checkHeader());
        assertEquals(SqliteFormat.VERSION, format().checkContent());
    }

    @Test
    void aFileOfANewerVersionIsRejected() throws Exception {
        make(SET_NEWER);
        assertProblem(NEWER, () -> format().checkContent());
    }

    @Test
    void aNewerVersionThatIsOnlyInTheWriteAheadLogIsRejected() throws Exception {
        make();
        try (Sql killed = SqliteFile.find(path()).connect()) {
            killed.execute(SET_NEWER);
            assertProblem(NEWER, () -> format().checkContent());
        }
    }

    @Test
    void aDamagedFileIsRejected() throws Exception {
        make();
        byte[] bytes = Files.readAllBytes(path());
        Arrays.fill(bytes, SqliteFile.PAGE_BYTES, bytes.length, (byte) 0x5a);
        Files.write(path(), bytes);
        assertProblem("damaged", () -> format().checkContent());
    }

    /** The statements by which the first version of Crier made its file. */
    private static final String[] VERSION_1 = {
        "PRAGMA application_id = 1131571557",
        "CREATE TABLE channel (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE,"
                + " dropped_millis INTEGER NOT NULL DEFAULT 0, dropped_sequence INTEGER NOT NULL DEFAULT 0)",
        "CREATE TABLE entry (millis INTEGER NOT NULL, sequence INTEGER NOT NULL,"
                + " channel INTEGER NOT NULL REFERENCES channel (id), type TEXT NOT NULL, data TEXT NOT NULL,"
                + " PRIMARY KEY (millis, sequence)) WITHOUT ROWID",
        "CREATE INDEX entry_of_channel ON entry (channel, millis, sequence)",
        "CREATE TABLE newest (only INTEGER PRIMARY KEY CHECK (only = 1), millis INTEGER NOT NULL,"
                + " sequence INTEGER NOT NULL)",
        "INSERT INTO newest VALUES (1, 7, 3)",
        "INSERT INTO channel (name) VALUES ('/news')",
        "INSERT INTO entry VALUES (7, 3, 1, 'price', 'a')",
        "PRAGMA user_version = 1"
    };

    @Test
    void aFileOfTheFirstVersionIsMigratedWithItsEntries() throws Exception {
        execute(VERSION_1);
        format().checkHeader();
        assertEquals(1, format().checkContent());
        format().prepare(true);
        assertEquals(SqliteFormat.VERSION, format().checkContent());
        try (var reader = new EntryReader(SqliteFile.find(path()).connect())) {
            assertEquals(new EventId(7, 3), reader.newest());
            var read = assertInstanceOf(
                    ReadResult.Entries.class,
                    reader.read(new ChannelName("/news"), EventId.FIRST, EventId.LAST, ReadResult.MAX_BYTES));
            var entry = read.entries().get(0);
            assertEquals(new EventId(7, 3), entry.id());
            assertEquals(7, entry.storedMillis());
            assertEquals(
                    List.of("price", "a"),
                    List.of(entry.event().type(), entry.event().data()));
            assertEquals(List.of(), new StateReader(reader).receipts());
            assertEquals("2", reader.sql().pragma("auto_vacuum"));
        }
    }

    /** Statements that undo the last migration. */
    private static final String[] TO_VERSION_3 = {
        "DROP INDEX entry_of_channel",
        "ALTER TABLE entry DROP COLUMN events",
        "CREATE INDEX entry_of_channel ON entry (channel, millis, sequence)",
        "PRAGMA user_version = 3"
    };

    @Test
    void aFileOfVersionThreeIsMigratedAndItsChannelsGetSharedRows() throws Exception {
        var news = new ChannelName("/news");
        var orders = new ChannelName("/orders");
        make();
        var old = List.of(entry(1, news, "a"), entry(3, news, "b"), entry(5, orders, "c"), entry(7, news, "d"));
        try (var writer = new EntryWriter(SqliteFile.find(path()).connect())) {
            writer.transact(() -> writer.insert(old, List.of()));
        }
        execute(TO_VERSION_3);
        format().prepare(true);
        var shared = List.of(entry(8, news, "e"), entry(9, news, "f"));
        try (var writer = new EntryWriter(SqliteFile.find(path()).connect());
                var reader = new EntryReader(SqliteFile.find(path()).connect())) {
            writer.transact(() -> writer.insert(shared, List.of()));
            assertEquals(
                    List.of(1, 1, 1, 1, 2),
                    reader.sql().query("SELECT events FROM entry ORDER BY millis, sequence", row -> row.getInt(1)));
            var read = (ReadResult.Entries) reader.read(news, EventId.FIRST, EventId.LAST, ReadResult.MAX_BYTES);
            assertEquals(
                    List.of("a", "b", "d", "e", "f"),
                    read.entries().stream().map(entry -> entry.event().data()).toList());
            assertEquals(5, reader.kept(news).count());
            assertEquals(1, reader.kept(orders).count());
        }
    }

    private static Entry entry(long sequence, ChannelName channel, String data) {
        return new Entry(new EventId(1_000, sequence), channel, Event.of(data));
    }
}
