package dev.crier.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.event.ChannelName;
import dev.crier.event.Event;
import dev.crier.event.EventId;
import dev.crier.event.Precondition;
import dev.crier.event.Publication;
import dev.crier.event.Publication.Attempt;
import dev.crier.event.PublishException;
import dev.crier.log.store.KeptEntries;
import dev.crier.log.store.ReadResult;
import dev.crier.testing.Eventually;
import dev.crier.testing.RunningCrier;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The contract of the event log with any store. It is longer than other classes, because each store runs all of it in one
 * class of its own.
 */
public abstract class EventLogContract extends StreamContract {

    @Test
    void aReadReturnsWhatComesAfterThePositionInOrder() throws Exception {
        List<EventId> ids = publish(NEWS, "a", "b", "c");
        publish(NEWS, "d");
        assertEquals(List.of("b", "c", "d"), read(NEWS, ids.get(0)));
        assertEquals(List.of("a", "b", "c", "d"), readAll(NEWS));
    }

    @Test
    void aReadAtTheNewestPositionReturnsNothing() throws Exception {
        publish(NEWS, "a");
        assertEquals(List.of(), read(NEWS, log.newest()));
    }

    @Test
    void aReadReturnsEntriesOfItsChannelOnly() throws Exception {
        EventId before = log.newest();
        publish(NEWS, "a");
        publish(ORDERS, "b");
        assertEquals(List.of("a"), read(NEWS, before));
        assertEquals(List.of("b"), read(ORDERS, before));
    }

    @Test
    void idsRiseOverAllChannelsEvenIfTheClockIsSet() throws Exception {
        var ids = new ArrayList<>(publish(NEWS, "a", "b"));
        now -= 100_000;
        ids.addAll(publish(ORDERS, "c"));
        now += 200_000;
        ids.addAll(publish(NEWS, "d"));
        assertEquals(ids.stream().sorted().distinct().toList(), ids);
        assertEquals(ids.get(3), log.newest());
    }

    @Test
    void everyTextIsReadBackUnchanged() throws Exception {
        EventId before = log.newest();
        String[] texts = {"", " ", "\0", "a\r\nb\rc\nd", "é€😀\uFEFF", "x".repeat(100_000), "'; DROP TABLE entry; --"};
        publish(NEWS, texts);
        assertEquals(List.of(texts), read(NEWS, before));
    }

    private void assertRefused(String message, Future<?> publishing) {
        var refusal = assertThrows(PublishException.class, () -> RunningCrier.await(publishing));
        assertEquals(PublishException.Reason.PRECONDITION, refusal.reason());
        assertEquals(message, refusal.getMessage());
    }

    private boolean isPublishedIf(ChannelName channel, Precondition precondition, String data) throws Exception {
        try {
            RunningCrier.await(publishingIf(channel, precondition, data));
            return true;
        } catch (PublishException refusal) {
            return false;
        }
    }

    @Test
    void aPublicationIsStoredOnlyIfTheNewestEventIsTheExpectedOne() throws Exception {
        for (ChannelName channel : List.of(NEWS, TIME, LAST_THREE)) {
            List<EventId> ids = publish(channel, "a", "b", "c", "d");
            publish(ORDERS, "another channel");
            EventId e = RunningCrier.await(publishingIf(channel, new Precondition.Newest(ids.get(3)), "e"))
                    .get(0);
            assertRefused(
                    "channel: the newest event is " + e + " (expected: " + ids.get(3) + ")",
                    publishingIf(channel, new Precondition.Newest(ids.get(3)), "never"));
            assertRefused(
                    "channel: the newest event is " + e + " (expected: none)",
                    publishingIf(channel, new Precondition.Empty(), "never"));
            RunningCrier.await(publishingIf(channel, new Precondition.Newest(e), "f"));
        }
        assertEquals(List.of("a", "b", "c", "d", "e", "f"), readAll(NEWS));
    }

    @Test
    void aPublicationIsStoredOnlyIfTheChannelHasNoEvent() throws Exception {
        assertRefused(
                "channel: there is no event (expected: 1-0)",
                publishingIf(ORDERS, new Precondition.Newest(new EventId(1, 0)), "never"));
        EventId a = RunningCrier.await(publishingIf(ORDERS, new Precondition.Empty(), "a"))
                .get(0);
        assertRefused(
                "channel: the newest event is " + a + " (expected: none)",
                publishingIf(ORDERS, new Precondition.Empty(), "never"));
        now += Duration.ofMinutes(61).toMillis();
        untilTrimmed(() -> isPublishedIf(ORDERS, new Precondition.Empty(), "b"));
        assertEquals(List.of("b"), readAll(ORDERS));
    }

