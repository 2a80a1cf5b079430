package dev.crier.log.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.event.ChannelName;
import dev.crier.event.Entry;
import dev.crier.event.Event;
import dev.crier.event.EventId;
import io.vertx.core.buffer.Buffer;
import io.vertx.redis.client.impl.types.BulkType;
import io.vertx.redis.client.impl.types.ErrorType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The append script: the entries, answers and errors of a batch. Direct calls can repeat, reorder and delay batches, which a
 * node does only after a failure.
 */
class AppendScriptTest extends ScriptFixture {

    private static final ChannelName NEWS = new ChannelName("/news");
    private static final String NEWS_LIST = KEYS.channel("/news");
    private static final String MARKS = "{test}:recent:marks";

    private String epoch;

    @BeforeEach
    void open() throws Exception {
        epoch = join("a");
    }

    private String append(long number, String... data) throws Exception {
        return append("a", number, epoch, "/news", data);
    }

    /** Appends one event with a key. Returns its id if it was stored, otherwise the word for it in the answer. */
    private String appendWithKey(long number, String channel, String key, String digest) throws Exception {
        String[] words = call(Script.APPEND, "a", number, epoch, "run", NOW, channel, "events", key, digest, 1, "\nx")
                .toString()
                .split(" ");
        return words[1].equals("+") ? words[0] : words[1];
    }

    private static List<Entry> items() throws Exception {
        return list(NEWS_LIST).stream().map(item -> EntryCodec.item(NEWS, item)).toList();
    }

    private static List<String> texts() throws Exception {
        return items().stream().map(entry -> entry.event().data()).toList();
    }

    /** Returns the fields of the newest batch in the stream, after its id. */
    private static List<?> newestBatch() throws Exception {
        var batches = (List<?>) redis.command("XREVRANGE", KEYS.recent(), "+", "-", "COUNT", "1");
        return (List<?>) ((List<?>) batches.get(0)).get(1);
    }

    private static void assertRefused(String code, Throwable refusal) {
        assertTrue(refusal.getMessage().startsWith(code + " "), refusal.getMessage());
    }

    static List<Event> oddEvents() {
        return EntryCodecTest.oddEvents().toList();
    }

    @ParameterizedTest
    @MethodSource("oddEvents")
    void anEventIsReadAsItWasAppendedFromItsChannelAndFromTheStream(Event event) throws Exception {
        String encoded = EntryCodec.encode(event);
        call(Script.APPEND, "a", 1, epoch, "run", NOW, "/news", "events", "", "", 2, encoded, encoded);
        var last = newest();
        var expected = List.of(
                new Entry(new EventId(last.millis(), last.sequence() - 1), NEWS, event, NOW),
                new Entry(last, NEWS, event, NOW));
        assertEquals(expected, items());
        var blob = BulkType.create(Buffer.buffer((String) newestBatch().get(5)), false);
        assertEquals(expected, EntryCodec.batch(last, NOW, blob));
    }

    @Test
    void aBatchNamesTheNewestIdBeforeIt() throws Exception {
        EventId before = newest();
        append(1, "a", "b");
        EventId first = newest();
        append(2, "c");
        assertEquals(first.toString(), newestBatch().get(1));
        redis.command("XTRIM", KEYS.recent(), "MINID", "0");
        var oldest = (List<?>) ((List<?>) redis.command("XRANGE", KEYS.recent(), "-", "+", "COUNT", "1")).get(0);
        assertEquals(first.toString(), oldest.get(0));
        assertEquals(before.toString(), ((List<?>) oldest.get(1)).get(1));
    }

    @Test
    void aRepeatedBatchGetsItsAnswerAndIsStoredOnce() throws Exception {
        String answer = append(1, "a", "b");
        EventId newest = newest();
        assertEquals(answer, append(1, "a", "b"));
        assertEquals(List.of("a", "b"), texts());
        assertEquals(newest, newest());
    }

    @Test
    void aBatchOfAnotherNodeWithTheSameNumberIsStored() throws Exception {
        append(1, "a");
        join("b");
        append("b", 1, epoch, "/news", "b");
        assertEquals(List.of("a", "b"), texts());
    }

