package dev.crier.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.crier.event.Event;
import dev.crier.event.EventId;
import dev.crier.event.Publication;
import dev.crier.event.Publication.Attempt;
import io.vertx.core.Future;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** The event log while its store is slow or cannot append. */
class FailingStoreTest extends ManualStoreFixture {

    @Test
    void anEventIsNotReadableBeforeItIsStored() {
        Future<List<EventId>> one = publish("one", Attempt.ONCE);
        assertEquals(List.of(), read());
        assertEquals(EventId.FIRST, log.newest());
        store.batches.get(0).complete();
        assertTrue(one.succeeded());
        assertEquals(List.of("one"), read());
        assertEquals(1, notifications.size());
    }

    @Test
    void publicationsThatArriveDuringABatchAreStoredInOneBatch() {
        publish("one", Attempt.ONCE);
        publish("two", Attempt.ONCE);
        publish("three", Attempt.ONCE);
        assertEquals(1, store.batches.size());
        store.batches.get(0).complete();
        assertEquals(2, store.batches.get(1).events());
        store.batches.get(1).complete();
        assertEquals(List.of("one", "two", "three"), read());
    }

    @Test
    void aFailedBatchIsRefusedAndTheNextIsStored() {
        Future<List<EventId>> lost = publish("lost", Attempt.ONCE);
        Future<List<EventId>> next = publish("next", Attempt.ONCE);
        store.batches.get(0).fail("disk full");
        assertUnavailable(lost);
        assertEquals(List.of(), read());
        assertEquals(0, notifications.size());
        store.batches.get(1).complete();
        assertTrue(next.succeeded());
        assertEquals(List.of("next"), read());
    }

    @Test
    void anExceptionOfTheStoreFailsTheBatchAndTheLogContinues() {
        Future<List<EventId>> before = publish("before", Attempt.ONCE);
        Future<List<EventId>> queued = publish("queued", Attempt.ONCE);
        store.throwsAtAppend = true;
        store.batches.get(0).complete();
        assertTrue(before.succeeded());
        assertUnavailable(queued);
        log.trim();
        assertUnavailable(publish("lost", Attempt.ONCE));
        store.throwsAtAppend = false;
        log.trim();
        log.trim();
        Future<List<EventId>> after = publish("after", Attempt.ONCE);
        store.batches.get(1).complete();
        assertTrue(after.succeeded());
        assertEquals(List.of("before", "after"), read());
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
        store.batches.get(store.batches.size() - 1).complete();
        int before = store.probes;
        failNext();
        log.trim();
        assertEquals(before + 1, store.probes);
        assertTrue(log.stores());
    }

