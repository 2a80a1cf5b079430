package dev.crier.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.event.ChannelName;
import dev.crier.event.Event;
import dev.crier.event.EventId;
import dev.crier.event.Publication;
import dev.crier.event.Publication.Attempt;
import dev.crier.event.PublishException;
import dev.crier.event.Retention;
import dev.crier.metrics.Metrics;
import dev.crier.testing.Eventually;
import dev.crier.testing.RunningCrier;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the log promises, whatever its store. */
public abstract class EventLogContract {

    public static final ChannelName NEWS = new ChannelName("/news");
    public static final ChannelName ORDERS = new ChannelName("/orders");
    public static final ChannelName LAST_THREE = new ChannelName("/three");
    public static final ChannelName TIME = new ChannelName("/time");
    public static final Retention ALL = new Retention.Events(Retention.Events.ANY_NUMBER, Retention.Events.ANY_AGE);
    protected static final Retention LATEST = new Retention.Latest();
    private static final Map<ChannelName, Retention> DECLARED = Map.of(
            NEWS,
            ALL,
            ORDERS,
            new Retention.Events(Retention.Events.ANY_NUMBER, Duration.ofHours(1)),
            LAST_THREE,
            new Retention.Events(3, Retention.Events.ANY_AGE),
            TIME,
            LATEST);
    public static final Function<ChannelName, Optional<Retention>> KEEPS =
            channel -> Optional.ofNullable(DECLARED.get(channel));

    public static final Requester ANYONE = new Requester("192.0.2.1", () -> false);

    public final Vertx vertx = Vertx.vertx();
    private final Context writer = vertx.getOrCreateContext();
    protected final List<Set<ChannelName>> rings = new CopyOnWriteArrayList<>();

    /** Real time, as a clock that is never set measures it. */
    public long now = 1_000_000_000_000L;

    /** How wrong the wall clock is. */
    public long wrongMillis;

    protected LogLimits bounds = LogLimits.NONE;
    public EventLog log;
    private Store store;

    protected abstract Store store() throws Exception;

    /** Appends to the store past this log, as another process that shares the store does. */
    protected void publishElsewhere(ChannelName channel, String data) throws Exception {
        var publication = new Publication(channel, List.of(Event.of(data)), Attempt.ONCE);
        RunningCrier.await(onWriter(() -> store.append(List.of(publication))));
    }

    @BeforeEach
    protected void openLog() throws Exception {
        store = store();
        log = new EventLog(KEEPS, store, clock(), rings::add, Duration.ofMinutes(10), bounds, Metrics.NONE);
        RunningCrier.await(onWriter(log::open));
    }

    protected AgeClock clock() {
        return new AgeClock(() -> Instant.ofEpochMilli(now + wrongMillis), () -> now * 1_000_000);
    }

    @AfterEach
    protected void closeLog() throws Exception {
        RunningCrier.await(onWriter(log::close));
        RunningCrier.await(vertx.close());
    }

    /** All writes come from one context, as the log wants it. */
    protected <T> Future<T> onWriter(Supplier<Future<T>> work) {
        Promise<T> done = Promise.promise();
        writer.runOnContext(run -> work.get().onComplete(done));
        return done.future();
    }

    protected Future<List<EventId>> publishing(ChannelName channel, Attempt attempt, String... data) {
        var events = List.of(data).stream().map(Event::of).toList();
        return onWriter(() -> log.append(new Publication(channel, events, attempt)));
    }

    protected List<EventId> publish(ChannelName channel, String... data) throws Exception {
        return RunningCrier.await(publishing(channel, Attempt.ONCE, data));
    }

    protected ReadResult look(ChannelName channel, EventId after) throws Exception {
        ReadResult slice = log.read(channel, KEEPS.apply(channel).orElseThrow(), after);
        return slice instanceof ReadResult.Elsewhere ? RunningCrier.await(log.fetch(channel, after, ANYONE)) : slice;
    }

