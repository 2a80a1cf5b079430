package dev.crier.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.crier.event.AlreadyStoredException;
import dev.crier.event.ChannelName;
import dev.crier.event.EndReason;
import dev.crier.event.Entry;
import dev.crier.event.Event;
import dev.crier.event.EventId;
import dev.crier.event.Precondition;
import dev.crier.event.Publication;
import dev.crier.event.Publication.Attempt;
import dev.crier.event.PublishException;
import dev.crier.event.PublishException.Reason;
import dev.crier.event.StreamDigest;
import dev.crier.testing.RunningCrier;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The contract of channels that end, and of streams whose parts have one key, with any store. */
public abstract class StreamContract extends ChannelSetContract {

    protected static final Event END = Event.end(EndReason.ENDED);

    /** Publishes to a log from any thread. The tests with several nodes have others than that of {@link #log}. */
    protected interface Log {
        Future<List<EventId>> append(Publication publication);
    }

    protected final Log here = publication -> onContext(() -> log.append(publication));

    /** Returns the events with the texts. "END" is the end of the channel. */
    protected static List<Event> events(String... data) {
        return List.of(data).stream()
                .map(text -> text.equals("END") ? END : Event.of(text))
                .toList();
    }

    protected Future<List<EventId>> appending(ChannelName channel, String... data) {
        return here.append(new Publication(channel, events(data), Attempt.ONCE));
    }

    private EventId append(ChannelName channel, String... data) throws Exception {
        List<EventId> ids = RunningCrier.await(appending(channel, data));
        return ids.get(ids.size() - 1);
    }

    protected static void assertRefused(Reason reason, Future<?> publishing) {
        assertEquals(
                reason,
                assertThrows(PublishException.class, () -> RunningCrier.await(publishing))
                        .reason());
    }

    protected static void assertEnded(EventId end, Future<?> publishing) {
        var refusal = assertThrows(PublishException.class, () -> RunningCrier.await(publishing));
        assertEquals(Reason.ENDED, refusal.reason());
        assertEquals("channel: ended at " + end + " (expected: a channel that has not ended)", refusal.getMessage());
    }

    private void assertEnd(Optional<EventId> end, ChannelName channel) throws Exception {
        assertEquals(end, RunningCrier.await(log.end(channel, ANYONE)));
        assertEquals(
                hasRecentEntries() ? end : Optional.empty(),
                log.recentEnd(channel).map(Entry::id));
    }

    /** Returns whether the newest entries are in memory. */
    protected boolean hasRecentEntries() {
        return true;
    }

    @Test
    void aChannelAcceptsNothingAfterItsEnd() throws Exception {
        EventId end = append(ANSWER, "a", "b", "END");
        assertEnded(end, appending(ANSWER, "c"));
        assertEnded(end, appending(ANSWER, "c", "END"));
        assertEnded(end, appending(ANSWER, "END"));
        assertEquals(List.of("a", "b", END.data()), readAll(ANSWER));
    }

    @Test
    void aChannelWithoutAnEventCanBeEnded() throws Exception {
        assertEnd(Optional.empty(), ANSWER);
        EventId end = append(ANSWER, "END");
        assertEnd(Optional.of(end), ANSWER);
        assertEnded(end, appending(ANSWER, "a"));
    }

    @Test
    void aChannelHasEndedIfItsNewestEventIsItsEnd() throws Exception {
        append(ANSWER, "a");
        assertEnd(Optional.empty(), ANSWER);
        EventId end = append(ANSWER, "END");
        append(NEWS, "b");
        assertEnd(Optional.of(end), ANSWER);
        assertEnd(Optional.empty(), NEWS);
    }

    /** The first publication keeps the store busy, so that it gets the others in one batch. */
    @Test
    void aChannelAcceptsNothingAfterItsEndInABatch() throws Exception {
        Future<?> busy = publishing(NEWS, Attempt.ONCE, "busy");
        Future<List<EventId>> before = appending(ANSWER, "a");
        Future<List<EventId>> end = appending(ANSWER, "END");
        List<Future<List<EventId>>> after = List.of(appending(ANSWER, "b"), appending(ANSWER, "END"));
        RunningCrier.await(busy);
        RunningCrier.await(before);
        for (Future<?> late : after) {
            assertEnded(RunningCrier.await(end).get(0), late);
        }
        assertEquals(List.of("a", END.data()), readAll(ANSWER));
    }

