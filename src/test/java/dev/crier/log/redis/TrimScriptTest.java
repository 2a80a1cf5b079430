package dev.crier.log.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.event.ChannelName;
import dev.crier.event.EventId;
import io.vertx.redis.client.impl.types.ErrorType;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * The trim script: the entries, keys, batches and nodes that one step drops. Direct calls choose the time and the sizes, so the
 * limits of a step are reached at once.
 */
class TrimScriptTest extends ScriptFixture {

    private static final String LEASE = "{test}:lease";
    private static final String EMPTY = "{test}:empty";
    private static final String ORDER = "{test}:receipts:order";
    private static final int MAX_EMPTY = 4;

    private String epoch;
    private long number;

    @BeforeEach
    void open() throws Exception {
        epoch = join("a");
    }

    private EventId append(String channel, String... data) throws Exception {
        append("a", ++number, epoch, channel, data);
        return newest();
    }

    /** Trims as a node that has shown everything. Each channel has a name, a number of events to keep, and a time. */
    private static String trim(String node, Object... channels) throws Exception {
        return trimAt(node, NOW, 0, EventId.LAST, channels);
    }

    private static String trimAt(String node, long now, long receiptsMillis, EventId shown, Object... channels)
            throws Exception {
        var arguments = new ArrayList<Object>(List.of(node, now, receiptsMillis, shown, MAX_EMPTY));
        arguments.addAll(List.of(channels));
        return call(Script.TRIM, arguments.toArray()).toString();
    }

    private static List<String> texts(String channel) throws Exception {
        return list(KEYS.channel(channel)).stream()
                .map(item ->
                        EntryCodec.item(new ChannelName(channel), item).event().data())
                .toList();
    }

    private static Object dropped(String channel) throws Exception {
        return redis.command("HGET", KEYS.channels(), channel);
    }

    /** Redis expires keys by its clock, so a lease lasts as much longer as the clock was set back. */
    @Test
    void theLeaseOfADeadNodeEndsEvenIfTheClockOfRedisWasSetBack() throws Exception {
        join("b");
        trim("a");
        redis.command("PEXPIRE", LEASE, "3600000");
        assertEquals("", trimAt("b", NOW + 5_000, 0, EventId.LAST));
        assertEquals("done", trimAt("b", NOW + 5_001, 0, EventId.LAST));
        assertEquals("b", redis.command("GET", LEASE));
    }

    @Test
    void oneNodeHasTheLeaseUntilItExpires() throws Exception {
        join("b");
        assertEquals("done", trim("a"));
        assertEquals("", trim("b"));
        assertEquals("done", trim("a"));
        long millis = (Long) redis.command("PTTL", LEASE);
        assertTrue(millis > 4_000 && millis <= 5_000, "lease " + millis);
        redis.command("DEL", LEASE);
        assertEquals("done", trim("b"));
        assertEquals("", trim("a"));
    }

    @Test
    void aNodeThatLeavesGivesUpTheLease() throws Exception {
        join("b");
        trim("a");
        call(Script.LEAVE, "a", "run");
        assertEquals("done", trim("b"));
    }

    /** With replicas, beats come over two connections, so one may arrive late. */
    @Test
    void aBeatThatArrivesAfterItsNodeHasLeftIsRefused() throws Exception {
        call(Script.LEAVE, "a", "run");
        var refusal = assertThrows(ErrorType.class, () -> beat("a", epoch, EventId.FIRST, NOW));
        assertTrue(refusal.getMessage().startsWith("EPOCH "), refusal.getMessage());
        assertEquals(0L, redis.command("EXISTS", KEYS.nodes()));
    }

    @Test
    void aNodeThatLeavesWithoutTheLeaseDoesNotTakeItFromItsHolder() throws Exception {
        join("b");
        trim("a");
        call(Script.LEAVE, "b", "run");
        assertEquals("", trim("b"));
    }

    @Test
    void aNodeWithoutTheLeaseDropsNothing() throws Exception {
        append("/news", "a", "b");
        trim("a");
        assertEquals("", trim("b", "/news", 1, 0));
        assertEquals(List.of("a", "b"), texts("/news"));
    }

    @Test
    void theSurplusIsDroppedAndItsNewestIsRecorded() throws Exception {
        append("/news", "a");
        EventId second = append("/news", "b");
        append("/news", "c", "d");
        assertEquals("done", trim("a", "/news", 2, 0));
        assertEquals(List.of("c", "d"), texts("/news"));
        assertEquals(second.toString(), dropped("/news"));
        trim("a", "/news", 2, 0);
        assertEquals(second.toString(), dropped("/news"), "nothing more to drop");
    }