    /** All that comes after the place, as a reader reads it; a gap is "gap". */
    protected List<String> read(ChannelName channel, EventId after) throws Exception {
        var read = new ArrayList<String>();
        boolean more = true;
        EventId cursor = after;
        while (more) {
            ReadResult slice = look(channel, cursor);
            if (slice instanceof ReadResult.Entries entries) {
                entries.entries().forEach(entry -> read.add(entry.event().data()));
                cursor = entries.through();
                more = entries.more();
            } else {
                read.add("gap");
                cursor = ((ReadResult.Gap) slice).through();
            }
        }
        return read;
    }

    protected List<String> kept(ChannelName channel) throws Exception {
        List<String> read = read(channel, EventId.FIRST);
        return read.isEmpty() || !read.get(0).equals("gap") ? read : read.subList(1, read.size());
    }

    protected void trim() throws Exception {
        RunningCrier.await(onWriter(() -> {
            log.trim();
            return Future.succeededFuture();
        }));
    }

    /** Trims again and again, as a running log does: a trim is left out while another goes on. */
    protected void untilTrimmed(Callable<Boolean> done) throws Exception {
        Eventually.until("trimmed", () -> {
            trim();
            return done.call();
        });
    }

    @Test
    void aReaderIsGivenWhatComesAfterItsPlaceInOrder() throws Exception {
        List<EventId> ids = publish(NEWS, "a", "b", "c");
        publish(NEWS, "d");
        assertEquals(List.of("b", "c", "d"), read(NEWS, ids.get(0)));
        assertEquals(List.of("a", "b", "c", "d"), kept(NEWS));
    }

    @Test
    void aReaderAtTheEndIsGivenNothing() throws Exception {
        publish(NEWS, "a");
        assertEquals(List.of(), read(NEWS, log.newest()));
    }

    @Test
    void channelsAreKeptApart() throws Exception {
        EventId before = log.newest();
        publish(NEWS, "a");
        publish(ORDERS, "b");
        assertEquals(List.of("a"), read(NEWS, before));
        assertEquals(List.of("b"), read(ORDERS, before));
    }

    @Test
    void idsRiseOverAllChannelsWhateverTheClockDoes() throws Exception {
        var ids = new ArrayList<>(publish(NEWS, "a", "b"));
        now -= 100_000;
        ids.addAll(publish(ORDERS, "c"));
        now += 200_000;
        ids.addAll(publish(NEWS, "d"));
        assertEquals(ids.stream().sorted().distinct().toList(), ids);
        assertEquals(ids.get(3), log.newest());
    }

    @Test
    void everyTextComesBackAsItWas() throws Exception {
        EventId before = log.newest();
        String[] texts = {"", " ", "\0", "a\r\nb\rc\nd", "é€😀\uFEFF", "x".repeat(100_000), "'; DROP TABLE entry; --"};
        publish(NEWS, texts);
        assertEquals(List.of(texts), read(NEWS, before));
    }

    @Test
    void aChannelThatKeepsTheLatestGivesOnlyThat() throws Exception {
        publish(TIME, "one");
        EventId two = publish(TIME, "two").get(0);
        assertEquals(List.of("two"), read(TIME, EventId.FIRST));
        assertEquals(List.of(), read(TIME, two));
    }

    @Test
    void whatIsBeyondItsNumberIsAGapAndReadingGoesOnBehindIt() throws Exception {
        List<EventId> ids = publish(LAST_THREE, "a", "b", "c", "d", "e");
        trim();
        Eventually.until("trimmed", () -> kept(LAST_THREE).size() == 3);
        assertEquals(List.of("gap", "c", "d", "e"), read(LAST_THREE, ids.get(0)));
        assertEquals(List.of("c", "d", "e"), read(LAST_THREE, ids.get(1)));
        var gap = assertInstanceOf(ReadResult.Gap.class, look(LAST_THREE, ids.get(0)));
        assertEquals(Optional.of(ids.get(2)), gap.oldest());
        assertEquals(ids.get(1), gap.through());
    }

