package dev.crier.fanout;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.event.ChannelName;
import dev.crier.event.Entry;
import dev.crier.event.Event;
import dev.crier.event.EventId;
import dev.crier.event.Publication;
import dev.crier.event.Retention;
import dev.crier.log.AgeClock;
import dev.crier.log.EventLog;
import dev.crier.log.MemoryStore;
import dev.crier.log.ReadResult;
import dev.crier.log.Requester;
import dev.crier.log.Store;
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
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Reads from the store for subscribers that resume from old positions. */
class FetchTest {

    private static final ChannelName NEWS = new ChannelName("/news");
    private static final Retention ALL = new Retention.Events(Retention.Events.ANY_NUMBER, Retention.Events.ANY_AGE);
    private static final Duration FOR_EVER = Duration.ofMillis(Long.MAX_VALUE);
    private static final EventId OLD = new EventId(1_000, 1);

    /** A store that completes reads when the test says so, with no entry in memory. */
    private static final class HeldStore implements Store {

        final MemoryStore memory = new MemoryStore();
        final List<Requester> reads = new ArrayList<>();
        final List<Requester> gaps = new ArrayList<>();
        final Promise<ReadResult> held = Promise.promise();

        @Override
        public long recentBytes() {
            return 0;
        }

        @Override
        public Future<Opened> open(AgeClock clock, Consumer<List<Entry>> shown) {
            memory.open(clock, shown);
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
            return memory.newest();
        }

        @Override
        public long memoryBytes() {
            return memory.memoryBytes();
        }

        @Override
        public Future<ReadResult> read(ChannelName channel, EventId after, EventId through, Requester requester) {
            reads.add(requester);
            return held.future();
        }

        @Override
        public Future<ReadResult.Gap> gap(ChannelName channel, EventId after, Requester requester) {
            gaps.add(requester);
            return Future.succeededFuture(new ReadResult.Gap(after, Optional.empty()));
        }

        @Override
        public Future<Backup> backup() {
            return memory.backup();
        }

        @Override
        public Future<Trimmed> trim(long nowMillis, long receiptsMillis, long wallAheadMillis, EventId settled) {
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

    private final HeldStore store = new HeldStore();
    private final EventLog log = new EventLog(
            channel -> Optional.of(ALL), store, () -> Instant.ofEpochMilli(2_000), grown -> {}, Duration.ofMinutes(10));
    private final StreamTimeouts patience =
            new StreamTimeouts(Duration.ofSeconds(10), Duration.ofSeconds(30), Duration.ofSeconds(2), Duration.ZERO);
    private final Subscribers subscribers =
            new Subscribers(log, patience, () -> 0, new Random(1), Metrics.NONE, () -> false);

    @BeforeEach
    void open() {
        log.open();
        log.append(new Publication(NEWS, List.of(Event.of("new")), Publication.Attempt.ONCE));
    }

    private Subscriber resume(String address, AtomicBoolean hasLeft) {
        return subscribers
                .add(
                        NEWS,
                        ALL,
                        new StartAt.After(new EventId(500, 0), "500-0"),
                        new TestConnection(),
                        FOR_EVER,
                        address,
                        hasLeft::get)
                .result();
    }

    @Test
    void lookingForAGapReadsNoEntries() {
        resume("192.0.2.1", new AtomicBoolean());
        assertEquals(1, store.gaps.size());
        assertEquals(1, store.reads.size()); // the read of its first events
    }

    @Test
    void aSharedReadIsDroppedOnlyWhenAllItsSubscribersHaveLeft() {
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
    void aSharedReadIsQueuedForEachAddressAndRunsAtTheFirstTurn() {
        for (String address : List.of("192.0.2.1", "198.51.100.7", "192.0.2.1", "198.51.100.7")) {
            resume(address, new AtomicBoolean());
        }
        assertEquals(
                List.of("192.0.2.1", "198.51.100.7"),
                store.reads.stream().map(Requester::address).toList());
        assertFalse(store.reads.get(1).hasLeft().getAsBoolean(), "it is read for the address that has its turn first");
        assertTrue(store.reads.get(0).hasLeft().getAsBoolean(), "it is not read again");
    }

    @Test
    void theStoreSeesThatAClientLeftBeforeItsStreamBegan() {
        var hasLeft = new AtomicBoolean();
        resume("192.0.2.1", hasLeft);
        assertFalse(store.gaps.get(0).hasLeft().getAsBoolean());
        hasLeft.set(true);
        assertTrue(store.gaps.get(0).hasLeft().getAsBoolean());
    }
}
