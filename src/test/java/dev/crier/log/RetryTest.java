package dev.crier.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.event.AlreadyStoredException;
import dev.crier.event.ChannelName;
import dev.crier.event.Event;
import dev.crier.event.EventId;
import dev.crier.event.Publication.Attempt;
import dev.crier.event.PublishException;
import dev.crier.event.StreamDigest;
import dev.crier.log.store.LogLimits;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Retries with an idempotency key, before and after the log has answered the first attempt. */
class RetryTest extends ManualStoreFixture {

    private static final Attempt KEY = new Attempt("key", "digest");
    private static final Attempt KEY_WITH_OTHER_CONTENT = new Attempt("key", "other digest");

    private List<Future<List<EventId>>> retries(int count, String data) {
        return Stream.generate(() -> publish(data, KEY)).limit(count).toList();
    }

    @Test
    void aRetryGetsTheIdsOfAFirstAttemptThatIsQueuedOrAtTheStore() {
        publish("before", Attempt.ONCE);
        Future<List<EventId>> first = publish("once", KEY);
        Future<List<EventId>> whileQueued = publish("once", KEY);
        store.batches.get(0).complete();
        Future<List<EventId>> whileAtStore = publish("once", KEY);
        assertEquals(1, store.batches.get(1).events());
        assertFalse(first.isComplete() || whileQueued.isComplete() || whileAtStore.isComplete());
        store.batches.get(1).complete();
        assertTrue(first.succeeded());
        assertEquals(first.result(), whileQueued.result());
        assertEquals(first.result(), whileAtStore.result());
        assertEquals(2, store.batches.size());
        assertEquals(List.of("before", "once"), read());
    }

    @Test
    void aRetryFailsWithAFirstAttemptThatIsQueuedOrAtTheStore() {
        publish("before", Attempt.ONCE);
        Future<List<EventId>> first = publish("once", KEY);
        Future<List<EventId>> whileQueued = publish("once", KEY);
        store.batches.get(0).complete();
        Future<List<EventId>> whileAtStore = publish("once", KEY);
        store.batches.get(1).fail("disk full");
        assertUnavailable(first);
        assertUnavailable(whileQueued);
        assertUnavailable(whileAtStore);
        assertEquals(2, store.batches.size());
        assertEquals(List.of("before"), read());
    }

    @Test
    void aFailedAttemptMayBeRepeatedWithItsKey() {
        Future<List<EventId>> first = publish("once", KEY);
        store.batches.get(0).fail("disk full");
        assertUnavailable(first);
        log.trim();
        Future<List<EventId>> again = publish("once", KEY);
        store.batches.get(1).complete();
        assertTrue(again.succeeded());
        Future<List<EventId>> retry = publish("once", KEY);
        store.batches.get(2).complete();
        assertEquals(again.result(), retry.result());
        assertEquals(List.of("once"), read());
    }

    /** A publisher often retries as soon as it is answered. */
    @Test
    void aFailedAttemptMayBeRepeatedInItsOwnAnswer() {
        Future<List<EventId>> first = publish("once", KEY);
        Future<List<EventId>> again = first.recover(failure -> {
            log.trim();
            return publish("once", KEY);
        });
        store.batches.get(0).fail("disk full");
        store.batches.get(1).complete();
        assertTrue(again.succeeded());
        assertEquals(List.of("once"), read());
    }

    @Test
    void anUnansweredKeyWithOtherContentIsRejectedOnlyOnItsChannel() {
        publish("before", Attempt.ONCE);
        publish("once", KEY);
        assertFailed(PublishException.Reason.KEY_REUSED, publish("other", KEY_WITH_OTHER_CONTENT));
        Future<List<EventId>> elsewhere = publish(new ChannelName("/orders"), "other", KEY_WITH_OTHER_CONTENT);
        store.batches.get(0).complete();
        assertFailed(PublishException.Reason.KEY_REUSED, publish("other", KEY_WITH_OTHER_CONTENT));
        assertEquals(2, store.batches.get(1).events());
        store.batches.get(1).complete();
        assertTrue(elsewhere.succeeded());
        assertEquals(List.of("before", "once"), read());
    }

    @Test
    void aRetryOfAnUnansweredAttemptTakesNoPlaceInTheQueue() {
        publish("before", Attempt.ONCE);
        Future<List<EventId>> first = publish("once", KEY);
        var retries = retries(100, "once");
        for (int i = 1; i < AppendQueue.MAX_WAITING; i++) {
            assertFalse(publish("waits", Attempt.ONCE).failed());
        }
        assertUnavailable(publish("one too many", Attempt.ONCE));
        Future<List<EventId>> whileFull = publish("once", KEY);
        for (int i = 0; i < store.batches.size(); i++) {
            store.batches.get(i).complete();
        }
        assertEquals(
                1 + AppendQueue.MAX_WAITING,
                store.batches.stream().mapToInt(ManualStore.Batch::events).sum());
        assertTrue(first.succeeded());
        assertEquals(first.result(), whileFull.result());
        retries.forEach(retry -> assertEquals(first.result(), retry.result()));
    }