    /** The store gets most of them in one batch. */
    @Test
    void onlyTheFirstOfManyConditionalPublicationsIsStored() throws Exception {
        var racing = new ArrayList<Future<List<EventId>>>();
        for (int i = 0; i < 20; i++) {
            racing.add(publishingIf(NEWS, new Precondition.Empty(), "first " + i));
        }
        EventId first = RunningCrier.await(racing.get(0)).get(0);
        for (Future<?> later : racing.subList(1, racing.size())) {
            assertRefused("channel: the newest event is " + first + " (expected: none)", later);
        }
        assertEquals(List.of("first 0"), readAll(NEWS));
    }

    @Test
    void aRetryOfAConditionalPublicationGetsTheIdsOfTheFirstAttempt() throws Exception {
        var publication = new Publication(
                NEWS, List.of(Event.of("a")), Attempt.of("key", Event.of("a")), new Precondition.Empty());
        List<EventId> ids = RunningCrier.await(onContext(() -> log.append(publication)));
        publish(NEWS, "b");
        assertEquals(ids, RunningCrier.await(onContext(() -> log.append(publication))));
        assertEquals(List.of("a", "b"), readAll(NEWS));
    }

    @Test
    void aChannelThatKeepsTheLatestReturnsOnlyThat() throws Exception {
        publish(TIME, "one");
        EventId two = publish(TIME, "two").get(0);
        assertEquals(List.of("two"), read(TIME, EventId.FIRST));
        assertEquals(List.of(), read(TIME, two));
    }

    @Test
    void entriesBeyondTheNumberAreAGapAndReadingContinuesAfterIt() throws Exception {
        List<EventId> ids = publish(LAST_THREE, "a", "b", "c", "d", "e");
        trim();
        Eventually.until("trimmed", () -> readAll(LAST_THREE).size() == 3);
        assertEquals(List.of("gap", "c", "d", "e"), read(LAST_THREE, ids.get(0)));
        assertEquals(List.of("c", "d", "e"), read(LAST_THREE, ids.get(1)));
        var gap = assertInstanceOf(ReadResult.Gap.class, readOnce(LAST_THREE, ids.get(0)));
        assertEquals(Optional.of(ids.get(2)), gap.oldest());
        assertEquals(ids.get(1), gap.through());
    }

    @Test
    void expiredEntriesAreAGapAndLaterEntriesStay() throws Exception {
        EventId before = log.newest();
        EventId old = publish(ORDERS, "old").get(0);
        now += Duration.ofMinutes(50).toMillis();
        publish(ORDERS, "young");
        publish(NEWS, "kept");
        now += Duration.ofMinutes(20).toMillis();
        trim();
        Eventually.until("trimmed", () -> readAll(ORDERS).equals(List.of("young")));
        assertEquals(List.of("gap", "young"), read(ORDERS, before));
        assertEquals(List.of("young"), read(ORDERS, old));
        assertEquals(List.of("kept"), read(NEWS, before));
        now += Duration.ofHours(1).toMillis();
        trim();
        Eventually.until("emptied", () -> readAll(ORDERS).isEmpty());
        assertEquals(List.of("gap"), read(ORDERS, old));
        assertEquals(
                Optional.empty(),
                assertInstanceOf(ReadResult.Gap.class, readOnce(ORDERS, old)).oldest());
    }

    /** Publishes "a" while the clock is right and "b" while it is wrong, and reads what is left of them later. */
    private List<String> readAfterClockWasWrong(long wrongMillis, Duration later) throws Exception {
        publish(ORDERS, "a");
        this.wrongMillis = wrongMillis;
        now += 1_000;
        trim();
        publish(ORDERS, "b");
        this.wrongMillis = 0;
        now += later.toMillis();
        trim();
        return readAll(ORDERS);
    }

    @Test
    void entriesExpireAfterTheClockWasAYearAhead() throws Exception {
        readAfterClockWasWrong(Duration.ofDays(365).toMillis(), Duration.ofMinutes(61));
        untilTrimmed(() -> readAll(ORDERS).isEmpty());
        assertEquals(0, log.entries());
        publish(ORDERS, "c");
        assertEquals(List.of("c"), readAll(ORDERS));
    }

    @Test
    void nothingExpiresEarlyAfterTheClockWasAYearAhead() throws Exception {
        assertEquals(
                List.of("a", "b"), readAfterClockWasWrong(Duration.ofDays(365).toMillis(), Duration.ofMinutes(50)));
    }

