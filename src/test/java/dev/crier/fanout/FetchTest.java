package dev.crier.fanout;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.event.ChannelName;
import dev.crier.event.ChannelSet;
import dev.crier.event.EndReason;
import dev.crier.event.Entry;
import dev.crier.event.Event;
import dev.crier.event.EventId;
import dev.crier.event.NewestEvent;
import dev.crier.event.Publication;
import dev.crier.event.Retention;
import dev.crier.event.StartAt;
import dev.crier.log.EventLog;
import dev.crier.log.store.AgeClock;
import dev.crier.log.store.MemoryStore;
import dev.crier.log.store.ReadResult;
import dev.crier.log.store.Requester;
import dev.crier.log.store.Store;
import dev.crier.metrics.Metrics;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Reads from the store, for subscribers that resume at positions older than the entries in memory. */
class FetchTest {

    private static final ChannelName NEWS = new ChannelName("/news");
    private static final Retention RETENTION =
            new Retention.Events(Retention.Events.ANY_NUMBER, Retention.Events.ANY_AGE, true);
    private static final EventId OLD = new EventId(1_000, 1);

    /** A store that completes its reads when the test says so, for a log without old entries in memory. */
    private static final class PendingStore implements Store {

        final MemoryStore memory = new MemoryStore();
        final List<Requester> reads = new ArrayList<>();
        final List<Requester> gaps = new ArrayList<>();
        final List<Requester> ends = new ArrayList<>();

        /** The answer to each request for the newest event of a channel; empty if there is none. */
        Optional<Promise<Optional<NewestEvent>>> pendingEnd = Optional.empty();

        final Promise<ReadResult> pendingRead = Promise.promise();

        /** The position at which all subscribers resume; null if each resumes at its own. */
        EventId resumption;

        /** The newest id at another process; null if this one has been shown everything. */
        EventId newestElsewhere;

        /** How many bytes of entries the log has in memory. */
        long recentBytes = 0;

        @Override
        public long recentBytes() {
            return recentBytes;
        }

        @Override
        public Future<Opened> open(AgeClock clock, Listener listener) {
            memory.open(clock, listener);
            return Future.succeededFuture(
                    new Opened(OLD, EventId.FIRST, OLD, List.of(), Map.of(), List.of(), EventId.FIRST, 0, 0));
        }

        @Override
        public Future<Void> probe() {
            return memory.probe();
        }

        @Override
        public Future<List<Outcome>> append(List<Publication> publications) {
            return memory.append(publications);
        }

        @Override
        public Future<Optional<Outcome>> earlier(Publication publication) {
            return memory.earlier(publication);
        }

        @Override
        public Future<EventId> newest() {
            return newestElsewhere == null ? memory.newest() : Future.succeededFuture(newestElsewhere);
        }

        @Override
        public EventId resumption(EventId position) {
            return resumption == null ? position : resumption;
        }

        @Override
        public long memoryBytes() {
            return memory.memoryBytes();
        }

        @Override
        public Future<ReadResult> read(
                ChannelName channel, EventId after, EventId through, long maxBytes, Requester requester) {
            reads.add(requester);
            return pendingRead.future();
        }

        @Override
        public Future<ReadResult.Gap> gap(ChannelName channel, EventId after, Requester requester) {
            gaps.add(requester);
            return Future.succeededFuture(new ReadResult.Gap(after, Optional.empty()));
        }

        @Override
        public Future<Optional<NewestEvent>> newest(ChannelName channel, Requester requester) {
            ends.add(requester);
            return pendingEnd.map(Promise::future).orElse(Future.succeededFuture(Optional.empty()));
        }

        @Override
        public Future<Backup> backup() {
            return memory.backup();
        }

        @Override
        public Future<Boolean> trim(long nowMillis, long receiptsMillis, long wallAheadMillis, EventId settled) {
            return memory.trim(nowMillis, receiptsMillis, wallAheadMillis, settled);
        }

        @Override
        public long fileBytes() {
            return 0;
        }

        @Override
        public Future<Void> close() {
            return memory.close();
        }
    }

    private final PendingStore store = new PendingStore();
    private EventLog log;
    private Subscribers subscribers;

