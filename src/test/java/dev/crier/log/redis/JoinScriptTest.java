package dev.crier.log.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.event.EventId;
import dev.crier.testing.RedisServer;
import dev.crier.testing.RunningCrier;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.impl.types.ErrorType;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The join script: the decision whether entries that a node has shown may be missing. Direct calls choose the run, the shown
 * position and the order of the nodes, so each case of the decision has a test without a restart of Redis.
 */
class JoinScriptTest extends ScriptFixture {

    private static final String BREAKS = "{test}:breaks";
    private static final int WAIT_MILLIS = 600_000;

    /** Joins as a node that waits for others. Returns whether it must wait. */
    private static boolean mustWait(String node, String epoch, String run, EventId shown) throws Exception {
        return LogState.mustWait(call(Script.JOIN, node, passed(epoch), run, shown, NOW, 0, WAIT_MILLIS));
    }

    /** Lets a node append an entry, and beat after it has shown it. Returns its id. */
    private static EventId appendAndShow(String node, long number, String epoch) throws Exception {
        append(node, number, epoch, "/news", "x");
        EventId id = newest();
        beat(node, epoch, id, NOW);
        return id;
    }

    /** Asserts that a new run has begun an epoch without a loss, and that a node with all entries goes on in the stream. */
    private static void assertLosslessSince(String epoch, EventId newest, LogState state) throws Exception {
        assertEquals(2, state.breaks().all().size(), state::toString);
        Break last = state.breaks().last();
        assertTrue(last.lossless(), state::toString);
        assertEquals(newest, last.after());
        assertEquals(last.through().toString(), state.epoch());
        assertEquals(last.through(), state.newest());
        assertTrue(Break.epochNumber(Break.id(epoch)) < Break.epochNumber(state.newest()));
        assertEquals(false, newest.isBefore(state.whole()));
        List<?> beginning = (List<?>) ((List<?>) redis.command("XRANGE", KEYS.recent(), state.epoch(), "+")).get(0);
        assertEquals(List.of("p", newest.toString(), "r", "new"), beginning.get(1));
    }

    private static void assertNoBreakSince(String epoch, LogState state) {
        assertEquals(epoch, state.epoch());
        assertEquals(1, state.breaks().all().size(), state::toString);
    }

    private static void assertBreak(EventId after, EventId highest, LogState state) {
        Break last = state.breaks().last();
        assertEquals(after, last.after());
        assertTrue(highest.isBefore(last.through()), "ids go on after " + highest + ": " + last);
        assertEquals(last.through().toString(), state.epoch());
        assertEquals(last.through(), state.newest());
        assertEquals(last.through(), state.whole());
    }

    @Test
    void anEmptyDatabaseBeginsAnEpochBeforeWhichEverythingIsMissing() throws Exception {
        LogState state = join("a", "", "run", EventId.FIRST);
        assertBreak(EventId.FIRST, EventId.FIRST, state);
        assertEquals(1, state.breaks().all().size());
        assertEquals(EventId.FIRST, state.forgotten());
        assertEquals(NOW, state.millis());
        assertEquals(List.of("1", "run"), List.of(log("format"), log("run")));
    }

    @Test
    void anEmptiedDatabaseGoesOnAboveWhatTheNodeHasShown() throws Exception {
        LogState state = join("a", "5-0", "run", FUTURE);
        assertBreak(EventId.FIRST, FUTURE, state);
        assertBeginsEpoch(FUTURE.millis(), 0, state.newest());
    }

    @Test
    void theSameRunLosesNothing() throws Exception {
        String epoch = join("a");
        EventId before = newest();
        EventId id = appendAndShow("a", 1, epoch);
        LogState again = join("a", epoch, "run", id);
        assertNoBreakSince(epoch, again);
        assertEquals(id, again.newest());
        assertEquals(id, again.whole());
        LogState other = join("b", "", "run", EventId.FIRST);
        assertEquals(before, other.whole(), "the stream has everything after this position");
        assertNoBreakSince(epoch, other);
    }

    @Test
    void aTrimmedStreamIsWholeAfterTheBatchBeforeItsOldest() throws Exception {
        String epoch = join("a");
        EventId first = appendAndShow("a", 1, epoch);
        EventId second = appendAndShow("a", 2, epoch);
        redis.command("XTRIM", KEYS.recent(), "MINID", second.toString());
        assertEquals(first, join("b", "", "run", EventId.FIRST).whole());
        redis.command("XTRIM", KEYS.recent(), "MAXLEN", "0");
        assertEquals(second, join("b", "", "run", EventId.FIRST).whole());
    }