    /** Fails one last append, and returns how many seconds later the store is used again. */
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
            store.batches.get(store.batches.size() - 1).fail("a damaged page");
        }
    }

    @Test
    void publishersAreAnsweredEvenIfNotificationsFail() {
        var unnotified = new EventLog(
                channel -> Optional.of(ALL),
                store,
                () -> Instant.ofEpochMilli(1_000),
                channels -> {
                    throw new IllegalStateException("no codec");
                },
                Duration.ofMinutes(10));
        unnotified.open();
        Future<List<EventId>> one =
                unnotified.append(new Publication(NEWS, List.of(Event.of("one")), Publication.Attempt.ONCE));
        Future<List<EventId>> two =
                unnotified.append(new Publication(NEWS, List.of(Event.of("two")), Publication.Attempt.ONCE));
        for (int i = 0; i < 2; i++) {
            store.batches.get(i).complete();
        }
        assertTrue(one.succeeded() && two.succeeded());
    }

    @Test
    void eachFailureThatTheStoreReportsIsLoggedAndEndsWithTheNextProbe() {
        var lines = new ListAppender<ILoggingEvent>();
        var logger = (Logger) LoggerFactory.getLogger(EventLog.class);
        lines.start();
        logger.addAppender(lines);
        try {
            for (int i = 0; i < 3; i++) {
                store.report("no connection");
                store.report("no connection");
                assertFalse(log.stores());
                log.trim();
                assertTrue(log.stores());
            }
        } finally {
            logger.detachAppender(lines);
        }
        var failed = "The log cannot store, and publishing is refused until it can: no connection";
        var stores = "The log stores again";
        assertEquals(
                List.of(failed, stores, failed, stores, failed, stores),
                lines.list.stream()
                        .map(ILoggingEvent::getFormattedMessage)
                        .filter(line -> line.startsWith("The log"))
                        .toList());
    }

    @Test
    void aFailedStoreGetsNoPublicationBeforeItRecovers() {
        Future<List<EventId>> lost = publish("lost", Attempt.ONCE);
        store.batches.get(0).fail("disk full");
        assertUnavailable(lost);
        assertUnavailable(publish("refused at once", Attempt.ONCE));
        assertEquals(1, store.batches.size());
        log.trim();
        publish("taken", Attempt.ONCE);
        store.batches.get(1).complete();
        assertEquals(List.of("taken"), read());
    }

    @Test
    void tooManyWaitingPublicationsAreRefused() {
        publish("first", Attempt.ONCE);
        for (int i = 0; i < AppendQueue.MAX_WAITING; i++) {
            assertTrue(!publish("waits", Attempt.ONCE).failed());
        }
        assertUnavailable(publish("one too many", Attempt.ONCE));
        for (int i = 0; i < store.batches.size(); i++) {
            store.batches.get(i).complete();
        }
        assertEquals(
                AppendQueue.MAX_WAITING + 1,
                store.batches.stream().mapToInt(ManualStore.Batch::events).sum());
    }

    /** Without the limit, the next publication would wait for all batches of another publisher. */
    @Test
    void aBatchHasWholePublicationsUpToALimit() {
        publish("first", Attempt.ONCE);
        var batch = new Publication(
                NEWS, Collections.nCopies(AppendQueue.MAX_BATCH_EVENTS / 2 + 1, Event.of("x")), Attempt.ONCE);
        List<Future<List<EventId>>> stored =
                Stream.generate(() -> log.append(batch)).limit(3).toList();
        assertEquals(1, store.batches.size());
        store.batches.get(0).complete();
        assertEquals(2 * batch.events().size(), store.batches.get(1).events());
        store.batches.get(1).complete();
        assertTrue(stored.get(0).succeeded()
                && stored.get(1).succeeded()
                && !stored.get(2).isComplete());
        assertEquals(batch.events().size(), store.batches.get(2).events());
        store.batches.get(2).complete();
        assertTrue(stored.get(2).succeeded());
        assertEquals(3, store.batches.size());
    }

    /** A network to a store on another machine must carry a batch in time. */
    @Test
    void aBatchHasPublicationsUpToANumberOfBytes() {
        publish("first", Attempt.ONCE);
        String half = "x".repeat((int) AppendQueue.MAX_BATCH_BYTES / 2);
        for (int i = 0; i < 3; i++) {
            publish(half, Attempt.ONCE);
        }
        store.batches.get(0).complete();
        assertEquals(2, store.batches.get(1).events());
        store.batches.get(1).complete();
        assertEquals(1, store.batches.get(2).events());
    }

    @Test
    void aFailedBatchTakesNoMemory() {
        long before = log.memoryBytes();
        var batch =
                new Publication(NEWS, Collections.nCopies(AppendQueue.MAX_BATCH_EVENTS, Event.of("x")), Attempt.ONCE);
        for (int i = 0; i < 3; i++) {
            log.append(batch);
        }
        for (int i = 0; i < 3; i++) {
            assertTrue(before < log.memoryBytes());
            store.batches.get(i).fail("disk full");
        }
        assertEquals(before, log.memoryBytes());
    }

    @Test
    void tooManyWaitingBytesAreRefused() {
        publish("first", Attempt.ONCE);
        String much = "x".repeat((int) AppendQueue.MAX_WAITING_BYTES);
        publish(much, Attempt.ONCE);
        assertUnavailable(publish("one too many", Attempt.ONCE));
    }
}
