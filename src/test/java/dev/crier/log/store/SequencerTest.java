package dev.crier.log.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.event.AlreadyStoredException;
import dev.crier.event.ChannelName;
import dev.crier.event.Entry;
import dev.crier.event.Event;
import dev.crier.event.EventId;
import dev.crier.event.Publication;
import dev.crier.event.Publication.Attempt;
import dev.crier.event.PublishException;
import dev.crier.event.StreamDigest;
import dev.crier.log.store.Store.Outcome;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class SequencerTest {

    private static final ChannelName NEWS = new ChannelName("/news");
    private static final Attempt KEY = new Attempt("key", "digest");

    private long wall = 1_000;
    private final long age = 50;
    private final AgeClock clock = new AgeClock(() -> Instant.ofEpochMilli(wall), () -> age * 1_000_000);
    private final Sequencer sequencer = new Sequencer(clock, EventId.FIRST, List.of());

    private static Publication publication(Attempt attempt, String... data) {
        return new Publication(NEWS, Stream.of(data).map(Event::of).toList(), attempt);
    }

    private Sequencer.Batch sequence(List<Publication> publications) {
        return sequencer.sequence(publications, channel -> Optional.empty());
    }

    private static EventId id(long millis, long sequence) {
        return new EventId(millis, sequence);
    }

    @Test
    void idsFollowTheWallClockAndNumberTheEventsOfAMillisecond() {
        Sequencer.Batch batch = sequence(List.of(publication(Attempt.ONCE, "a", "b"), publication(Attempt.ONCE, "c")));
        assertEquals(
                List.of(
                        new Outcome.Stored(List.of(id(1_000, 0), id(1_000, 1))),
                        new Outcome.Stored(List.of(id(1_000, 2)))),
                batch.outcomes());
        wall = 2_000;
        assertEquals(
                List.of(new Outcome.Stored(List.of(id(2_000, 0)))),
                sequence(List.of(publication(Attempt.ONCE, "d"))).outcomes());
    }

    @Test
    void idsRiseIfTheClockIsSetBackAndEntriesAreDatedByTheOtherClock() {
        sequence(List.of(publication(Attempt.ONCE, "a")));
        wall = 10;
        Sequencer.Batch batch = sequence(List.of(publication(Attempt.ONCE, "b")));
        assertEquals(List.of(new Entry(id(1_000, 1), NEWS, Event.of("b"), clock.millis())), batch.entries());
        assertEquals(1_000, clock.millis());
    }

    @Test
    void noPublicationsMakeAnEmptyBatch() {
        Sequencer.Batch batch = sequence(List.of());
        assertTrue(batch.isEmpty());
        assertEquals(EventId.FIRST, batch.newest());
    }

    @Test
    void aKeyIsStoredOnceInABatchAndOnceInTwo() {
        Sequencer.Batch batch = sequence(List.of(publication(KEY, "a"), publication(KEY, "a")));
        assertEquals(1, batch.entries().size());
        assertEquals(1, batch.receipts().size());
        List<EventId> ids = List.of(id(1_000, 0));
        assertEquals(List.of(new Outcome.Stored(ids), new Outcome.Repeated(ids)), batch.outcomes());
        Sequencer.Batch next = sequence(List.of(publication(KEY, "a")));
        assertTrue(next.isEmpty());
        assertEquals(List.of(new Outcome.Repeated(ids)), next.outcomes());
        assertEquals(id(1_000, 0), next.newest());
    }

    @Test
    void aKeyWithOtherContentIsRejected() {
        Sequencer.Batch batch = sequence(List.of(publication(KEY, "a"), publication(new Attempt("key", "other"), "b")));
        var refused = assertInstanceOf(Outcome.Refused.class, batch.outcomes().get(1));
        assertEquals(PublishException.Reason.KEY_REUSED, ((PublishException) refused.reason()).reason());
    }

    @Test
    void anUndoneBatchLeavesNoIdsAndNoReceipts() {
        sequence(List.of(publication(Attempt.ONCE, "a")));
        Sequencer.Batch lost = sequence(List.of(publication(KEY, "b")));
        sequencer.undo(lost);
        assertEquals(id(1_000, 0), sequencer.newest());
        assertEquals(Optional.empty(), sequencer.earlier(publication(KEY, "b")));
        assertEquals(0, sequencer.memoryBytes());
        assertEquals(
                List.of(new Outcome.Stored(List.of(id(1_000, 1)))),
                sequence(List.of(publication(KEY, "b"))).outcomes());
    }

    @Test
    void anExceptionLeavesNoIdsAndNoReceiptsOfTheBatch() {
        sequence(List.of(publication(Attempt.ONCE, "a")));
        List<Publication> invalid = Arrays.asList(publication(KEY, "b", "c"), null);
        assertThrows(NullPointerException.class, () -> sequence(invalid));
        assertEquals(id(1_000, 0), sequencer.newest());
        assertEquals(Optional.empty(), sequencer.earlier(publication(KEY, "b", "c")));
        assertEquals(0, sequencer.memoryBytes());
        assertEquals(
                List.of(new Outcome.Stored(List.of(id(1_000, 1)))),
                sequence(List.of(publication(KEY, "b"))).outcomes());
    }

    private static final StreamDigest A = StreamDigest.NONE.with(Event.of("a"));
    private static final StreamDigest B = A.with(Event.of("b"));
    private static final StreamDigest C = B.with(Event.of("c"));
    private static final Publication PART_A = publication(Attempt.ofPart("key", StreamDigest.NONE, A), "a");
    private static final Publication PART_B = publication(Attempt.ofPart("key", A, B), "b");
    private static final Publication PART_C = publication(Attempt.ofPart("key", B, C), "c");

    private static List<Object> skip(Outcome outcome) {
        var refused = assertInstanceOf(Outcome.Refused.class, outcome);
        var stored = assertInstanceOf(AlreadyStoredException.class, refused.reason());
        return List.of(stored.stored(), stored.last());
    }

    @Test
    void eachPartOfAStreamReplacesTheReceiptOfThePartBefore() {
        sequence(List.of(PART_A));
        long bytes = sequencer.memoryBytes();
        Sequencer.Batch batch = sequence(List.of(PART_A, PART_B, PART_C, PART_B));
        assertEquals(List.of(A, id(1_000, 0)), skip(batch.outcomes().get(0)));
        assertEquals(new Outcome.Stored(List.of(id(1_000, 1))), batch.outcomes().get(1));
        assertEquals(new Outcome.Stored(List.of(id(1_000, 2))), batch.outcomes().get(2));
        assertEquals(List.of(C, id(1_000, 2)), skip(batch.outcomes().get(3)));
        assertEquals(bytes, sequencer.memoryBytes());
    }

    @Test
    void anUndoneBatchRestoresTheReceiptThatItsPartsReplaced() {
        sequence(List.of(PART_A));
        long bytes = sequencer.memoryBytes();
        sequencer.undo(sequence(List.of(PART_B, PART_C)));
        assertEquals(bytes, sequencer.memoryBytes());
        assertEquals(List.of(A, id(1_000, 0)), skip(sequencer.earlier(PART_A).orElseThrow()));
        assertEquals(
                List.of(new Outcome.Stored(List.of(id(1_000, 1)))),
                sequence(List.of(PART_B)).outcomes());
    }

    @Test
    void anUndoneBatchLeavesNoReceiptOfAStreamThatBeganInIt() {
        sequencer.undo(sequence(List.of(PART_A, PART_B)));
        assertEquals(0, sequencer.memoryBytes());
        assertEquals(Optional.empty(), sequencer.earlier(PART_A));
    }

    @Test
    void receiptsOfAnEarlierProcessAreKnown() {
        var receipt = new Receipt(NEWS, "key", "digest", List.of(id(7, 7)), 900);
        var restarted = new Sequencer(clock, id(7, 7), List.of(receipt));
        assertEquals(Optional.of(new Outcome.Repeated(receipt.ids())), restarted.earlier(publication(KEY, "a")));
        restarted.dropReceiptsBefore(901);
        assertEquals(Optional.empty(), restarted.earlier(publication(KEY, "a")));
    }
}