    @Test
    void aNewNodeFollowsTheStreamFrom8MegabytesBeforeItsEnd() throws Exception {
        String epoch = join("a");
        EventId begin = newest();
        var ids = new ArrayList<EventId>();
        for (int number = 1; number <= 20; number++) {
            append("a", number, epoch, "/news", "x".repeat(1 << 20));
            ids.add(newest());
        }
        assertEquals(ids.get(11), join("b", "", "run", EventId.FIRST).whole());
        assertEquals(begin, join("a", epoch, "run", begin).whole(), "a node that has shown entries shows all");
    }

    @Test
    void aStreamThatLacksTheNextBatchOfANodeIsWholeAfterTheMissingOnes() throws Exception {
        String epoch = join("a");
        EventId first = appendAndShow("a", 1, epoch);
        EventId second = appendAndShow("a", 2, epoch);
        EventId third = appendAndShow("a", 3, epoch);
        redis.command("XDEL", KEYS.recent(), second.toString());
        LogState behind = join("b", epoch, "run", first);
        assertEquals(second, behind.whole());
        assertNoBreakSince(epoch, behind);
        assertEquals(third, join("a", epoch, "run", third).whole(), "this node misses nothing");
    }

    @Test
    void aDatabaseRestoredWithinOneRunIsBrokenThereEvenIfANodeHasAppendedSince() throws Exception {
        String epoch = join("a");
        EventId first = appendAndShow("a", 1, epoch);
        EventId lost = appendAndShow("a", 2, epoch);
        redis.command("XDEL", KEYS.recent(), lost.toString());
        craft(Map.of("newest", first));
        append("b", 1, join("b"), "/news", "y");
        EventId newest = newest();
        assertTrue(lost.isBefore(newest));
        assertBreak(first, newest, join("a", epoch, "run", lost));
    }

    /** For example a second node of the old primary. The log was broken where the two parted when the first one joined. */
    @Test
    void aPositionInALossIsNotComparedWithTheStream() throws Exception {
        String epoch = join("a");
        EventId first = appendAndShow("a", 1, epoch);
        EventId second = appendAndShow("a", 2, epoch);
        var elsewhere = new EventId(second.millis(), second.sequence() + 1);
        append("a", 3, epoch, "/news", "y");
        EventId end = new EventId(newest().millis() + 1_000, 1_000_000);
        redis.command("RPUSH", BREAKS, first + " " + end);
        craft(Map.of("epoch", end, "newest", end));
        LogState state = join("b", epoch, "run", elsewhere);
        assertEquals(2, state.breaks().all().size(), state::toString);
        assertEquals(end, state.whole());
    }

    @Test
    void aDatabaseRestoredWithinOneRunIsBrokenAfterItsNewest() throws Exception {
        String epoch = join("a");
        EventId newest = newest();
        assertBreak(newest, FUTURE, join("a", epoch, "run", FUTURE));
    }

    @Test
    void aNewRunWaitsForEveryNodeThatWasAliveAndHasNoBreakIfNothingIsMissing() throws Exception {
        String epoch = join("a");
        join("b");
        EventId id = appendAndShow("a", 1, epoch);
        assertTrue(mustWait("a", epoch, "new", id));
        assertTrue(mustWait("a", epoch, "new", id), "it asks again");
        LogState last = join("b", epoch, "new", id);
        assertLosslessSince(epoch, id, last);
        assertEquals(last.breaks(), join("a", epoch, "new", id).breaks());
        assertEquals("new", log("run"));
    }

    @Test
    void nothingIsAppendedToANewRunUntilNodesHaveJoinedIt() throws Exception {
        String epoch = join("a");
        join("b");
        assertTrue(mustWait("a", epoch, "new", EventId.FIRST));
        var refusal = assertThrows(
                ErrorType.class,
                () -> call(Script.APPEND, "a", 1, epoch, "new", NOW, "/news", "events", "", "", 1, "\nx"));
        assertTrue(refusal.getMessage().startsWith("EPOCH "), refusal::toString);
    }

    @Test
    void aNewRunThatLacksAShownEntryIsBrokenAfterItsNewest() throws Exception {
        String epoch = join("a");
        join("b");
        EventId id = appendAndShow("a", 1, epoch);
        assertTrue(mustWait("a", epoch, "new", id));
        assertBreak(id, FUTURE, join("b", epoch, "new", FUTURE));
        assertEquals(2, list(BREAKS).size());
    }