    @BeforeEach
    void open() {
        log = new EventLog(
                channel -> Optional.of(RETENTION),
                store,
                () -> Instant.ofEpochMilli(2_000),
                channels -> {},
                Duration.ofMinutes(10));
        subscribers = new Subscribers(log, TestFanout.TIMEOUTS, () -> 0, new Random(1), Metrics.NONE, () -> false);
        log.open();
        log.append(new Publication(NEWS, List.of(Event.of("new")), Publication.Attempt.ONCE));
    }

    private Subscriber resume(String address, AtomicBoolean hasLeft) {
        return resume(new TestConnection(), address, hasLeft);
    }

    private Subscriber resume(TestConnection connection, String address, AtomicBoolean hasLeft) {
        return resume(new EventId(500, 0), connection, address, hasLeft);
    }

    private Subscriber resume(EventId position, TestConnection connection, String address, AtomicBoolean hasLeft) {
        var start = new StartAt.After(position, position.toString());
        return subscribers
                .add(NEWS, RETENTION, start, connection, TestFanout.UNLIMITED, address, hasLeft::get)
                .result();
    }

    @Test
    void findingAGapReadsNoEntries() {
        resume("192.0.2.1", new AtomicBoolean());
        assertEquals(1, store.gaps.size());
        assertEquals(1, store.reads.size()); // delivers the first events
    }

    /** It comes from another process, which was shown more events of the store that both share. */
    @Test
    void aSubscriberAheadOfTheNewestPositionWaitsThereWithoutAGap() {
        var ahead = new EventId(2_000, 5);
        store.newestElsewhere = ahead;
        var connection = new TestConnection();
        resume(ahead, connection, "192.0.2.1", new AtomicBoolean());
        subscribers.check();
        assertEquals(List.of("retry: 2000\nevent: crier.start\ndata: {}\nid: 2000-5\n\n"), connection.texts());
        assertEquals(0, store.gaps.size() + store.reads.size());
    }

    /** The other process has shown the end of the channel earlier, so the client gets 204 as soon as it comes back. */
    @Test
    void aSubscriberAheadOfTheEndOfItsChannelGetsTheEndOfItsStreamWhenTheEndIsShown() {
        store.recentBytes = 1_000_000;
        open();
        var retention = new Retention.Events(100, Retention.Events.ANY_AGE, true);
        var end = new EventId(2_000, 2);
        store.newestElsewhere = end;
        var start = new StartAt.After(end, end.toString());
        assertFalse(
                subscribers.isAfterEnd(NEWS, start, "192.0.2.1", () -> false).result());
        var connection = new TestConnection();
        subscribers.add(NEWS, retention, start, connection, TestFanout.UNLIMITED, "192.0.2.1", () -> false);
        subscribers.check();
        assertFalse(connection.ended);
        var publication = new Publication(NEWS, List.of(Event.end(EndReason.ENDED)), Publication.Attempt.ONCE);
        assertEquals(List.of(end), log.append(publication).result());
        subscribers.notified(NEWS);
        subscribers.deliver();
        assertTrue(connection.ended);
        assertEquals(List.of("retry: 2000\nevent: crier.start\ndata: {}\nid: 2000-2\n\n"), connection.texts());
        assertTrue(subscribers.isAfterEnd(NEWS, start, "192.0.2.1", () -> false).result());
    }

    @Test
    void theStoreLearnsThatAClientThatAsksForTheEndHasLeft() {
        store.pendingEnd = Optional.of(Promise.promise());
        var hasLeft = new AtomicBoolean();
        var position = new EventId(2_000, 1);
        var start = new StartAt.After(position, position.toString());
        Future<Boolean> isAfterEnd =
                subscribers.isAfterEnd(new ChannelName("/other"), start, "192.0.2.1", hasLeft::get);
        assertFalse(isAfterEnd.isComplete());
        assertFalse(store.ends.get(0).hasLeft().getAsBoolean());
        hasLeft.set(true);
        assertTrue(store.ends.get(0).hasLeft().getAsBoolean());
    }

    @Test
    void aPositionThatTheStoreNeverGaveIsAGap() {
        var connection = new TestConnection();
        resume(new EventId(2_000, 5), connection, "192.0.2.1", new AtomicBoolean());
        assertTrue(
                connection.texts().get(0).contains("event: crier.gap\n"),
                connection.texts().toString());
    }