    @Test
    void exactlyOneOfManyEndsIsStored() throws Exception {
        var ends = new ArrayList<Future<List<EventId>>>();
        for (int i = 0; i < 20; i++) {
            ends.add(appending(ANSWER, "END"));
        }
        EventId end = RunningCrier.await(ends.get(0)).get(0);
        for (Future<?> late : ends.subList(1, ends.size())) {
            assertEnded(end, late);
        }
        assertEquals(List.of(END.data()), readAll(ANSWER));
    }

    @Test
    void aRetryIsAnsweredAfterTheEndAsItsFirstAttemptWas() throws Exception {
        var first = new Publication(ANSWER, events("a"), new Attempt("key", "digest"));
        var last = new Publication(ANSWER, events("END"), new Attempt("last", "digest"));
        List<EventId> ids = RunningCrier.await(here.append(first));
        List<EventId> end = RunningCrier.await(here.append(last));
        assertEquals(ids, RunningCrier.await(here.append(first)));
        assertEquals(end, RunningCrier.await(here.append(last)));
        assertRefused(
                Reason.KEY_REUSED,
                here.append(new Publication(ANSWER, events("b"), new Attempt("key", "another digest"))));
        assertEnded(end.get(0), here.append(new Publication(ANSWER, events("b"), new Attempt("another", "digest"))));
    }

    @Test
    void theEndIsCheckedBeforeThePrecondition() throws Exception {
        EventId a = append(ANSWER, "a");
        assertRefused(Reason.PRECONDITION, publishingIf(ANSWER, new Precondition.Empty(), "never"));
        EventId end = RunningCrier.await(
                        here.append(new Publication(ANSWER, List.of(END), Attempt.ONCE, new Precondition.Newest(a))))
                .get(0);
        for (Precondition precondition :
                List.of(new Precondition.Empty(), new Precondition.Newest(a), new Precondition.Newest(end))) {
            assertEnded(end, publishingIf(ANSWER, precondition, "never"));
        }
    }

    @Test
    void aChannelIsAsNewWhenTheAgeOfItsEndIsOver() throws Exception {
        append(ANSWER, "a", "END");
        now += Duration.ofMinutes(61).toMillis();
        untilTrimmed(() -> isPublished("b"));
        assertEquals(List.of("b"), readAll(ANSWER));
        assertEnd(Optional.empty(), ANSWER);
    }

    private boolean isPublished(String data) throws Exception {
        try {
            append(ANSWER, data);
            return true;
        } catch (PublishException refusal) { // it has ended, or the store is away for a moment after such a long time
            return false;
        }
    }

    @Test
    void theEndIsOneOfTheEventsThatAChannelKeeps() throws Exception {
        EventId end = append(LAST_TWO, "a", "b", "END");
        untilTrimmed(() -> readAll(LAST_TWO).equals(List.of("b", END.data())));
        assertEnd(Optional.of(end), LAST_TWO);
        assertEnded(end, appending(LAST_TWO, "c"));
    }

    @Test
    void aChannelThatIsNotDeclaredToEndCannotBeEnded() throws Exception {
        for (ChannelName channel : List.of(NEWS, TIME)) {
            append(channel, "a");
            var refusal =
                    assertThrows(PublishException.class, () -> RunningCrier.await(appending(channel, "never", "END")));
            assertEquals(Reason.MALFORMED, refusal.reason());
            assertEquals(
                    channel + ": cannot be ended (expected: a channel whose declaration has \"ends\": true)",
                    refusal.getMessage());
            append(channel, "b");
        }
        assertEquals(List.of("a", "b"), readAll(NEWS));
    }

    /** Identifies the first events of a stream. */
    protected static StreamDigest digest(List<Event> events) {
        StreamDigest digest = StreamDigest.NONE;
        for (Event event : events) {
            digest = digest.with(event);
        }
        return digest;
    }

    /** Returns the events from the one index to the other, as a part of the stream. */
    protected static Publication part(ChannelName channel, List<Event> stream, int from, int to) {
        Attempt attempt = Attempt.ofPart("key", digest(stream.subList(0, from)), digest(stream.subList(0, to)));
        return new Publication(channel, stream.subList(from, to), attempt);
    }

