package dev.crier.fanout;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.event.ChannelName;
import dev.crier.event.Event;
import dev.crier.event.Publication;
import dev.crier.event.Retention;
import dev.crier.log.EventLog;
import dev.crier.log.MemoryStore;
import dev.crier.metrics.EndReason;
import dev.crier.metrics.Metrics;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SubscribersTest {

    private static final ChannelName NEWS = new ChannelName("/news");
    private static final ChannelName LETTERS = new ChannelName("/letters");
    private static final Retention LATEST = new Retention.Latest();
    private static final Retention EVENTS = new Retention.Events(100, Duration.ofMinutes(10));
    private static final StreamTimeouts PATIENCE =
            new StreamTimeouts(Duration.ofSeconds(8), Duration.ofSeconds(30), Duration.ofSeconds(2), Duration.ZERO);

    private static final Duration FOR_EVER = Duration.ofMillis(Long.MAX_VALUE);

    private final EventLog log = new EventLog(
            name -> Optional.of(name.equals(LETTERS) ? EVENTS : LATEST),
            new MemoryStore(),
            InstantSource.system(),
            grown -> {},
            Duration.ofMinutes(10));
    private long now = 1_000_000;
    private boolean full;
    private final Subscribers subscribers =
            new Subscribers(log, PATIENCE, () -> now, new Random(1), Metrics.NONE, () -> full);

    @BeforeEach
    void open() {
        log.open();
    }

    /** The next walk of those that come by at the intervals that the patience asks for. */
    private void beat() {
        now += subscribers.checkMillis();
        subscribers.check();
    }

    private void publish(String data) {
        store(data);
        if (subscribers.notified(NEWS)) {
            subscribers.deliver();
        }
    }

    private void store(String data) {
        log.append(new Publication(NEWS, List.of(Event.of(data)), Publication.Attempt.ONCE));
    }

    private Subscriber join(Connection connection) {
        Subscriber subscriber = subscribers
                .add(NEWS, LATEST, new StartAt.Now(), connection, FOR_EVER, "a", () -> false)
                .result();
        assertEquals("retry: 2000\n", connection.written.remove(0).toString());
        return subscriber;
    }

    @Test
    void aNewSubscriberIsGivenTheCurrentEventAtOnce() {
        publish("one");
        var connection = new Connection();
        join(connection);
        assertEquals(List.of("data: one\n\n"), connection.texts());
    }

    @Test
    void anEventIsGivenOnceHoweverOftenItRings() {
        var connection = new Connection();
        join(connection);
        publish("one");
        subscribers.notified(NEWS);
        subscribers.deliver();
        subscribers.deliver();
        assertEquals(List.of("data: one\n\n"), connection.texts());
    }

    @Test
    void allThatIsRungUntilItIsAnsweredGoesOutInOneWrite() {
        var connection = new Connection();
        subscribers.add(LETTERS, EVENTS, new StartAt.Now(), connection, FOR_EVER, "a", () -> false);
        int before = connection.flushes;
        for (String letter : List.of("a", "b", "c")) {
            log.append(new Publication(LETTERS, List.of(Event.of(letter)), Publication.Attempt.ONCE));
            assertEquals(letter.equals("a"), subscribers.notified(LETTERS), "only the first ring asks for an answer");
        }
        subscribers.deliver();
        assertEquals(before + 1, connection.flushes);
        assertEquals(2, connection.written.size(), "its place, and the three events together");
        assertEquals(3, connection.texts().get(1).split("data: ", -1).length - 1);
    }

    @Test
    void ringsForWhatNobodyReadsAskForNothing() {
        assertFalse(subscribers.notified(NEWS));
    }

    @Test
    void allAtTheSamePlaceAreGivenTheSameBytes() {
        var first = new Connection();
        var second = new Connection();
        join(first);
        join(second);
        publish("one");
        assertSame(first.written.get(0), second.written.get(0));
    }

    @Test
    void aSlowReaderIsGivenNothingWhileItsQueueIsFullAndThenTheNewest() {
        var slow = new Connection();
        var fast = new Connection();
        join(slow);
        join(fast);
        publish("one");
        slow.full = true;
        publish("two");
        beat();
        publish("three");
        assertEquals(List.of("data: one\n\n"), slow.texts());
        slow.drained();
        assertEquals(List.of("data: one\n\n", "data: three\n\n"), slow.texts());
        assertEquals(List.of("data: one\n\n", "data: two\n\n", "data: three\n\n"), fast.texts());
    }

    @Test
    void aRingThatWasLostIsMadeUpForByTheHeartbeat() {
        var connection = new Connection();
        join(connection);
        store("one");
        beat();
        assertEquals(List.of("data: one\n\n"), connection.texts());
    }

    @Test
    void anIdleStreamIsGivenACommentBeforeEachHeartbeatIsOver() {
        var connection = new Connection();
        join(connection);
        for (int i = 0; i < 12; i++) {
            beat();
        }
        assertEquals(List.of(":\n", ":\n", ":\n"), connection.texts());
    }

    @Test
    void aReaderThatTakesNothingIsClosedWhenTheTimeIsOver() {
        var dead = new Connection();
        join(dead);
        dead.taking = false;
        publish("one");
        long since = now;
        while (now - since <= 30_000) {
            assertFalse(dead.closed, "after " + (now - since));
            beat();
        }
        beat();
        beat();
        assertTrue(dead.closed);
    }

    private Subscriber joinLetters(Connection connection) {
        return subscribers
                .add(LETTERS, EVENTS, new StartAt.Now(), connection, FOR_EVER, "a", () -> false)
                .result();
    }

    private void publishLetter(String letter) {
        log.append(new Publication(LETTERS, List.of(Event.of(letter)), Publication.Attempt.ONCE));
        if (subscribers.notified(LETTERS)) {
            subscribers.deliver();
        }
    }

    /** Returns the letters that were written to the connection. */
    private static String letters(Connection connection) {
        return connection.texts().stream()
                .flatMap(String::lines)
                .filter(line -> line.matches("data: [a-z]"))
                .map(line -> line.substring("data: ".length()))
                .reduce("", String::concat);
    }

    @Test
    void aFailedWriteEndsItsStreamAndNoOtherMissesAnEvent() {
        var before = new Connection();
        var broken = new Connection();
        var after = new Connection();
        joinLetters(before);
        Subscriber failed = joinLetters(broken);
        joinLetters(after);
        publishLetter("a");
        broken.failure = new OutOfMemoryError("Cannot reserve 65536 bytes of direct buffer memory");
        publishLetter("b");
        broken.failure = null;
        publishLetter("c");
        assertTrue(broken.closed, "the stream has ended, not only a part of it");
        assertTrue(failed.hasEnded());
        assertEquals("a", letters(broken));
        assertEquals("abc", letters(before));
        assertEquals("abc", letters(after));
        assertEquals(2, subscribers.count());
    }

    @Test
    void aSubscriberWhoseFirstWriteFailsIsNotCounted() {
        var broken = new Connection();
        broken.failure = new OutOfMemoryError("Cannot reserve 65536 bytes of direct buffer memory");
        joinLetters(broken);
        assertTrue(broken.closed);
        assertEquals(0, subscribers.count());
    }

    @Test
    void aConnectionThatDrainsDuringAWriteGetsNothingTwice() {
        var connection = new Connection();
        joinLetters(connection);
        connection.onWrite = connection::drained;
        publishLetter("a");
        publishLetter("b");
        assertEquals("ab", letters(connection));
    }

    @Test
    void whileTooMuchWaitsNothingIsReadAndLaterNothingIsMissing() {
        var connection = new Connection();
        joinLetters(connection);
        full = true;
        publishLetter("a");
        beat();
        assertEquals("", letters(connection));
        full = false;
        subscribers.resumeReading();
        publishLetter("b");
        assertEquals("ab", letters(connection));
    }

    @Test
    void theSubscriberThatHasTakenNothingForLongestIsEvictedFirst() {
        var fast = new Connection();
        var first = new Connection();
        var second = new Connection();
        List.of(fast, first, second).forEach(this::joinLetters);
        beat();
        first.taking = false;
        publishLetter("a");
        beat();
        second.taking = false;
        publishLetter("b");
        beat();
        subscribers.evictSlowest(() -> !first.closed);
        assertTrue(first.closed);
        assertFalse(second.closed);
        subscribers.evictSlowest(() -> true);
        assertTrue(second.closed);
        assertFalse(fast.closed, "its connection takes everything");
        publishLetter("c");
        assertEquals("abc", letters(fast));
    }

    @Test
    void aReaderThatTakesEverSoSlowlyIsNot() {
        var slow = new Connection();
        join(slow);
        slow.taking = false;
        publish("x".repeat(1_000));
        for (int i = 0; i < 300; i++) {
            if (i % 10 == 0) {
                slow.takeOne();
            }
            beat();
        }
        assertFalse(slow.closed);
    }

    @Test
    void aStreamThatHasEventsIsGivenNoComment() {
        var connection = new Connection();
        join(connection);
        for (int i = 0; i < 4; i++) {
            publish("x");
            beat();
        }
        assertEquals(4, connection.written.size());
    }

    @Test
    void whoHasLeftIsGivenNothing() {
        var connection = new Connection();
        Subscriber subscriber = join(connection);
        subscriber.leave();
        subscriber.leave();
        publish("one");
        assertEquals(List.of(), connection.texts());
        assertEquals(0, subscribers.count());
    }

    @Test
    void whoeverLeavesInMidWalkNobodyElseMissesTheEvent() {
        var connections = new ArrayList<Connection>();
        var joined = new ArrayList<Subscriber>();
        for (int i = 0; i < 10; i++) {
            connections.add(new Connection());
            joined.add(join(connections.get(i)));
        }
        connections.get(5).onWrite =
                () -> List.of(9, 5, 0, 2).forEach(i -> joined.get(i).leave());
        publish("one");
        assertEquals(6, subscribers.count());
        for (int stayed : List.of(1, 3, 4, 6, 7, 8)) {
            assertEquals(List.of("data: one\n\n"), connections.get(stayed).texts(), "subscriber " + stayed);
        }
    }

    private List<Connection> joinAll(Subscribers all, int count) {
        var connections = new ArrayList<Connection>();
        for (int i = 0; i < count; i++) {
            connections.add(new Connection());
            all.add(NEWS, LATEST, new StartAt.Now(), connections.get(i), FOR_EVER, "a", () -> false);
        }
        return connections;
    }

    private static long ended(List<Connection> connections) {
        return connections.stream().filter(connection -> connection.ended).count();
    }

    private static int retry(Connection connection) {
        List<String> texts = connection.texts();
        return Integer.parseInt(
                texts.get(texts.size() - 1).replaceFirst("^retry: (\\d+)\nevent: crier.end\ndata: \\{}\n\n$", "$1"));
    }

    @Test
    void aDrainEndsStreamsEvenlyAndInRandomOrder() {
        List<Connection> connections = joinAll(subscribers, 1_000);
        Drain drain = subscribers.drain(Duration.ofSeconds(5));
        drain.endDueStreams();
        assertEquals(0, ended(connections));
        now += 1_000;
        drain.endDueStreams();
        assertEquals(200, ended(connections));
        assertEquals(20, ended(connections.subList(0, 100)), 15, "in random order");
        now += 4_000;
        drain.endDueStreams();
        assertEquals(1_000, ended(connections));
        assertEquals(0, subscribers.count());
    }

    /** During the drain, a proxy answers 502, after which browsers never reconnect. */
    @Test
    void drainedSubscribersComeBackAfterTheDrainSpreadOverAsLongATime() {
        List<Connection> connections = joinAll(subscribers, 1_000);
        Drain drain = subscribers.drain(Duration.ofSeconds(5));
        long end = now + 5_000;
        var returns = new ArrayList<Long>();
        for (int step = 0; step < 50; step++) {
            now += 100;
            List<Connection> before =
                    connections.stream().filter(connection -> !connection.ended).toList();
            drain.endDueStreams();
            before.stream()
                    .filter(connection -> connection.ended)
                    .forEach(connection -> returns.add(now + retry(connection) - end));
        }
        returns.sort(null);
        assertEquals(1_000, returns.size());
        assertTrue(returns.get(0) >= 2_000, () -> "the first " + returns.get(0) + " ms after the end of the drain");
        assertTrue(returns.get(999) <= 7_000, () -> "the last " + returns.get(999) + " ms after it");
        for (int i = 0; i < 1_000; i += 100) {
            assertEquals(2_000 + 5 * i, returns.get(i), 500, "spread evenly, whenever they were ended");
        }
    }

    @Test
    void aSubscriberEndedAfterTheDrainWaitsAtLeastTheUsualTime() {
        List<Connection> connections = joinAll(subscribers, 1);
        Drain drain = subscribers.drain(Duration.ofSeconds(5));
        now += 5_900;
        drain.endDueStreams();
        assertTrue(
                retry(connections.get(0)) >= 2_000,
                () -> connections.get(0).texts().toString());
    }

    @Test
    void whoHasNotTakenAllIsEndedWhenItHas() {
        List<Connection> connections = joinAll(subscribers, 2);
        connections.get(0).taking = false;
        publish("one");
        Drain drain = subscribers.drain(Duration.ofSeconds(5));
        now += 5_000;
        drain.endDueStreams();
        assertEquals(1, ended(connections));
        publish("two");
        assertEquals(
                List.of("retry: 2000\n", "data: one\n\n"),
                connections.get(0).texts(),
                "no more, or it would never be ended");
        connections.get(0).taking = true;
        connections.get(0).take();
        drain.endDueStreams();
        assertEquals(2, ended(connections));
    }

    @Test
    void whoComesDuringADrainIsEndedWithTheOthers() {
        Drain drain = subscribers.drain(Duration.ofSeconds(5));
        List<Connection> late = joinAll(subscribers, 3);
        now += 5_000;
        drain.endDueStreams();
        assertEquals(3, ended(late));
    }

    @Test
    void whoLeavesDuringADrainIsLeftAlone() {
        var connection = new Connection();
        Subscriber subscriber = join(connection);
        Drain drain = subscribers.drain(Duration.ofSeconds(5));
        subscriber.leave();
        now += 5_000;
        drain.endDueStreams();
        assertEquals(List.of(), connection.texts());
    }

    @Test
    void behindItsEndAStreamIsGivenNothing() {
        var connection = new Connection();
        Subscriber subscriber = join(connection);
        assertTrue(subscriber.tryEnd(Duration.ofSeconds(3), EndReason.SHUTDOWN));
        assertEquals(List.of("retry: 3000\nevent: crier.end\ndata: {}\n\n"), connection.texts());
        publish("one");
        connection.drained();
        beat();
        assertEquals(1, connection.written.size());
        assertTrue(connection.ended);
    }

    private Connection joinFor(Duration lasts) {
        var connection = new Connection();
        subscribers.add(NEWS, LATEST, new StartAt.Now(), connection, lasts, "a", () -> false);
        return connection;
    }

    @Test
    void aStreamEndsWhenItsReaderMayReadNoMore() {
        long begin = now;
        Connection connection = joinFor(Duration.ofSeconds(10));
        now = begin + 9_999;
        subscribers.check();
        assertFalse(connection.ended);
        now = begin + 10_000;
        subscribers.check();
        assertEquals(2_000, retry(connection));
        assertTrue(connection.ended);
        assertEquals(0, subscribers.count());
    }

    @Test
    void whoTakesTheRestLittleByLittleIsCutWhenItTakesTooLong() {
        Connection connection = joinFor(Duration.ofSeconds(10));
        connection.taking = false;
        publish("x".repeat(100));
        now += 10_000;
        subscribers.check();
        publish("after");
        int given = connection.written.size();
        for (int i = 0; i < 30; i++) {
            assertFalse(connection.closed);
            now += 1_000;
            connection.takeOne();
            subscribers.check();
        }
        assertEquals(given, connection.written.size());
        now += 1;
        subscribers.check();
        assertTrue(connection.closed);
    }

    @Test
    void aStreamLastsFourToFiveFifthsOfItsLongestLifetime() {
        var patience = new StreamTimeouts(
                Duration.ofSeconds(8), Duration.ofSeconds(30), Duration.ofSeconds(2), Duration.ofSeconds(1_000));
        var mortal = new Subscribers(log, patience, () -> now, new Random(1), Metrics.NONE, () -> false);
        List<Connection> connections = joinAll(mortal, 100);
        long begin = now;
        now = begin + 799_999;
        mortal.check();
        assertEquals(0, ended(connections));
        now = begin + 900_000;
        mortal.check();
        assertEquals(50, ended(connections), 20);
        now = begin + 1_000_000;
        mortal.check();
        assertEquals(100, ended(connections));
        assertTrue(connections.stream().allMatch(connection -> retry(connection) == 2_000));
    }
}