    @Test
    void aNewRunIsBrokenIfANodeThatWasAliveDoesNotJoin() throws Exception {
        String epoch = join("a");
        join("b");
        EventId id = appendAndShow("a", 1, epoch);
        assertTrue(mustWait("a", epoch, "new", id));
        assertBreak(id, id, join("a", epoch, "new", id));
    }

    @Test
    void aNodeThatWasDeadBeforeIsNotWaitedFor() throws Exception {
        String epoch = join("a");
        join("b");
        EventId id = appendAndShow("a", 1, epoch);
        beat("a", epoch, id, NOW + 60_000);
        assertEquals(false, mustWait("a", epoch, "new", id));
        assertLosslessSince(epoch, id, join("a", epoch, "new", id));
    }

    @Test
    void aNodeWhoseLastBeatIsFiveSecondsOldIsStillWaitedFor() throws Exception {
        String epoch = join("a");
        join("b");
        EventId id = appendAndShow("a", 1, epoch);
        beat("a", epoch, id, NOW + 5_000);
        assertTrue(mustWait("a", epoch, "new", id));
    }

    @Test
    void aNodeMustCheckInToEachRun() throws Exception {
        String epoch = join("a");
        join("b");
        EventId id = appendAndShow("a", 1, epoch);
        assertTrue(mustWait("a", epoch, "new", id));
        assertTrue(mustWait("b", epoch, "newer", id), "the check-in to the run before does not count for this one");
        assertTrue(join("a", epoch, "newer", id).breaks().last().lossless());
    }

    @ParameterizedTest
    @CsvSource({"true, 1, true", "true, 0, false", "false, 1, false", "false, 0, false"})
    void aNewRunWithoutAWitnessIsWholeIfTheLogIsCleanAndHasAnAppendOnlyFile(
            boolean clean, int hasFile, boolean lossless) throws Exception {
        String epoch = join("a");
        appendAndShow("a", 1, epoch);
        call(Script.LEAVE, "a", "run");
        assertEquals("1", log("clean"));
        if (!clean) {
            redis.command("HDEL", KEYS.log(), "clean");
        }
        var state = LogState.parse(call(Script.JOIN, "c", "", "new", EventId.FIRST, NOW, hasFile, 0));
        assertEquals(lossless, state.breaks().last().lossless());
        assertEquals(null, log("clean"));
    }

    @Test
    void aKilledNodeIsMissedByANewNodeEvenWithAnAppendOnlyFile() throws Exception {
        String epoch = join("a");
        EventId id = appendAndShow("a", 1, epoch);
        var state = LogState.parse(call(Script.JOIN, "c", "", "new", EventId.FIRST, NOW, 1, 0));
        assertBreak(id, id, state);
    }

    @Test
    void aLateNodeThatHasShownEntriesOfAnAbandonedRunBreaksTheLogAgain() throws Exception {
        String epoch = join("a");
        join("late");
        EventId id = appendAndShow("a", 1, epoch);
        LogState broken = join("a", epoch, "new", id);
        assertBreak(id, id, broken);
        var shown = new EventId(broken.newest().millis(), broken.newest().sequence() + 1);
        assertBreak(id, shown, join("late", epoch, "new", shown)); // it may have missed all entries since then
        assertEquals(2, list(BREAKS).size());
    }

    @Test
    void aLateNodeThatHasShownNothingAfterTheBreakJoinsTheNewEpoch() throws Exception {
        String epoch = join("a");
        join("late");
        EventId id = appendAndShow("a", 1, epoch);
        LogState broken = join("a", epoch, "new", id);
        LogState late = join("late", epoch, "new", id);
        assertEquals(broken.epoch(), late.epoch());
        assertEquals(broken.breaks(), late.breaks());
    }

    @Test
    void theTwoOldestOfMoreThanAHundredBreaksAreMerged() throws Exception {
        join("a");
        redis.command("DEL", BREAKS);
        for (int i = 1; i <= 100; i++) {
            redis.command("RPUSH", BREAKS, (10 * i) + "-0 " + (10 * i + 5) + "-0");
        }
        LogState state = join("a", "1005-0", "run", FUTURE);
        assertEquals(100, state.breaks().all().size());
        assertEquals(Break.parse("10-0 25-0"), state.breaks().all().get(0));
        assertEquals(Break.parse("30-0 35-0"), state.breaks().all().get(1));
    }

