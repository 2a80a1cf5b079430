package dev.crier.log.store;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.crier.event.ChannelName;
import dev.crier.event.Event;
import dev.crier.event.EventId;
import dev.crier.event.Publication;
import dev.crier.event.Publication.Attempt;
import dev.crier.event.StreamDigest;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ReceiptsTest {

    private static final ChannelName NEWS = new ChannelName("/news");

    private final Receipts receipts = new Receipts();

    private static Receipt receipt(ChannelName channel, String key, int ids, long atMillis) {
        return new Receipt(channel, key, "digest", Collections.nCopies(ids, EventId.FIRST), atMillis);
    }

    private boolean has(ChannelName channel, String key) {
        var publication = new Publication(channel, List.of(Event.of("x")), new Attempt(key, "digest"));
        return receipts.find(publication).isPresent();
    }

    @Test
    void aReceiptIsFoundByItsChannelAndKey() {
        receipts.add(receipt(NEWS, "a", 1, 0));
        assertEquals(
                List.of(true, false, false),
                List.of(has(NEWS, "a"), has(NEWS, "b"), has(new ChannelName("/other"), "a")));
    }

    @Test
    void receiptsFromBeforeATimeAreDropped() {
        receipts.add(receipt(NEWS, "a", 1, 10));
        receipts.add(receipt(NEWS, "b", 1, 20));
        receipts.dropBefore(20);
        assertEquals(List.of(false, true), List.of(has(NEWS, "a"), has(NEWS, "b")));
    }

    @Test
    void theOldestReceiptsBeyondTheNumberAreDropped() {
        for (int i = 0; i < Receipts.MAX_RECEIPTS + 2; i++) {
            receipts.add(receipt(NEWS, "k" + i, 1, 0));
        }
        receipts.dropExcess();
        assertEquals(List.of(false, false, true), List.of(has(NEWS, "k0"), has(NEWS, "k1"), has(NEWS, "k2")));
    }

    @Test
    void theOldestReceiptsBeyondTheNumberOfIdsAreDropped() {
        for (int i = 0; i < 5; i++) {
            receipts.add(receipt(NEWS, "k" + i, Receipts.MAX_IDS / 4, 0));
        }
        receipts.dropExcess();
        assertEquals(List.of(false, true), List.of(has(NEWS, "k0"), has(NEWS, "k1")));
    }

    @Test
    void aReplacedReceiptIsTheNewestAndFreesItsBytes() {
        receipts.add(receipt(NEWS, "a", 1, 10));
        receipts.add(receipt(NEWS, "b", 1, 20));
        long bytes = receipts.bytes();
        receipts.add(receipt(NEWS, "a", 1, 30));
        assertEquals(bytes, receipts.bytes());
        receipts.dropBefore(30);
        assertEquals(List.of(true, false), List.of(has(NEWS, "a"), has(NEWS, "b")));
        receipts.dropBefore(31);
        assertEquals(0, receipts.bytes());
    }

    @Test
    void onlyTheFirstPartOfAStreamAddsAReceipt() {
        StreamDigest three = StreamDigest.NONE;
        for (int i = 0; i < 3; i++) {
            three = three.with(Event.of("x"));
        }
        List<Event> events = Collections.nCopies(3, Event.of("x"));
        var first = new Publication(NEWS, events, Attempt.ofPart("key", StreamDigest.NONE, three));
        var next = new Publication(NEWS, events, Attempt.ofPart("key", three, three.with(Event.of("y"))));
        receipts.add(new Receipt(NEWS, "key", three.toString(), List.of(EventId.FIRST), 0));
        assertEquals(receipts.bytes(), Receipts.bytes(first));
        assertEquals(0, Receipts.bytes(next));
    }

    @Test
    void theSizeOfAReceiptIsTheOneCountedForItsPublication() {
        var publication = new Publication(NEWS, Collections.nCopies(3, Event.of("x")), new Attempt("key", "digest"));
        receipts.add(receipt(NEWS, "key", 3, 0));
        assertEquals(Receipts.bytes(publication), receipts.bytes());
        assertEquals(
                0, Receipts.bytes(new Publication(NEWS, publication.events(), Attempt.ONCE)), "no key, no receipt");
        receipts.remove(receipt(NEWS, "key", 3, 0));
        assertEquals(0, receipts.bytes());
        assertEquals(Optional.empty(), receipts.find(publication));
    }
}
