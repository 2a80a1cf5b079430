package dev.crier.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.event.ChannelName;
import dev.crier.event.Entry;
import dev.crier.event.Event;
import dev.crier.event.EventId;
import dev.crier.event.Publication;
import dev.crier.event.Publication.Attempt;
import dev.crier.event.PublishException;
import dev.crier.event.Retention;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the log does while its store takes its time, or cannot store. */
class FailingStoreTest {

    private static final ChannelName NEWS = new ChannelName("/news");
    private static final Retention ALL = new Retention.Events(Retention.Events.ANY_NUMBER, Retention.Events.ANY_AGE);

    /** A store that answers each batch when the test says so, and as it says. */
    private static final class HeldStore implements Store {

        /** A batch at the store. */
        final class Held {

            private final List<Publication> publications;
            private final Promise<List<Outcome>> answer = Promise.promise();

            Held(List<Publication> publications) {
                this.publications = publications;
            }

            int events() {
                return publications.stream()
                        .mapToInt(publication -> publication.events().size())
                        .sum();
            }

            void complete() {
                Sequencer.Batch batch = sequencer.sequence(publications);
                if (!batch.isEmpty()) {
                    shown.accept(batch.entries());
                }
                answer.complete(batch.outcomes());
            }

            void fail(String message) {
                answer.fail(message);
            }
        }

        final List<Held> held = new ArrayList<>();
        int probes;
        private Sequencer sequencer;
        private Consumer<List<Entry>> shown;

        @Override
        public long recentBytes() {
            return Long.MAX_VALUE;
        }

        @Override
        public Future<Opened> open(AgeClock clock, Consumer<List<Entry>> shown) {
            sequencer = new Sequencer(clock, EventId.FIRST, List.of());
            this.shown = shown;
            return Future.succeededFuture(Opened.empty(EventId.FIRST));
        }

        @Override
        public Future<List<Outcome>> append(List<Publication> publications) {
            held.add(new Held(publications));
            return held.get(held.size() - 1).answer.future();
        }

        @Override
        public Future<Optional<Outcome>> earlier(Publication publication) {
            return Future.succeededFuture(sequencer.earlier(publication));
        }

        @Override
        public Future<EventId> newest() {
            return Future.succeededFuture(sequencer.newest());
        }

        @Override
        public long memoryBytes() {
            return sequencer.memoryBytes();
        }

        @Override
        public Future<Void> probe() {
            probes++;
            return Future.succeededFuture();
        }

        @Override
        public Future<ReadResult> read(ChannelName channel, EventId after, EventId through, Requester requester) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Future<ReadResult.Gap> gap(ChannelName channel, EventId after, Requester requester) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Future<Backup> backup() {
            throw new UnsupportedOperationException();
        }

        @Override
        public Future<Trimmed> trim(long nowMillis, long receiptsMillis, long wallAheadMillis, EventId settled) {
            return Future.succeededFuture(new Trimmed(false, List.of()));
        }

        @Override
        public long fileBytes() {
            return 0;
        }

        @Override
        public Future<Void> close() {
            return Future.succeededFuture();
        }
    }

    private final HeldStore store = new HeldStore();
    private final List<Object> rings = new ArrayList<>();
    private final EventLog log = new EventLog(
            channel -> Optional.of(ALL), store, () -> Instant.ofEpochMilli(1_000), rings::add, Duration.ofMinutes(10));

    @BeforeEach
    void open() {
        log.open();
    }

    private Future<List<EventId>> publish(String data, Attempt attempt) {
        return log.append(new Publication(NEWS, List.of(Event.of(data)), attempt));
    }

    private List<String> read() {
        return ((ReadResult.Entries) log.read(NEWS, ALL, EventId.FIRST))
                .entries().stream().map(entry -> entry.event().data()).toList();
    }

    private static void assertUnavailable(Future<?> refused) {
        assertTrue(refused.failed());
        assertEquals(PublishException.Reason.UNAVAILABLE, ((PublishException) refused.cause()).reason());
    }

    @Test
    void nobodySeesAnEventBeforeItIsStored() {
        Future<List<EventId>> one = publish("one", Attempt.ONCE);
        assertEquals(List.of(), read());
        assertEquals(EventId.FIRST, log.newest());
        store.held.get(0).complete();
        assertTrue(one.succeeded());
        assertEquals(List.of("one"), read());
        assertEquals(1, rings.size());
    }

    @Test
    void whatComesMeanwhileIsStoredInOneGo() {
        publish("one", Attempt.ONCE);
        publish("two", Attempt.ONCE);
        publish("three", Attempt.ONCE);
        assertEquals(1, store.held.size());
        store.held.get(0).complete();
        assertEquals(2, store.held.get(1).events());
        store.held.get(1).complete();
        assertEquals(List.of("one", "two", "three"), read());
    }

    @Test
    void whatCannotBeStoredIsRefusedAndNobodySeesItAndThenAllGoesOn() {
        Future<List<EventId>> lost = publish("lost", Attempt.ONCE);
        Future<List<EventId>> next = publish("next", Attempt.ONCE);
        store.held.get(0).fail("disk full");
        assertUnavailable(lost);
        assertEquals(List.of(), read());
        assertEquals(0, rings.size());
        store.held.get(1).complete();
        assertTrue(next.succeeded());
        assertEquals(List.of("next"), read());
    }

    /** {@link EventLog#trim} is called every second. */
    @Test
    void aStoreThatOnlySeemsToRecoverIsProbedEveryFiveSecondsUntilItStores() {
        for (int i = 0; i < 200; i++) {
            failNext();
            log.trim();
        }
        assertTrue(store.probes >= 200 / 5 && store.probes < 200 / 4, "probes: " + store.probes);
        assertEquals(5, secondsUntilItStores());
        publish("taken", Attempt.ONCE);
        store.held.get(store.held.size() - 1).complete();
        int before = store.probes;
        failNext();
        log.trim();
        assertEquals(before + 1, store.probes);
        assertTrue(log.stores());
    }