    @Test
    void aRetryOfAnUnansweredAttemptTakesNoMemory() {
        open(new LogLimits(10_000, 10, Set.of()));
        String data = "x".repeat(5_000);
        Future<List<EventId>> first = publish(data, KEY);
        long before = log.memoryBytes();
        assertTrue(before > data.length(), () -> before + " bytes");
        assertFailed(PublishException.Reason.FULL, publish(data, Attempt.ONCE));
        var retries = retries(100, data);
        assertEquals(before, log.memoryBytes());
        assertEquals(1, store.batches.size());
        store.batches.get(0).complete();
        assertTrue(first.succeeded());
        retries.forEach(retry -> assertEquals(first.result(), retry.result()));
        assertEquals(List.of(data), read());
    }

    @Test
    void aRetryIsAnsweredWhileTheStoreCannotStore() {
        Future<List<EventId>> first = publish("once", KEY);
        store.batches.get(0).complete();
        publish("lost", Attempt.ONCE);
        store.batches.get(1).fail("disk full");
        assertEquals(first.result(), publish("once", KEY).result());
        assertUnavailable(publish("new", new Attempt("other", "digest")));
        assertEquals(2, store.batches.size());
    }

    private static final StreamDigest A = StreamDigest.NONE.with(Event.of("a"));
    private static final StreamDigest B = A.with(Event.of("b"));
    private static final Attempt PART_A = Attempt.ofPart("key", StreamDigest.NONE, A);
    private static final Attempt PART_B = Attempt.ofPart("key", A, B);

    private static void assertStoredAlready(StreamDigest stored, Future<?> refused) {
        var already = assertInstanceOf(AlreadyStoredException.class, refused.cause());
        assertEquals(stored, already.stored());
    }

    /** The store compares the parts, because the same stream may arrive in other parts. */
    @Test
    void eachPartOfAStreamGoesToTheStore() {
        publish("before", Attempt.ONCE);
        Future<List<EventId>> first = publish("a", PART_A);
        Future<List<EventId>> again = publish("a", PART_A);
        Future<List<EventId>> next = publish("b", PART_B);
        store.batches.get(0).complete();
        store.batches.get(1).complete();
        assertTrue(first.succeeded());
        assertStoredAlready(A, again);
        assertTrue(next.succeeded());
        assertEquals(List.of("before", "a", "b"), read());
    }

    @Test
    void aStreamIsSkippedButDoesNotGoOnWhileTheStoreCannotStore() {
        publish("a", PART_A);
        store.batches.get(0).complete();
        publish("lost", Attempt.ONCE);
        store.batches.get(1).fail("disk full");
        assertStoredAlready(A, publish("a", PART_A));
        assertUnavailable(publish("b", PART_B));
        assertEquals(2, store.batches.size());
    }

    /** A retry that finds its receipt writes nothing. */
    @Test
    void aRetryDoesNotCountAsARecoveryOfTheStore() {
        Future<List<EventId>> first = publish("once", KEY);
        store.batches.get(0).complete();
        publish("lost", Attempt.ONCE);
        store.batches.get(1).fail("a damaged page");
        log.trim();
        Future<List<EventId>> retry = publish("once", KEY);
        store.batches.get(2).complete();
        assertEquals(first.result(), retry.result());
        publish("lost", Attempt.ONCE);
        store.batches.get(3).fail("a damaged page");
        log.trim();
        assertFalse(log.stores(), "the next probe waits");
        log.trim();
        assertTrue(log.stores());
    }

    /** Without the limit, retries during an outage would queue at the store. */
    @Test
    void tooManyRetriesThatWaitForTheirReceiptAreRefused() {
        publish("lost", Attempt.ONCE);
        store.batches.get(0).fail("disk full");
        store.lookup = Promise.promise();
        var retries = retries(AppendQueue.MAX_LOOKUPS, "once");
        assertTrue(retries.stream().noneMatch(Future::isComplete));
        assertUnavailable(publish("once", KEY));
        assertEquals(AppendQueue.MAX_LOOKUPS, store.lookups);
        store.lookup.complete(Optional.empty());
        retries.forEach(ManualStoreFixture::assertUnavailable);
        assertUnavailable(publish("once", KEY));
        assertEquals(AppendQueue.MAX_LOOKUPS + 1, store.lookups);
    }
}