    @Test
    void entriesExpireInTimeAfterTheClockWasADayBehind() throws Exception {
        assertEquals(
                List.of("a", "b"), readAfterClockWasWrong(-Duration.ofDays(1).toMillis(), Duration.ofMinutes(50)));
        now += Duration.ofMinutes(11).toMillis();
        trim();
        untilTrimmed(() -> readAll(ORDERS).isEmpty());
    }

    @Test
    void aKeyIsRememberedForItsWindowEvenIfTheClockIsSet() throws Exception {
        var attempt = new Attempt("key", "digest");
        List<EventId> first = RunningCrier.await(publishing(NEWS, attempt, "a"));
        wrongMillis = Duration.ofDays(365).toMillis();
        now += Duration.ofMinutes(9).toMillis();
        trim();
        assertEquals(first, RunningCrier.await(publishing(NEWS, attempt, "a")));
        wrongMillis = 0;
        now += Duration.ofMinutes(2).toMillis();
        trim();
        assertNotEquals(first, RunningCrier.await(publishing(NEWS, attempt, "a")));
    }

    private ReadResult.Gap gap(EventId after) throws Exception {
        return RunningCrier.await(log.gap(NEWS, after, ANYONE));
    }

    @Test
    void aPositionThatTheStoreNeverGaveIsAGapBeforeAllEntries() throws Exception {
        EventId id = publish(NEWS, "a").get(0);
        ReadResult.Gap gap = gap(new EventId(id.millis() + 1, 0));
        assertTrue(gap.through().isBefore(id));
        assertEquals(Optional.of(id), gap.oldest());
    }

    @Test
    void aPositionThatTheStoreGaveIsNoGap() throws Exception {
        EventId id = publish(NEWS, "a").get(0);
        assertEquals(id, gap(id).through());
    }

    @Test
    void aReadAheadOfTheNewestPositionReturnsNothing() throws Exception {
        EventId id = publish(NEWS, "a").get(0);
        var ahead = new EventId(id.millis(), id.sequence() + 1);
        assertEquals(new ReadResult.Entries(List.of(), ahead, false), readOnce(NEWS, ahead));
        List<EventId> ids = publish(NEWS, "b", "c"); // "b" gets this position, if no time has passed
        assertEquals(ids.get(0).equals(ahead) ? List.of("c") : List.of("b", "c"), read(NEWS, ahead));
    }

    @Test
    void appendingNothingStoresAndShowsNothing() throws Exception {
        EventId before = log.newest();
        assertEquals(List.of(), RunningCrier.await(onContext(() -> store.append(List.of()))));
        assertEquals(before, log.newest());
        assertEquals(List.of(), notifications);
    }

    @Test
    void entriesThatThisLogDidNotAppendAreShownInOrderAndNotifiedOnce() throws Exception {
        EventId before = log.newest();
        publish(NEWS, "a");
        publishElsewhere(ORDERS, "b");
        publish(NEWS, "c");
        publishElsewhere(NEWS, "d");
        Eventually.until("shown", () -> read(NEWS, before).equals(List.of("a", "c", "d")));
        assertEquals(List.of("b"), read(ORDERS, before));
        assertEquals(List.of(Set.of(NEWS), Set.of(ORDERS), Set.of(NEWS), Set.of(NEWS)), notifications);
    }

    @Test
    void aPublisherIsAnsweredAfterItsEntriesAreShownAndNotified() throws Exception {
        var seen = onContext(() -> log.append(new Publication(NEWS, List.of(Event.of("a")), Attempt.ONCE))
                .map(ids -> List.of(ids.get(0).equals(log.newest()), notifications.equals(List.of(Set.of(NEWS))))));
        assertEquals(List.of(true, true), RunningCrier.await(seen));
    }

    @Test
    void aPublisherIsAnsweredOnItsOwnContext() throws Exception {
        Promise<Boolean> onItself = Promise.promise();
        RunningCrier.await(vertx.deployVerticle(own -> {
            log.append(new Publication(NEWS, List.of(Event.of("a")), Attempt.ONCE))
                    .map(ids -> Vertx.currentContext() == own)
                    .onComplete(onItself);
            return Future.succeededFuture();
        }));
        assertTrue(RunningCrier.await(onItself.future()));
    }

    @Test
    void aClosedLogRefusesPublications() throws Exception {
        RunningCrier.await(onContext(log::close));
        var refusal = assertThrows(PublishException.class, () -> publish(NEWS, "a"));
        assertEquals("the log is closed", refusal.getMessage());
        openLog();
    }