    @Test
    void eventsFromBeforeATimeAreDropped() throws Exception {
        EventId first = append("/news", "a");
        join("b");
        call(Script.APPEND, "b", 1, epoch, "run", NOW + 10, "/news", "events", "", "", 1, "\nb");
        trim("a", "/news", 100, NOW);
        assertEquals(List.of("a", "b"), texts("/news"), "events of exactly that time are kept");
        trim("a", "/news", 100, NOW + 1);
        assertEquals(List.of("b"), texts("/news"));
        assertEquals(first.toString(), dropped("/news"));
    }

    @Test
    void entriesThatTheNodeHasNotShownAreKept() throws Exception {
        EventId first = append("/news", "a");
        append("/news", "b");
        append("/news", "c");
        trimAt("a", NOW, 0, first, "/news", 1, 0);
        assertEquals(List.of("b", "c"), texts("/news"));
        assertEquals(first.toString(), dropped("/news"));
        trimAt("a", NOW, 0, first, "/news", 1, NOW + 1);
        assertEquals(List.of("b", "c"), texts("/news"));
    }

    @Test
    void oneStepDropsAtMostTenThousandEventsOfAChannel() throws Exception {
        var arguments = new ArrayList<Object>(List.of("a", 1, epoch, "run", NOW, "/news", "events", "", "", 10_003));
        for (int i = 0; i < 10_003; i++) {
            arguments.add("\n" + i);
        }
        call(Script.APPEND, arguments.toArray());
        assertEquals("more", trim("a", "/news", 1, 0));
        assertEquals(List.of("10000", "10001", "10002"), texts("/news"));
        assertEquals("done", trim("a", "/news", 1, 0));
        assertEquals(List.of("10002"), texts("/news"));
    }

    @Test
    void anUnknownChannelIsNoChannelAfterwards() throws Exception {
        assertEquals("done", trim("a", "/none", 1, NOW));
        assertEquals(null, dropped("/none"));
        assertEquals(List.of(), redis.command("ZRANGE", EMPTY, "0", "-1"));
    }

    /** Empties channels by age, and returns the newest id that the last of them has lost. */
    private EventId empty(String... channels) throws Exception {
        EventId last = EventId.FIRST;
        for (String channel : channels) {
            last = append(channel, "x");
            call(Script.TRIM, "a", NOW, 0, EventId.LAST, 1_000, channel, 100, NOW + 1);
        }
        return last;
    }

    @Test
    void theChannelsThatHaveBeenEmptyLongestAreForgottenTogetherAndTheStreamNamesThem() throws Exception {
        empty("/1");
        EventId second = empty("/2");
        EventId third = empty("/3");
        empty("/4");
        assertEquals("done", trim("a"));
        assertEquals("0-0", log("forgotten"));
        empty("/5");
        EventId newest = newest();
        assertEquals("more", trim("a"));
        assertTrue(second.isBefore(third));
        assertEquals(third.toString(), log("forgotten"));
        assertEquals(List.of("/4", "/5"), redis.command("ZRANGE", EMPTY, "0", "-1"));
        assertEquals(null, dropped("/3"));
        var batches = (List<?>) redis.command("XREVRANGE", KEYS.recent(), "+", "-", "COUNT", "1");
        var batch = (List<?>) batches.get(0);
        assertEquals(newest().toString(), batch.get(0));
        assertEquals(List.of("p", newest.toString(), "f", "/1\n/2\n/3"), batch.get(1));
        assertEquals("done", trim("a"));
    }

    @Test
    void aChannelThatHasEventsAgainIsNotForgotten() throws Exception {
        EventId lost = empty("/1");
        append("/1", "again");
        empty("/2", "/3", "/4", "/5");
        trim("a");
        assertEquals(List.of("again"), texts("/1"));
        assertEquals(lost.toString(), dropped("/1"));
    }

    @Test
    void aChannelThatWasEmptiedAgainIsForgottenByTheTimeOfItsLastEvent() throws Exception {
        empty("/9", "/2", "/3", "/4", "/9");
        assertEquals("done", trim("a"), "four channels are empty");
        empty("/5");
        assertEquals("more", trim("a"));
        var batches = (List<?>) redis.command("XREVRANGE", KEYS.recent(), "+", "-", "COUNT", "1");
        assertEquals("/2\n/3\n/4", ((List<?>) ((List<?>) batches.get(0)).get(1)).get(3));
    }