    @Test
    void whatIsTooOldIsAGapTooAndTheRestStays() throws Exception {
        EventId before = log.newest();
        EventId old = publish(ORDERS, "old").get(0);
        now += Duration.ofMinutes(50).toMillis();
        publish(ORDERS, "young");
        publish(NEWS, "kept");
        now += Duration.ofMinutes(20).toMillis();
        trim();
        Eventually.until("trimmed", () -> kept(ORDERS).equals(List.of("young")));
        assertEquals(List.of("gap", "young"), read(ORDERS, before));
        assertEquals(List.of("young"), read(ORDERS, old));
        assertEquals(List.of("kept"), read(NEWS, before));
        now += Duration.ofHours(1).toMillis();
        trim();
        Eventually.until("emptied", () -> kept(ORDERS).isEmpty());
        assertEquals(List.of("gap"), read(ORDERS, old));
        assertEquals(
                Optional.empty(),
                assertInstanceOf(ReadResult.Gap.class, look(ORDERS, old)).oldest());
    }

    /** What an hour's retention has left of "a", which was stored while the clock was right, and "b", stored when it was not. */
    private List<String> keptAfterClockStood(long wrong, Duration later) throws Exception {
        publish(ORDERS, "a");
        wrongMillis = wrong;
        now += 1_000;
        trim();
        publish(ORDERS, "b");
        wrongMillis = 0;
        now += later.toMillis();
        trim();
        return kept(ORDERS);
    }

    @Test
    void aClockThatStoodAYearAheadStopsNoRetention() throws Exception {
        keptAfterClockStood(Duration.ofDays(365).toMillis(), Duration.ofMinutes(61));
        untilTrimmed(() -> kept(ORDERS).isEmpty());
        assertEquals(0, log.entries());
        publish(ORDERS, "c");
        assertEquals(List.of("c"), kept(ORDERS));
    }

    @Test
    void aClockThatStoodAYearAheadDropsNothingEarly() throws Exception {
        assertEquals(List.of("a", "b"), keptAfterClockStood(Duration.ofDays(365).toMillis(), Duration.ofMinutes(50)));
    }

    @Test
    void aClockThatStoodADayBehindNeitherDropsEarlyNorStopsRetention() throws Exception {
        assertEquals(List.of("a", "b"), keptAfterClockStood(-Duration.ofDays(1).toMillis(), Duration.ofMinutes(50)));
        now += Duration.ofMinutes(11).toMillis();
        trim();
        untilTrimmed(() -> kept(ORDERS).isEmpty());
    }