    @Test
    void aBatchThatArrivesAfterItsNodeHasLeftIsRefused() throws Exception {
        append(1, "a");
        call(Script.LEAVE, "a", "run");
        assertRefused("EPOCH", assertThrows(ErrorType.class, () -> append(1, "a")));
        assertEquals(List.of("a"), texts());
    }

    @Test
    void aBatchAfterALaterOneIsRefused() throws Exception {
        append(10, "a");
        assertRefused("STALE", assertThrows(ErrorType.class, () -> append(9, "b")));
        assertEquals(List.of("a"), texts());
    }

    @Test
    void anotherEpochOrRunIsRefusedAndNothingIsStored() throws Exception {
        assertRefused("EPOCH", assertThrows(ErrorType.class, () -> append("a", 1, "5-0", "/news", "x")));
        assertRefused(
                "EPOCH",
                assertThrows(
                        ErrorType.class,
                        () -> call(Script.APPEND, "a", 1, epoch, "other", NOW, "/news", "events", "", "", 1, "\nx")));
        assertEquals(List.of(), texts());
        redis.command("FLUSHALL");
        assertRefused("EPOCH", assertThrows(ErrorType.class, () -> append(1, "x")));
        assertEquals(List.of(), redis.command("KEYS", "*"));
    }

    @Test
    void aProbeStoresNothing() throws Exception {
        EventId before = newest();
        assertEquals("", append(1));
        append(1, "a");
        assertEquals(List.of("a"), texts());
        assertTrue(before.isBefore(newest()));
    }

    @Test
    void publicationsWithTheSameKeyAreStoredOnceInEachChannel() throws Exception {
        String id = appendWithKey(1, "/news", "k", "d1");
        assertEquals(id, appendWithKey(2, "/news", "k", "d1"));
        assertEquals("!", appendWithKey(3, "/news", "k", "d2"));
        assertEquals(List.of("x"), texts());
        assertNotEquals(id, appendWithKey(4, "/orders", "k", "d2"));
    }

    @Test
    void twoPublicationsOfABatchWithTheSameKeyAreStoredOnce() throws Exception {
        String answer = call(
                        Script.APPEND,
                        List.of(
                                        "a", 1, epoch, "run", NOW, //
                                        "/news", "events", "k", "d", 1, "\nx", //
                                        "/news", "events", "", "", 2, "\ny", "\nz", //
                                        "/news", "events", "k", "d", 1, "\nx", //
                                        "/news", "events", "k", "e", 1, "\nw")
                                .toArray())
                .toString();
        String first = answer.split(" ")[0];
        assertEquals(first + " + + " + first + " !", answer);
        assertEquals(List.of("x", "y", "z"), texts());
    }

    /** Redis has lost a latest event, and a node that has shown it appends it again. */
    @Test
    void aPublisherMayExpectARestoredEventByTheIdWithWhichItWasPublished() throws Exception {
        var published = new EventId(newest().millis(), newest().sequence() + 1_000);
        call(Script.APPEND, "a:latest", 1, epoch, "run", NOW, "/news", "restored", published, "", 1, "\nold");
        EventId restored = newest();
        assertNotEquals(published, restored);
        String first = call(
                        Script.APPEND, "a", 1, epoch, "run", NOW, "/news", "latest " + published, "", "", 1, "\nnew")
                .toString();
        assertTrue(first.endsWith(" +"), first);
        String second = call(
                        Script.APPEND, "a", 2, epoch, "run", NOW, "/news", "latest " + published, "", "", 1, "\nlate")
                .toString();
        assertTrue(second.endsWith(" ~" + newest()), second);
        assertEquals(List.of("new"), texts());
    }

    @Test
    void aRepeatedConditionalBatchGetsItsAnswer() throws Exception {
        Object[] batch = {"a", 1, epoch, "run", NOW, "/news", "events *", "", "", 1, "\nx"};
        String answer = call(Script.APPEND, batch).toString();
        assertTrue(answer.endsWith(" +"), answer);
        assertEquals(answer, call(Script.APPEND, batch).toString());
        assertEquals(List.of("x"), texts());
    }