    private void appendWithKeys(int count, long now) throws Exception {
        var arguments = new ArrayList<Object>(List.of("a", ++number, epoch, "run", now));
        for (int i = 0; i < count; i++) {
            arguments.addAll(List.of("/news", "latest", number + " and " + i, "digest", 1, "\nx"));
        }
        call(Script.APPEND, arguments.toArray());
    }

    @Test
    void keysFromBeforeATimeAreForgotten() throws Exception {
        appendWithKeys(2, NOW);
        appendWithKeys(3, NOW + 10);
        trimAt("a", NOW, NOW, EventId.LAST);
        assertEquals(5L, redis.command("HLEN", KEYS.receipts()));
        assertEquals("done", trimAt("a", NOW, NOW + 10, EventId.LAST));
        assertEquals(3L, redis.command("HLEN", KEYS.receipts()));
        assertEquals(3L, redis.command("LLEN", ORDER));
        assertEquals(1L, redis.command("HEXISTS", KEYS.receipts(), "/news\n2 and 0"));
    }

    private void appendPart(String digests, long now) throws Exception {
        call(Script.APPEND, "a", ++number, epoch, "run", now, "/news", "events", "k", digests, 1, "\nx");
    }

    @Test
    void aStreamIsForgottenByTheTimeOfItsLastPart() throws Exception {
        appendPart("0: 1:a", NOW);
        appendPart("1:a 2:ab", NOW + 10);
        appendWithKeys(1, NOW + 20);
        assertEquals("done", trimAt("a", NOW, NOW + 5, EventId.LAST));
        assertEquals(2L, redis.command("HLEN", KEYS.receipts()));
        assertEquals(List.of(NOW + 20 + " /news\n3 and 0", NOW + 10 + " /news\nk"), list(ORDER));
        appendPart("2:ab 3:abc", NOW + 30);
        trimAt("a", NOW, NOW + 25, EventId.LAST);
        assertEquals(List.of(NOW + 30 + " /news\nk"), list(ORDER));
        assertEquals("done", trimAt("a", NOW, NOW + 31, EventId.LAST));
        assertEquals(0L, redis.command("HLEN", KEYS.receipts()));
        assertEquals(List.of(), list(ORDER));
    }

    @Test
    void moreOldKeysThanAStepForgetsAreLeftForTheNextStep() throws Exception {
        appendWithKeys(1_001, NOW);
        assertEquals("more", trimAt("a", NOW, NOW + 1, EventId.LAST));
        assertEquals(1L, redis.command("HLEN", KEYS.receipts()));
        assertEquals("done", trimAt("a", NOW, NOW + 1, EventId.LAST));
        assertEquals(0L, redis.command("HLEN", KEYS.receipts()));
    }

    @Test
    void batchesOfTheLastFiveMinutesStayInTheStream() throws Exception {
        append("/news", "a");
        EventId newest = newest();
        trim("a");
        assertEquals(1L, redis.command("XLEN", KEYS.recent()));
        redis.command("DEL", KEYS.recent());
        long old = newest.millis() - 360_000;
        redis.command("XADD", KEYS.recent(), old + "-0", "p", "0-0", "t", "1", "b", "");
        redis.command("XADD", KEYS.recent(), newest.toString(), "p", old + "-0", "t", "1", "b", "");
        trim("a");
        assertEquals(1L, redis.command("XLEN", KEYS.recent()));
    }

    @Test
    void aNodeWithoutABeatForAnHourIsForgottenWithItsBatches() throws Exception {
        join("b");
        append("b", 1, epoch, "/news", "x");
        append("b:latest", 1, epoch, "/news", "x");
        beat("b", epoch, EventId.FIRST, NOW);
        long hour = 3_600_000;
        trimAt("a", NOW + hour - 60_000, 0, EventId.LAST);
        assertEquals(1L, redis.command("HEXISTS", "{test}:nodes", "b"));
        assertEquals("done", trimAt("a", NOW + hour + 60_000, 0, EventId.LAST));
        assertEquals(0L, redis.command("HEXISTS", "{test}:nodes", "b"));
        assertEquals(0L, redis.command("HLEN", "{test}:batches"));
    }
}