    @Test
    void anEpochBeforeWhichNothingWasLostIsMergedFirstAndItsIdsStayValid() throws Exception {
        join("a");
        redis.command("DEL", BREAKS);
        redis.command(
                "RPUSH", BREAKS, "0-0 5-0", "10-0 15-1000000", "16-1000000 17-2000000 =", "18-2000000 19-3000000 =");
        for (int i = 4; i < 100; i++) {
            redis.command("RPUSH", BREAKS, (10 * i) + "-0 " + (10 * i + 5) + "-" + i + "000000");
        }
        craft(Map.of("newest", "1000-99000000"));
        LogState state = join("a", "995-99000000", "run", FUTURE);
        List<String> breaks = list(BREAKS);
        assertEquals(100, breaks.size());
        assertEquals(List.of("0-0 5-0", "10-0 15-1000000 2", "18-2000000 19-3000000 ="), breaks.subList(0, 3));
        join("a", state.epoch(), "run", new EventId(FUTURE.millis() + 1, 0));
        assertEquals(
                List.of("0-0 5-0", "10-0 15-1000000 3", "40-0 45-4000000"),
                list(BREAKS).subList(0, 3));
    }

    /** A node that has been at another primary since the first epoch of this log: it has passed one more break there. */
    @ParameterizedTest(name = "{3}")
    @CsvSource(
            delimiter = ';',
            value = {
                "100-0; 100-0; 0-0 10-0; it has shown what both have",
                "101-0; 100-0; 0-0 10-0; it has shown an entry that the log had before it got its number",
                "200-1000000; 100-0; 0-0 10-0 100-0 150-1000000; it has shown entries after a lossless break",
                "200-1000000; 90-0; 0-0 10-0 90-0 150-1000000; its primary had fewer entries than this one",
            })
    void aNodeOfAnotherPrimaryBreaksTheLogWhereTheTwoParted(String shown, String after, String passed, String meaning)
            throws Exception {
        join("a");
        redis.command("DEL", BREAKS);
        redis.command("RPUSH", BREAKS, "0-0 10-0", "100-0 160-2000000 =");
        craft(Map.of("epoch", "160-2000000", "newest", "300-2000000"));
        var state = LogState.parse(call(Script.JOIN, "late", passed, "run", shown, NOW, 0, 0));
        Break last = state.breaks().last();
        assertEquals(Break.id(after), last.after(), meaning);
        assertEquals(shown.equals(after), last.lossless(), meaning);
        assertEquals(2, state.breaks().all().size());
    }

    @Test
    void aNodeWhoseEpochIsWithinALossDoesNotBreakTheLogAgain() throws Exception {
        join("a");
        redis.command("DEL", BREAKS);
        redis.command("RPUSH", BREAKS, "0-0 10-0", "100-0 260-2000000");
        craft(Map.of("epoch", "260-2000000", "newest", "300-2000000"));
        String passed = "0-0 10-0 100-0 150-1000000";
        var state = LogState.parse(call(Script.JOIN, "other", passed, "run", "200-1000000", NOW, 0, 0));
        assertEquals("260-2000000", state.epoch());
        assertEquals(List.of("0-0 10-0", "100-0 260-2000000"), list(BREAKS));
    }

    /** For example after the failed primary was made the primary again. */
    @Test
    void aNodeThatComesBackToAnOldPrimaryBreaksTheLogWhereItLeftIt() throws Exception {
        join("a");
        redis.command("DEL", BREAKS);
        redis.command("RPUSH", BREAKS, "0-0 10-0");
        craft(Map.of("epoch", "10-0", "newest", "300-0"));
        var state = LogState.parse(
                call(Script.JOIN, "back", "0-0 10-0 100-0 160-1000000", "run", "200-1000000", NOW, 0, 0));
        assertBreak(Break.id("100-0"), Break.id("300-0"), state);
    }

    @Test
    void idsRiseIfTheNewestIsAheadOfTheClock() throws Exception {
        String epoch = join("a");
        craft(Map.of("newest", FUTURE));
        append("a", 1, epoch, "/news", "x");
        assertEquals(new EventId(FUTURE.millis(), FUTURE.sequence() + 1), newest());
        LogState broken = join("a", epoch, "new", new EventId(FUTURE.millis(), FUTURE.sequence() + 5));
        assertBeginsEpoch(FUTURE.millis(), 0, broken.newest());
    }