    @Test
    void aKeyIsRememberedForItsTimeWhateverTheClockDoes() throws Exception {
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
    void aPositionThatTheStoreNeverGaveIsAGapBeforeAllThatIsKept() throws Exception {
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
    void readingAheadOfTheNewestPositionGivesNothingYet() throws Exception {
        EventId id = publish(NEWS, "a").get(0);
        var ahead = new EventId(id.millis(), id.sequence() + 1);
        assertEquals(new ReadResult.Entries(List.of(), ahead, false), look(NEWS, ahead));
        publish(NEWS, "b", "c");
        assertEquals(List.of("c"), read(NEWS, ahead));
    }

    @Test
    void appendingNothingStoresAndShowsNothing() throws Exception {
        EventId before = log.newest();
        assertEquals(List.of(), RunningCrier.await(onWriter(() -> store.append(List.of()))));
        assertEquals(before, log.newest());
        assertEquals(List.of(), rings);
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
        assertEquals(List.of(Set.of(NEWS), Set.of(ORDERS), Set.of(NEWS), Set.of(NEWS)), rings);
    }

    @Test
    void aPublisherIsAnsweredAfterItsEntriesAreShownAndNotified() throws Exception {
        var seen = onWriter(() -> log.append(new Publication(NEWS, List.of(Event.of("a")), Attempt.ONCE))
                .map(ids -> List.of(ids.get(0).equals(log.newest()), rings.equals(List.of(Set.of(NEWS))))));
        assertEquals(List.of(true, true), RunningCrier.await(seen));
    }

    @Test
    void anyContextPublishesAndIsAnsweredOnItself() throws Exception {
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
    void aClosedLogRefuses() throws Exception {
        RunningCrier.await(onWriter(log::close));
        var refusal = assertThrows(PublishException.class, () -> publish(NEWS, "a"));
        assertEquals("the log is closed", refusal.getMessage());
        openLog();
    }

    @Test
    void attemptsAtTheSameTimeWithOneKeyAreStoredOnce() throws Exception {
        EventId before = log.newest();
        var attempt = new Attempt("key", "digest");
        Future<List<List<EventId>>> answers = onWriter(() -> Future.all(Stream.generate(
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
    void moreThanOneReadGivesIsGivenInSeveral() throws Exception {
        EventId before = log.newest();
        List<String> all =
                IntStream.range(0, 500).mapToObj(i -> i + "x".repeat(1_000)).toList();
        publish(NEWS, all.toArray(String[]::new));
        assertTrue(((ReadResult.Entries) look(NEWS, before)).more());
        assertEquals(all, read(NEWS, before));
    }

    @Test
    void manyAtOnceAreAllStoredInOrder() throws Exception {
        EventId before = log.newest();
        var waiting = new ArrayList<Future<List<EventId>>>();
        for (int i = 0; i < 1_000; i++) {
            waiting.add(publishing(NEWS, Attempt.ONCE, "n" + i));
        }
        RunningCrier.await(Future.all(waiting));
        assertEquals(IntStream.range(0, 1_000).mapToObj(i -> "n" + i).toList(), read(NEWS, before));
    }

    @Test
    void itRingsForWhatHasGrown() throws Exception {
        publish(NEWS, "a", "b");
        assertEquals(List.of(Set.of(NEWS)), rings);
    }

    @Test
    void aRetryIsAnsweredAsTheFirstAttemptAndPublishesNothing() throws Exception {
        EventId before = log.newest();
        var attempt = new Attempt("key", "digest");
        List<EventId> first = RunningCrier.await(publishing(NEWS, attempt, "a", "b"));
        assertEquals(first, RunningCrier.await(publishing(NEWS, attempt, "a", "b")));
        assertEquals(List.of("a", "b"), read(NEWS, before));
    }

    @Test
    void aKeyIsItsChannelsOwnAndForgottenAfterItsTime() throws Exception {
        var attempt = new Attempt("key", "digest");
        List<EventId> first = RunningCrier.await(publishing(NEWS, attempt, "a"));
        assertNotEquals(first, RunningCrier.await(publishing(ORDERS, attempt, "a")));
        now += Duration.ofMinutes(11).toMillis();
        trim();
        assertNotEquals(first, RunningCrier.await(publishing(NEWS, attempt, "a")));
    }

    @Test
    void theSameKeyForSomethingElseIsRefused() throws Exception {
        RunningCrier.await(publishing(NEWS, new Attempt("key", "one"), "a"));
        var refusal = assertThrows(
                PublishException.class, () -> RunningCrier.await(publishing(NEWS, new Attempt("key", "other"), "b")));
        assertEquals(PublishException.Reason.KEY_REUSED, refusal.reason());
    }

    @Test
    void whatIsNotDeclaredIsRefused() throws Exception {
        var refusal = assertThrows(PublishException.class, () -> publish(new ChannelName("/other"), "x"));
        assertEquals(PublishException.Reason.NO_SUCH_CHANNEL, refusal.reason());
        assertEquals("/other: no such channel (expected: one that the conf declares)", refusal.getMessage());
    }
}