    /** Fails one more append, which is the last to fail. */
    private int secondsUntilItStores() {
        while (!log.stores()) {
            log.trim();
        }
        failNext();
        int seconds = 0;
        while (!log.stores()) {
            log.trim();
            seconds++;
        }
        return seconds;
    }

    private void failNext() {
        if (log.stores()) {
            publish("lost", Attempt.ONCE);
            store.held.get(store.held.size() - 1).fail("a damaged page");
        }
    }

    @Test
    void publishersAreAnsweredAndTheRestIsStoredAlsoIfSubscribersCannotBeWoken() {
        var failing = new EventLog(
                channel -> Optional.of(ALL),
                store,
                () -> Instant.ofEpochMilli(1_000),
                grown -> {
                    throw new IllegalStateException("no codec");
                },
                Duration.ofMinutes(10));
        failing.open();
        Future<List<EventId>> one =
                failing.append(new Publication(NEWS, List.of(Event.of("one")), Publication.Attempt.ONCE));
        Future<List<EventId>> two =
                failing.append(new Publication(NEWS, List.of(Event.of("two")), Publication.Attempt.ONCE));
        for (int i = 0; i < 2; i++) {
            store.held.get(i).complete();
        }
        assertTrue(one.succeeded() && two.succeeded());
    }

    @Test
    void anAttemptThatFailedMayBeMadeAgainWithItsKey() {
        var attempt = new Attempt("key", "digest");
        Future<List<EventId>> first = publish("once", attempt);
        Future<List<EventId>> meanwhile = publish("once", attempt);
        store.held.get(0).fail("disk full");
        assertUnavailable(first);
        store.held.get(1).fail("disk full");
        assertUnavailable(meanwhile);
        log.trim();
        Future<List<EventId>> again = publish("once", attempt);
        store.held.get(2).complete();
        assertTrue(again.succeeded());
        Future<List<EventId>> retry = publish("once", attempt);
        store.held.get(3).complete();
        assertEquals(again.result(), retry.result());
        assertEquals(List.of("once"), read());
    }

    @Test
    void aRetryIsAnsweredWhileTheStoreCannotStore() {
        var attempt = new Attempt("key", "digest");
        Future<List<EventId>> first = publish("once", attempt);
        store.held.get(0).complete();
        publish("lost", Attempt.ONCE);
        store.held.get(1).fail("disk full");
        assertEquals(first.result(), publish("once", attempt).result());
        assertUnavailable(publish("new", new Attempt("other", "digest")));
        assertEquals(2, store.held.size());
    }

    @Test
    void nothingIsGivenToAStoreThatHasFailedBeforeItStoresAgain() {
        Future<List<EventId>> lost = publish("lost", Attempt.ONCE);
        store.held.get(0).fail("disk full");
        assertUnavailable(lost);
        assertUnavailable(publish("refused at once", Attempt.ONCE));
        assertEquals(1, store.held.size());
        log.trim();
        publish("taken", Attempt.ONCE);
        store.held.get(1).complete();
        assertEquals(List.of("taken"), read());
    }

    @Test
    void tooManyAtOnceAreRefused() {
        publish("first", Attempt.ONCE);
        for (int i = 0; i < AppendQueue.MAX_WAITING; i++) {
            assertTrue(!publish("waits", Attempt.ONCE).failed());
        }
        assertUnavailable(publish("one too many", Attempt.ONCE));
        for (int i = 0; i < store.held.size(); i++) {
            store.held.get(i).complete();
        }
        assertEquals(
                AppendQueue.MAX_WAITING + 1,
                store.held.stream().mapToInt(HeldStore.Held::events).sum());
    }

    /** Else one publisher's many batches would keep the next publication waiting for all of them. */
    @Test
    void whatWaitsGoesToTheStoreInWholePublicationsUpToALimit() {
        publish("first", Attempt.ONCE);
        var batch = new Publication(
                NEWS, Collections.nCopies(AppendQueue.MAX_BATCH_EVENTS / 2 + 1, Event.of("x")), Attempt.ONCE);
        List<Future<List<EventId>>> stored =
                Stream.generate(() -> log.append(batch)).limit(3).toList();
        assertEquals(1, store.held.size());
        store.held.get(0).complete();
        assertEquals(2 * batch.events().size(), store.held.get(1).events());
        store.held.get(1).complete();
        assertTrue(stored.get(0).succeeded()
                && stored.get(1).succeeded()
                && !stored.get(2).isComplete());
        assertEquals(batch.events().size(), store.held.get(2).events());
        store.held.get(2).complete();
        assertTrue(stored.get(2).succeeded());
        assertEquals(3, store.held.size());
    }

    @Test
    void whatCouldNotBeStoredTakesNoMemory() {
        long before = log.memoryBytes();
        var batch =
                new Publication(NEWS, Collections.nCopies(AppendQueue.MAX_BATCH_EVENTS, Event.of("x")), Attempt.ONCE);
        for (int i = 0; i < 3; i++) {
            log.append(batch);
        }
        for (int i = 0; i < 3; i++) {
            assertTrue(before < log.memoryBytes());
            store.held.get(i).fail("disk full");
        }
        assertEquals(before, log.memoryBytes());
    }

    @Test
    void tooMuchAtOnceIsRefused() {
        publish("first", Attempt.ONCE);
        String much = "x".repeat((int) AppendQueue.MAX_WAITING_BYTES);
        publish(much, Attempt.ONCE);
        assertUnavailable(publish("one too many", Attempt.ONCE));
    }
}