    @Test
    void eachEpochHasANumberThatItsIdsContain() throws Exception {
        String first = join("a");
        EventId id = appendAndShow("a", 1, first);
        assertEquals(0, Break.epochNumber(id));
        LogState second = join("a", first, "run", new EventId(id.millis(), id.sequence() + 1));
        assertBeginsEpoch(second.newest().millis(), 0, second.newest());
        append("a", 2, second.epoch(), "/news", "x");
        assertEquals(Break.epochNumber(second.newest()), Break.epochNumber(newest()));
        EventId later = new EventId(FUTURE.millis(), 7_000_000_000L);
        assertBeginsEpoch(
                later.millis(), 7_000, join("a", second.epoch(), "run", later).newest());
    }

    private static void assertBeginsEpoch(long millis, long numberBefore, EventId id) {
        assertEquals(new EventId(millis, Break.epochNumber(id) * 1_000_000), id);
        long step = Break.epochNumber(id) - numberBefore;
        assertTrue(step >= 1 && step <= 1_000, "step " + step);
    }

    /** Both go on from the same state, each with some of the nodes. */
    @Test
    void twoPrimariesThatAreBothRestartedAfterTheyHavePartedGiveDifferentIds() throws Exception {
        String epoch = join("a");
        EventId id = appendAndShow("a", 1, epoch);
        for (String key : List.of(KEYS.log(), KEYS.recent(), BREAKS)) {
            redis.command("COPY", key, key + ":other");
        }
        EventId one = join("a", epoch, "one", id).newest();
        for (String key : List.of(KEYS.log(), KEYS.recent(), BREAKS)) {
            redis.command("COPY", key + ":other", key, "REPLACE");
        }
        EventId other = join("a", epoch, "other", id).newest();
        assertNotEquals(Break.epochNumber(one), Break.epochNumber(other));
    }

    @Test
    void theIdsOfAnEpochGoOnInTheNextMillisecondWhenItsSequencesAreUsedUp() throws Exception {
        String epoch = join("a");
        craft(Map.of("newest", new EventId(FUTURE.millis(), 2_899_999)));
        append("a", 1, epoch, "/news", "x");
        assertEquals(new EventId(FUTURE.millis() + 1, 2_000_000), newest());
    }

    @Test
    void withoutNodesTheTimeOfTheLogAdvancesWithTheClockOfRedis() throws Exception {
        join("a");
        long ahead = Long.parseLong(log("ahead"));
        craft(Map.of("ahead", ahead - 3_600_000)); // as if an hour had passed
        long millis = LogState.parse(call(Script.JOIN, "a", "", "run", EventId.FIRST, NOW, 0, 0))
                .millis();
        assertTrue(millis >= NOW + 3_600_000 && millis < NOW + 3_660_000, "time " + millis);
    }

    @Test
    void theTimeOfTheLogDoesNotGoBackWithTheClockOfRedis() throws Exception {
        join("a");
        craft(Map.of("ahead", Long.parseLong(log("ahead")) + 3_600_000)); // as if the clock was set back by an hour
        assertEquals(
                NOW,
                LogState.parse(call(Script.JOIN, "a", "", "run", EventId.FIRST, 5, 0, 0))
                        .millis());
    }

    @Test
    void idsRiseWhenTheClockOfRedisIsSetBack() throws Exception {
        var vertx = Vertx.vertx();
        try (var server = RedisServer.withClock(folder)) {
            var connection = RunningCrier.await(Redis.createClient(vertx, "redis://127.0.0.1:" + server.port())
                    .connect());
            RunningCrier.await(connection.send(Script.JOIN.load()));
            RunningCrier.await(connection.send(Script.APPEND.load()));
            var state = LogState.parse(RunningCrier.await(
                    connection.send(Script.JOIN.call(KEYS, "a", "", "run", EventId.FIRST, NOW, 0, 0))));
            server.setClock(Duration.ofDays(-1));
            EventId before = state.newest();
            for (int number = 1; number <= 3; number++) {
                var append = Script.APPEND.call(
                        KEYS, "a", number, state.epoch(), "run", NOW, "/news", "events", "", "", 1, "\nx");
                EventId id = Break.id(
                        RunningCrier.await(connection.send(append)).toString().split(" ")[0]);
                assertEquals(new EventId(before.millis(), before.sequence() + 1), id);
                before = id;
            }
        } finally {
            RunningCrier.await(vertx.close());
        }
    }
}
