package dev.crier.log.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.crier.event.EventId;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BreaksTest {

    private static Breaks breaks(String text) {
        return new Breaks(Arrays.stream(text.split(", ")).map(Break::parse).toList());
    }

    /** Three epochs with the numbers 0, 1 and 3; the log has lost the one with the number 2. */
    private static final Breaks BREAKS = breaks("0-0 10-0, 20-5 30-1000000, 40-1000007 50-3000000");

    /** Two runs of Redis that lost nothing, with the numbers 1 and 2, then a loss. */
    private static final Breaks RUNS =
            breaks("0-0 10-0, 20-5 30-1000000 =, 40-1000000 50-2000000 =, 60-2000000 70-3000000");

    @ParameterizedTest(name = "{2}: {0} goes on at {1}")
    @CsvSource({
        "20-5, 20-5, the newest id before a run",
        "20-6, 30-1000000, an id that the old primary has given before that",
        "25-999999999999999, 25-999999999999999, an instant before that",
        "30-1000000, 30-1000000, the beginning of a run",
        "35-1000000, 35-1000000, an id of the run",
        "35-6, 30-1000000, an id that the old primary has given since",
        "55-1000000, 50-2000000, an id that the primary after it has given since",
        "65-2000000, 65-2000000, a position in a loss",
    })
    void aSubscriberOfAPrimaryThatWasLeftWithoutALossGoesOnAtTheNextRun(String id, String position, String meaning) {
        assertEquals(Break.id(position), RUNS.resumption(Break.id(id)), meaning);
    }

    @ParameterizedTest
    @CsvSource({"20-5, 20-5", "20-6, 30-1000000", "25-999999999999999, 25-999999999999999", "30-1000000, 30-1000000"})
    void aBreakWithoutALossContainsOnlyIdsOfTheOldPrimary(String position, String end) {
        assertEquals(Break.id(end), RUNS.end(Break.id(position)));
    }

    @Test
    void aReadDoesNotStopAtABreakWithoutALoss() {
        assertEquals(Break.id("60-2000000"), RUNS.next(Break.id("15-0"), Break.id("90-0")));
        assertEquals(Break.id("55-0"), RUNS.next(Break.id("15-0"), Break.id("55-0")));
    }

    @Test
    void anEpochThatWasMergedKeepsItsIds() {
        Breaks merged = breaks("0-0 10-0 2, 60-2000000 70-3000000");
        assertEquals(Break.id("55-1000000"), merged.resumption(Break.id("55-1000000")));
        assertEquals(Break.id("70-3000000"), merged.resumption(Break.id("75-2000000")));
    }

    @ParameterizedTest
    @CsvSource({
        "0-0 10-0, false",
        "'0-0 10-0, 20-5 30-1000000 =, 40-1000000 50-2000000 =', false",
        "'0-0 10-0, 20-5 30-1000000 =, 40-1000000 50-2000000 =, 60-2000000 70-3000000', true",
        "'0-0 10-0, 20-5 80-1000000', true",
        "0-0 80-0, true"
    })
    void onlyALossSinceTheLastCommonEpochMatters(String now, boolean isLoss) {
        assertEquals(isLoss, breaks(now).hasLossSince(breaks("0-0 10-0, 20-5 30-1000000 =")));
    }

    @Test
    void theLastLossIsNotThatOfALaterRun() {
        assertEquals(Break.id("60-2000000"), RUNS.lastLoss());
        assertEquals(
                Break.id("15-2"),
                breaks("0-0 10-0, 15-2 20-1000000, 30-1000000 40-2000000 =").lastLoss());
    }

    @Test
    void aNodeHasPassedTheBreaksBeforeItsPosition() {
        assertEquals("0-0 10-0 20-5 30-1000000", RUNS.passed(Break.id("50-1999999")));
        assertEquals("", RUNS.passed(EventId.FIRST));
    }

    @ParameterizedTest
    @CsvSource({"15-0, 15-0", "30-1000000, 20-5", "70-3000000, 70-3000000"})
    void theBeginningOfARunIsNoEntry(String position, String entry) {
        assertEquals(Break.id(entry), RUNS.lastEntry(Break.id(position)));
    }

    @Test
    void theBeginningsOfSeveralRunsAreNoEntries() {
        Breaks idle = breaks("0-0 10-0, 20-5 30-1000000 =, 30-1000000 50-2000000 =");
        assertEquals(Break.id("20-5"), idle.lastEntry(Break.id("50-2000000")));
    }

    @ParameterizedTest
    @CsvSource({"0-0 10-0, 10-0", "15-2 20-0, 0-0"})
    void aLogBeginsAfterItsFirstBreakIfNothingCameBeforeThat(String breaks, String begin) {
        assertEquals(Break.id(begin), breaks(breaks).begin());
    }

    @ParameterizedTest
    @CsvSource({
        "20-5, false",
        "20-6, true",
        "30-999999, true",
        "30-1000000, false",
        "35-1000000, false",
        "45-1000008, true"
    })
    void onlyEntriesWithinABreakMayBeLost(String id, boolean isLost) {
        assertEquals(isLost, BREAKS.hasLost(Break.id(id)));
    }

    @ParameterizedTest
    @CsvSource({
        "0-0, 10-0",
        "9-9, 10-0",
        "10-0, 10-0",
        "20-4, 20-4",
        "20-5, 30-1000000",
        "30-999999, 30-1000000",
        "30-1000000, 30-1000000",
        "49-0, 50-3000000",
        "60-0, 60-0"
    })
    void aBreakContainsItsFirstPositionAndNotItsLast(String position, String end) {
        assertEquals(Break.id(end), BREAKS.end(Break.id(position)));
    }

    @ParameterizedTest
    @CsvSource({"10-0, 20-5, 20-5", "10-0, 20-6, 20-5", "20-5, 40-0, 40-0", "30-1000000, 60-0, 40-1000007"})
    void aReadStopsAtTheNextBreak(String after, String through, String next) {
        assertEquals(Break.id(next), BREAKS.next(Break.id(after), Break.id(through)));
    }

    @ParameterizedTest(name = "{2}: {0} goes on at {1}")
    @CsvSource({
        "5-0, 5-0, before the log",
        "10-0, 10-0, the position where the log begins",
        "20-5, 20-5, an id of epoch 0",
        "25-0, 25-0, a position in a break",
        "30-1000000, 30-1000000, the end of a break",
        "40-1000007, 40-1000007, an id of epoch 1",
        "60-3000002, 60-3000002, an id of epoch 3",
        "35-2, 30-1000000, an id of epoch 0 from the time of epoch 1",
        "60-2, 30-1000000, an id of epoch 0 from the time of epoch 3",
        "60-1000000, 50-3000000, an id of epoch 1 from the time of epoch 3",
        "60-2000000, 50-3000000, an id of an epoch that the log has lost",
        "60-4000000, 50-3000000, an id of an epoch that this node does not know",
        "35-3000000, 50-3000000, an id of epoch 3 from before it began",
    })
    void aSubscriberOfAPrimaryThatTheLogHasLeftGoesOnAfterTheBreak(String id, String position, String meaning) {
        assertEquals(Break.id(position), BREAKS.resumption(Break.id(id)), meaning);
    }

    @ParameterizedTest
    @CsvSource({"12, 999999999999999"})
    void aPositionBetweenTwoMillisecondsBelongsToNoPrimary(long millis, long sequence) {
        var instant = new EventId(millis, sequence);
        assertEquals(instant, BREAKS.resumption(instant));
    }
}