    private List<EventId> appendPart(List<Event> stream, int from, int to) throws Exception {
        return RunningCrier.await(here.append(part(ANSWER, stream, from, to)));
    }

    protected static void assertStoredAlready(List<Event> stored, EventId last, Future<?> publishing) {
        var refusal = assertThrows(AlreadyStoredException.class, () -> RunningCrier.await(publishing));
        assertEquals(digest(stored), refusal.stored());
        assertEquals(last, refusal.last());
    }

    private static final List<Event> A_TO_E = events("a", "b", "c", "d", "e");

    @Test
    void eachPartOfAStreamIsStoredOnce() throws Exception {
        EventId b = appendPart(A_TO_E, 0, 2).get(1);
        assertStoredAlready(A_TO_E.subList(0, 2), b, here.append(part(ANSWER, A_TO_E, 0, 2)));
        assertStoredAlready(A_TO_E.subList(0, 2), b, here.append(part(ANSWER, A_TO_E, 0, 5)));
        EventId c = appendPart(A_TO_E, 2, 3).get(0);
        EventId e = appendPart(A_TO_E, 3, 5).get(1);
        assertEquals(true, b.isBefore(c));
        for (int from = 0; from < 5; from++) {
            assertStoredAlready(A_TO_E, e, here.append(part(ANSWER, A_TO_E, from, 5)));
        }
        assertEquals(List.of("a", "b", "c", "d", "e"), readAll(ANSWER));
    }

    /** The sender compares the digest, and finds that it does not send what is stored. */
    @Test
    void aStreamOfOtherContentIsNotStored() throws Exception {
        List<Event> other = events("a", "X", "c");
        EventId b = appendPart(A_TO_E, 0, 2).get(1);
        assertStoredAlready(A_TO_E.subList(0, 2), b, here.append(part(ANSWER, other, 0, 2)));
        assertStoredAlready(A_TO_E.subList(0, 2), b, here.append(part(ANSWER, other, 2, 3)));
        assertEquals(List.of("a", "b"), readAll(ANSWER));
    }

    @Test
    void aKeyIsForAStreamOrForOnePublication() throws Exception {
        RunningCrier.await(publishing(ANSWER, new Attempt("key", "digest"), "x"));
        assertRefused(Reason.KEY_REUSED, here.append(part(ANSWER, A_TO_E, 0, 1)));
        RunningCrier.await(here.append(part(NEWS, A_TO_E, 0, 1)));
        assertRefused(Reason.KEY_REUSED, publishing(NEWS, new Attempt("key", "digest"), "x"));
        assertRefused(
                Reason.KEY_REUSED,
                publishing(NEWS, new Attempt("key", digest(A_TO_E).toString()), "x"));
        assertEquals(List.of("a"), readAll(NEWS));
    }

    /** Sends a stream in parts of a size. Skips what is stored already, and goes on from there. */
    protected static Future<Void> sending(Log to, List<Event> stream, int from, int size) {
        if (from == stream.size()) {
            return Future.succeededFuture();
        }
        int end = Math.min(from + size, stream.size());
        return to.append(part(ANSWER, stream, from, end))
                .<Integer>map(ids -> end)
                .recover(failure -> {
                    var stored = ((AlreadyStoredException) failure).stored();
                    assertEquals(digest(stream.subList(0, (int) stored.count())), stored);
                    return Future.succeededFuture((int) stored.count());
                })
                .compose(next -> sending(to, stream, next, size));
    }

    @Test
    void sendersOfTheSameStreamAtTheSameTimeStoreEachEventOnceInOrder() throws Exception {
        List<String> texts = IntStream.range(0, 200).mapToObj(i -> "n" + i).toList();
        List<Event> stream = events(texts.toArray(String[]::new));
        RunningCrier.await(
                Future.all(sending(here, stream, 0, 1), sending(here, stream, 0, 3), sending(here, stream, 0, 7)));
        assertEquals(texts, readAll(ANSWER));
    }