    @Test
    void attemptsAtTheSameTimeWithOneKeyAreStoredOnce() throws Exception {
        EventId before = log.newest();
        var attempt = new Attempt("key", "digest");
        Future<List<List<EventId>>> answers = onContext(() -> Future.all(Stream.generate(
                                () -> log.append(new Publication(NEWS, List.of(Event.of("a")), attempt)))
                        .limit(5)
                        .toList())
                .map(all -> all.list()));
        assertEquals(
                1,
                RunningCrier.await(answers).stream().distinct().count(),
                "the ids of the first attempt for all of them");
        assertEquals(List.of("a"), read(NEWS, before));
    }

    @Test
    void moreThanTheSizeOfOneReadTakesSeveral() throws Exception {
        EventId before = log.newest();
        List<String> all =
                IntStream.range(0, 500).mapToObj(i -> i + "x".repeat(1_000)).toList();
        publish(NEWS, all.toArray(String[]::new));
        assertTrue(((ReadResult.Entries) readOnce(NEWS, before)).more());
        assertEquals(all, read(NEWS, before));
    }

    @Test
    void manyPublicationsAtOnceAreStoredInOrder() throws Exception {
        EventId before = log.newest();
        var waiting = new ArrayList<Future<List<EventId>>>();
        for (int i = 0; i < 1_000; i++) {
            waiting.add(publishing(NEWS, Attempt.ONCE, "n" + i));
        }
        RunningCrier.await(Future.all(waiting));
        assertEquals(IntStream.range(0, 1_000).mapToObj(i -> "n" + i).toList(), read(NEWS, before));
    }

    @Test
    void aPublicationIsNotifiedOnceForItsChannel() throws Exception {
        publish(NEWS, "a", "b");
        assertEquals(List.of(Set.of(NEWS)), notifications);
    }

    @Test
    void aRetryGetsTheIdsOfTheFirstAttemptAndStoresNothing() throws Exception {
        EventId before = log.newest();
        var attempt = new Attempt("key", "digest");
        List<EventId> first = RunningCrier.await(publishing(NEWS, attempt, "a", "b"));
        assertEquals(first, RunningCrier.await(publishing(NEWS, attempt, "a", "b")));
        assertEquals(List.of("a", "b"), read(NEWS, before));
    }

    @Test
    void aKeyCountsForOneChannelAndIsForgottenAfterItsWindow() throws Exception {
        var attempt = new Attempt("key", "digest");
        List<EventId> first = RunningCrier.await(publishing(NEWS, attempt, "a"));
        assertNotEquals(first, RunningCrier.await(publishing(ORDERS, attempt, "a")));
        now += Duration.ofMinutes(11).toMillis();
        trim();
        assertNotEquals(first, RunningCrier.await(publishing(NEWS, attempt, "a")));
    }

    @Test
    void aKeyWithOtherContentIsRejected() throws Exception {
        RunningCrier.await(publishing(NEWS, new Attempt("key", "one"), "a"));
        var refusal = assertThrows(
                PublishException.class, () -> RunningCrier.await(publishing(NEWS, new Attempt("key", "other"), "b")));
        assertEquals(PublishException.Reason.KEY_REUSED, refusal.reason());
    }

    /** A family has channels that the log no longer knows, and reads what they have lost by its name. */
    @Test
    void theNameOfAFamilyIsNotAChannel() throws Exception {
        for (String name : List.of("/runs/:id", "/runs/:x", "/runs/:")) {
            var refusal = assertThrows(PublishException.class, () -> publish(new ChannelName(name), "x"));
            assertEquals(PublishException.Reason.NO_SUCH_CHANNEL, refusal.reason());
        }
        EventId before = log.newest();
        publish(new ChannelName("/runs/a:b"), "y");
        assertEquals(List.of("y"), read(new ChannelName("/runs/a:b"), before));
    }

    @Test
    void anUndeclaredChannelIsRejected() throws Exception {
        var refusal = assertThrows(PublishException.class, () -> publish(new ChannelName("/other"), "x"));
        assertEquals(PublishException.Reason.NO_SUCH_CHANNEL, refusal.reason());
        assertEquals(
                "/other: no such channel (expected: a channel that the configuration declares)", refusal.getMessage());
    }

    @Test
    void theLogCountsWhatAChannelKeeps() throws Exception {
        assertEquals(KeptEntries.NONE, RunningCrier.await(log.keptEntries(NEWS)));
        List<EventId> ids = publish(NEWS, "a", "b");
        now += 1_000;
        publish(NEWS, "c");
        publish(ORDERS, "d");
        var kept = new KeptEntries(3, false, OptionalLong.of(ids.get(0).millis()));
        assertEquals(kept, RunningCrier.await(log.keptEntries(NEWS)));
    }
}