    @Test
    void aRetryWithAKeyGetsTheFirstIdAlthoughItsPreconditionNoLongerHolds() throws Exception {
        String first = call(Script.APPEND, "a", 1, epoch, "run", NOW, "/news", "events *", "key", "digest", 1, "\nx")
                .toString();
        String retry = call(Script.APPEND, "a", 2, epoch, "run", NOW, "/news", "events *", "key", "digest", 1, "\nx")
                .toString();
        assertEquals(first.split(" ")[0], retry.split(" ")[1]);
        assertEquals(List.of("x"), texts());
    }

    @Test
    void aPreconditionSeesThePublicationsBeforeItInTheBatch() throws Exception {
        String answer = call(
                        Script.APPEND,
                        List.of(
                                        "a",
                                        1,
                                        epoch,
                                        "run",
                                        NOW, //
                                        "/news",
                                        "events 1-0",
                                        "",
                                        "",
                                        1,
                                        "\nv", //
                                        "/news",
                                        "events *",
                                        "",
                                        "",
                                        2,
                                        "\nw",
                                        "\nx", //
                                        "/news",
                                        "events *",
                                        "",
                                        "",
                                        1,
                                        "\ny")
                                .toArray())
                .toString();
        EventId first = Break.id(answer.split(" ")[0]);
        var second = new EventId(first.millis(), first.sequence() + 1);
        assertEquals(first + " ~ + ~" + second, answer);
        call(Script.APPEND, "a", 2, epoch, "run", NOW, "/news", "events " + second, "", "", 1, "\nz");
        assertEquals(List.of("w", "x", "z"), texts());
    }

    @Test
    void aBatchThatStoresNothingDoesNotChangeTheLog() throws Exception {
        String id = appendWithKey(1, "/news", "k", "d");
        EventId newest = newest();
        assertEquals(id, appendWithKey(2, "/news", "k", "d"));
        assertEquals(newest, newest());
        assertEquals(1L, redis.command("XLEN", KEYS.recent()));
    }

    @Test
    void theOldestOfMoreThanAMillionKeysIsForgotten() throws Exception {
        appendWithKey(1, "/news", "k1", "d");
        redis.command(
                "EVAL",
                "for i = 1, 999999 do redis.call('RPUSH', KEYS[1], '1 /x\\n' .. i) end",
                "1",
                "{test}:receipts:order");
        String second = appendWithKey(2, "/news", "k2", "d");
        assertEquals(1_000_000L, redis.command("LLEN", "{test}:receipts:order"));
        assertEquals(second, appendWithKey(3, "/news", "k2", "d"));
        assertNotEquals(0L, redis.command("HLEN", KEYS.receipts()));
        assertEquals(null, redis.command("HGET", KEYS.receipts(), "/news\nk1"));
    }

    @Test
    void aPublicationOfMoreEventsThanLuasStackHoldsIsStoredWhole() throws Exception {
        var arguments = new ArrayList<Object>(List.of("a", 1, epoch, "run", NOW, "/news", "events", "", "", 10_001));
        for (int i = 0; i < 10_001; i++) {
            arguments.add("\n" + i);
        }
        call(Script.APPEND, arguments.toArray());
        List<Entry> stored = items();
        assertEquals(10_001, stored.size());
        EventId first = stored.get(0).id();
        for (int i = 0; i < stored.size(); i++) {
            var id = new EventId(first.millis(), first.sequence() + i);
            assertEquals(new Entry(id, NEWS, Event.of("" + i), NOW), stored.get(i));
        }
    }

    /** A batch may have 999 events when a publication with the most events of the configuration joins it. */
    @ParameterizedTest
    @ValueSource(longs = {2_799_998, 2_799_999, 2_899_998})
    void theIdsOfTheLargestBatchHaveTheNumberOfTheirEpoch(long sequence) throws Exception {
        craft(Map.of("newest", new EventId(FUTURE.millis(), sequence)));
        var arguments = new ArrayList<Object>(List.of("a", 1, epoch, "run", NOW));
        for (int i = 0; i < 999; i++) {
            arguments.addAll(List.of("/news", "latest", "", "", 1, "\n"));
        }
        arguments.addAll(List.of("/news", "latest", "", "", 100_000));
        arguments.addAll(Collections.nCopies(100_000, "\n"));
        String first = call(Script.APPEND, arguments.toArray()).toString().split(" ")[0];
        assertEquals(2, Break.epochNumber(Break.id(first)));
        assertEquals(2, Break.epochNumber(newest()));
        assertEquals(Break.id(first).sequence() + 100_998, newest().sequence());
    }