    /** The first publication keeps the store busy, so that it gets the others in one batch. */
    @Test
    void severalPartsOfAStreamAreStoredInOneBatch() throws Exception {
        Future<?> busy = publishing(NEWS, Attempt.ONCE, "busy");
        Future<List<EventId>> first = here.append(part(ANSWER, A_TO_E, 0, 2));
        Future<List<EventId>> again = here.append(part(ANSWER, A_TO_E, 0, 2));
        Future<List<EventId>> rest = here.append(part(ANSWER, A_TO_E, 2, 5));
        RunningCrier.await(busy);
        assertStoredAlready(A_TO_E.subList(0, 2), RunningCrier.await(first).get(1), again);
        assertStoredAlready(A_TO_E, RunningCrier.await(rest).get(2), here.append(part(ANSWER, A_TO_E, 0, 1)));
        assertEquals(List.of("a", "b", "c", "d", "e"), readAll(ANSWER));
    }

    @Test
    void aStreamIsRememberedForTheWindowAfterItsLastPart() throws Exception {
        for (int i = 0; i < 5; i++) {
            appendPart(A_TO_E, i, i + 1);
            trim();
            now += Duration.ofMinutes(6).toMillis();
            trim();
        }
        assertThrows(AlreadyStoredException.class, () -> appendPart(A_TO_E, 0, 1));
        now += Duration.ofMinutes(5).toMillis();
        untilTrimmed(() -> isStored(part(ANSWER, A_TO_E, 0, 5)));
        assertEquals(10, readAll(ANSWER).size(), "stored again");
    }

    private boolean isStored(Publication publication) throws Exception {
        try {
            RunningCrier.await(here.append(publication));
            return true;
        } catch (AlreadyStoredException refusal) {
            return false;
        }
    }

    @Test
    void aStreamGoesOnThoughItWasForgottenMeanwhile() throws Exception {
        Publication sameAge = part(NEWS, A_TO_E, 0, 1);
        RunningCrier.await(here.append(sameAge));
        appendPart(A_TO_E, 0, 2);
        now += Duration.ofMinutes(11).toMillis();
        untilTrimmed(() -> isStored(sameAge));
        EventId d = appendPart(A_TO_E, 2, 4).get(1);
        assertStoredAlready(A_TO_E.subList(0, 4), d, here.append(part(ANSWER, A_TO_E, 0, 1)));
        assertEquals(List.of("a", "b", "c", "d"), readAll(ANSWER));
    }

    @Test
    void theEndOfTheChannelIsAnEventOfTheStream() throws Exception {
        List<Event> stream = events("a", "b", "END");
        appendPart(stream, 0, 1);
        EventId end = appendPart(stream, 1, 3).get(1);
        assertEnd(Optional.of(end), ANSWER);
        assertStoredAlready(stream, end, here.append(part(ANSWER, stream, 0, 1)));
        assertStoredAlready(stream, end, here.append(part(ANSWER, stream, 1, 3)));
        assertEnded(end, here.append(part(ANSWER, events("a", "b", "END", "c"), 3, 4)));
    }

    @Test
    void aStreamWhoseChannelIsEndedBySomeoneElseGoesOnNoMore() throws Exception {
        EventId b = appendPart(A_TO_E, 0, 2).get(1);
        EventId end = append(ANSWER, "END");
        assertEnded(end, here.append(part(ANSWER, A_TO_E, 2, 3)));
        assertStoredAlready(A_TO_E.subList(0, 2), b, here.append(part(ANSWER, A_TO_E, 0, 2)));
        assertEquals(List.of("a", "b", END.data()), readAll(ANSWER));
    }

    @Test
    void thePreconditionOfAPartIsNotCheckedIfItIsStoredAlready() throws Exception {
        Attempt first = part(ANSWER, A_TO_E, 0, 2).attempt();
        var publication = new Publication(ANSWER, A_TO_E.subList(0, 2), first, new Precondition.Empty());
        EventId b = RunningCrier.await(here.append(publication)).get(1);
        assertStoredAlready(A_TO_E.subList(0, 2), b, here.append(publication));
        Attempt next = part(ANSWER, A_TO_E, 2, 3).attempt();
        assertRefused(
                Reason.PRECONDITION,
                here.append(new Publication(ANSWER, A_TO_E.subList(2, 3), next, new Precondition.Empty())));
        RunningCrier.await(
                here.append(new Publication(ANSWER, A_TO_E.subList(2, 3), next, new Precondition.Newest(b))));
        assertEquals(List.of("a", "b", "c"), readAll(ANSWER));
    }
}