    @Test
    void aSharedReadIsSkippedOnlyWhenAllItsSubscribersHaveLeft() {
        Subscriber one = resume("192.0.2.1", new AtomicBoolean());
        Subscriber other = resume("198.51.100.7", new AtomicBoolean());
        Requester requester = store.reads.get(0);
        assertEquals("192.0.2.1", requester.address());
        assertFalse(requester.hasLeft().getAsBoolean());
        one.leave();
        assertFalse(requester.hasLeft().getAsBoolean());
        other.leave();
        assertTrue(requester.hasLeft().getAsBoolean());
    }

    @Test
    void aSharedReadIsQueuedForEachAddressAndRunsOnce() {
        for (String address : List.of("192.0.2.1", "198.51.100.7", "192.0.2.1", "198.51.100.7")) {
            resume(address, new AtomicBoolean());
        }
        assertEquals(
                List.of("192.0.2.1", "198.51.100.7"),
                store.reads.stream().map(Requester::address).toList());
        assertFalse(
                store.reads.get(1).hasLeft().getAsBoolean(), "the read runs for the address whose turn comes first");
        assertTrue(store.reads.get(0).hasLeft().getAsBoolean(), "the other address skips its turn");
    }

    @Test
    void theStoreLearnsThatAClientHasLeftBeforeItsStreamBegan() {
        var hasLeft = new AtomicBoolean();
        resume("192.0.2.1", hasLeft);
        assertFalse(store.gaps.get(0).hasLeft().getAsBoolean());
        hasLeft.set(true);
        assertTrue(store.gaps.get(0).hasLeft().getAsBoolean());
    }

    @Test
    void theStoreLearnsThatAClientOfSeveralChannelsHasLeftBeforeItsStreamBegan() {
        var set = new ChannelSet(List.of(NEWS, new ChannelName("/other")), List.of());
        for (StartAt start : List.of(new StartAt.Earliest(), new StartAt.Unknown("x7"))) {
            store.gaps.clear();
            var hasLeft = new AtomicBoolean();
            subscribers.add(set, start, new TestConnection(), TestFanout.UNLIMITED, "192.0.2.1", hasLeft::get);
            assertFalse(store.gaps.get(0).hasLeft().getAsBoolean(), start::toString);
            hasLeft.set(true);
            assertTrue(store.gaps.get(0).hasLeft().getAsBoolean(), start::toString);
            assertTrue(store.gaps.get(1).hasLeft().getAsBoolean(), start::toString);
        }
    }

    /** A store whose primary was lost with some of its ids. */
    @Test
    void aClientOfSeveralChannelsKeepsAnIdOfALeftPrimaryUntilItHasEveryGap() {
        var left = new EventId(1_500, 3);
        store.resumption = new EventId(1_200, 0);
        var set = new ChannelSet(List.of(NEWS, new ChannelName("/other")), List.of());
        var connection = new TestConnection();
        var start = new StartAt.After(left, left.toString());
        subscribers.add(set, start, connection, TestFanout.UNLIMITED, "192.0.2.1", () -> false);
        String gap = "event: crier.gap\ndata: {\"channel\":\"%s\",\"asked\":\"1500-3\",\"oldest\":null}\n";
        assertEquals(
                "retry: 2000\n" + gap.formatted("/news") + "\n" + gap.formatted("/other") + "id: 1200-0 /other\n\n",
                connection.texts().get(0) + connection.texts().get(1));
    }

    @Test
    void aSharedReadIsDeliveredToEverySubscriberThatWaitsForIt() {
        var one = new TestConnection();
        var other = new TestConnection();
        resume(one, "192.0.2.1", new AtomicBoolean());
        resume(other, "198.51.100.7", new AtomicBoolean());
        var entry = new Entry(new EventId(600, 0), NEWS, Event.of("old"));
        store.pendingRead.complete(new ReadResult.Entries(List.of(entry), log.newest(), false));
        assertEquals(List.of("old"), one.data());
        assertEquals(List.of("old"), other.data());
    }

    @Test
    void aFailedReadIsRepeatedAtTheNextCheck() {
        resume("192.0.2.1", new AtomicBoolean());
        store.pendingRead.fail("the disk is broken");
        assertEquals(1, store.reads.size());
        subscribers.check();
        assertEquals(2, store.reads.size());
    }
}