    @Test
    void aBatchWithTooManyEventsIsRefused() throws Exception {
        var arguments = new ArrayList<Object>(List.of("a", 1, epoch, "run", NOW, "/news", "events", "", "", 200_000));
        arguments.addAll(Collections.nCopies(200_000, "\n"));
        assertRefused("ERR", assertThrows(ErrorType.class, () -> call(Script.APPEND, arguments.toArray())));
        assertEquals(List.of(), texts());
    }

    @Test
    void aChannelThatKeepsTheLatestHasOneItem() throws Exception {
        for (int i = 1; i <= 3; i++) {
            call(Script.APPEND, "a", i, epoch, "run", NOW, "/news", "latest", "", "", 2, "\nx" + i, "\ny" + i);
        }
        assertEquals(List.of("y3"), texts());
    }

    @Test
    void aNewChannelMayHaveLostEntriesUpToTheForgottenPosition() throws Exception {
        craft(Map.of("forgotten", "17-3"));
        append(1, "a");
        assertEquals("17-3", redis.command("HGET", KEYS.channels(), "/news"));
        redis.command("HSET", KEYS.channels(), "/news", "20-0");
        redis.command("DEL", NEWS_LIST);
        append(2, "b");
        assertEquals("20-0", redis.command("HGET", KEYS.channels(), "/news"), "it was not forgotten");
    }

    @Test
    void theStreamKeepsTheLast64Megabytes() throws Exception {
        String megabyte = "x".repeat(1 << 20);
        String newest = "";
        for (int number = 1; number <= 70; number++) {
            newest = append(number, megabyte).split(" ")[0];
            redis.command("LTRIM", NEWS_LIST, "-1", "-1");
        }
        assertEquals(64L, redis.command("LLEN", MARKS));
        long batches = (Long) redis.command("XLEN", KEYS.recent());
        assertTrue(batches >= 64 && batches <= 65, "batches " + batches);
        var last = (List<?>) ((List<?>) redis.command("XREVRANGE", KEYS.recent(), "+", "-", "COUNT", "1")).get(0);
        assertEquals(newest, last.get(0));
    }

    /** The events are empty, so nearly all bytes are the names of their channels. */
    @Test
    void theStreamKeepsTheLast64MegabytesEvenIfEventsAreSmall() throws Exception {
        for (int number = 1; number <= 90; number++) {
            var arguments = new ArrayList<Object>(List.of("a", number, epoch, "run", NOW));
            String channel = "/" + "c".repeat(10_000);
            for (int i = 0; i < 100; i++) {
                arguments.addAll(List.of(channel, "latest", "", "", 1, "\n"));
            }
            call(Script.APPEND, arguments.toArray());
        }
        long bytes = (Long) redis.command("MEMORY", "USAGE", KEYS.recent());
        assertTrue(bytes > 60_000_000 && bytes < 90_000_000, "bytes " + bytes);
    }

    /** An item of the stream with a batch of a few bytes takes about 80 bytes of memory. */
    @Test
    void aSmallBatchCountsAsItsItemInTheStream() throws Exception {
        append(1, "x");
        long before = Long.parseLong(log("bytes"));
        append(2, "x");
        long bytes = Long.parseLong(log("bytes")) - before;
        assertTrue(bytes > 60 && bytes < 100, "bytes " + bytes);
    }

    @Test
    void smallBatchesAreNotMarked() throws Exception {
        for (int number = 1; number <= 100; number++) {
            append(number, "x");
        }
        assertEquals(0L, redis.command("LLEN", MARKS));
        assertEquals(100L, redis.command("XLEN", KEYS.recent()));
    }
}
