package dev.crier.log.store;

import dev.crier.event.ChannelName;
import dev.crier.event.Entry;
import dev.crier.event.Event;
import dev.crier.event.EventId;
import dev.crier.event.NewestEvent;
import dev.crier.event.Publication;
import dev.crier.log.store.Store.Outcome;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * Gives the events of one process their ids, and recognizes retries by their idempotency key. For stores that only one
 * process appends to. Used by one thread at a time, except for {@link #memoryBytes}.
 *
 * <p>A batch counts as stored as soon as it is sequenced. The store calls {@link #undo} if it cannot commit the batch, before
 * it sequences another.
 */
public final class Sequencer {

    /**
     * The result of sequencing publications.
     *
     * @param entries the events to store, in order
     * @param receipts what to remember of the publications with a key
     * @param replaced the receipts that {@code receipts} replaces, in order. A stream may have several in a batch
     * @param outcomes the answer to each publication, once the entries are stored
     * @param before the newest event id before the batch
     */
    public record Batch(
            List<Entry> entries,
            List<Receipt> receipts,
            List<Receipt> replaced,
            List<Outcome> outcomes,
            EventId before) {

        public boolean isEmpty() {
            return entries.isEmpty();
        }

        /** Returns the newest event id after the batch. */
        public EventId newest() {
            return isEmpty() ? before : entries.get(entries.size() - 1).id();
        }
    }

    /** The newest event of each channel in a batch. Reads each entry once, however many publications have a precondition. */
    private static final class NewestInBatch {

        private final List<Entry> entries;
        private final Map<ChannelName, NewestEvent> newest = new HashMap<>();
        private int read;

        NewestInBatch(Batch batch) {
            entries = batch.entries();
        }

        Optional<NewestEvent> of(ChannelName channel) {
            for (; read < entries.size(); read++) {
                newest.put(entries.get(read).channel(), NewestEvent.of(entries.get(read)));
            }
            return Optional.ofNullable(newest.get(channel));
        }
    }

    private final AgeClock clock;
    private final Receipts receipts = new Receipts();
    private EventId newest;

    /** @param stored receipts of earlier processes, oldest first */
    public Sequencer(AgeClock clock, EventId newest, Collection<Receipt> stored) {
        this.clock = clock;
        this.newest = newest;
        stored.forEach(receipts::add);
    }

    /**
     * Gives each event an id by the wall clock, in order, and dates it by the {@link AgeClock}.
     *
     * @param newestOf returns the newest stored event of a channel. Called only for publications with a precondition
     */
    public Batch sequence(List<Publication> publications, Function<ChannelName, Optional<NewestEvent>> newestOf) {
        receipts.dropExcess();
        var batch = new Batch(
                new ArrayList<>(), new ArrayList<>(), new ArrayList<>(), new ArrayList<>(publications.size()), newest);
        var newestInBatch = new NewestInBatch(batch);
        long wallMillis = clock.wallMillis();
        long nowMillis = clock.millis();
        try {
            for (Publication publication : publications) {
                Outcome outcome = earlier(publication)
                        .or(() -> refusal(publication, newestInBatch, newestOf))
                        .orElse(null);
                batch.outcomes().add(outcome == null ? append(publication, batch, wallMillis, nowMillis) : outcome);
            }
        } catch (Throwable e) { // such as an OutOfMemoryError
            undo(batch);
            throw e;
        }
        return batch;
    }

    private static Optional<Outcome> refusal(
            Publication publication,
            NewestInBatch newestInBatch,
            Function<ChannelName, Optional<NewestEvent>> newestOf) {
        if (!publication.isConditional()) {
            return Optional.empty();
        }
        ChannelName channel = publication.channel();
        Optional<NewestEvent> newest = newestInBatch.of(channel).or(() -> newestOf.apply(channel));
        return publication.precondition().refusal(newest).map(Outcome.Refused::new);
    }

    private Outcome append(Publication publication, Batch batch, long wallMillis, long nowMillis) {
        List<Event> events = publication.events();
        var ids = new EventId[events.size()];
        for (int i = 0; i < ids.length; i++) {
            newest = newest.next(wallMillis);
            ids[i] = newest;
            batch.entries().add(new Entry(newest, publication.channel(), events.get(i), nowMillis));
        }
        var stored = new Outcome.Stored(List.of(ids));
        Publication.Attempt attempt = publication.attempt();
        if (attempt.isRepeatable()) {
            List<EventId> remembered = attempt.isPart() ? List.of(newest) : stored.ids();
            var receipt = new Receipt(publication.channel(), attempt.key(), attempt.digest(), remembered, nowMillis);
            receipts.find(publication).ifPresent(batch.replaced()::add);
            batch.receipts().add(receipt);
            receipts.add(receipt);
        }
        return stored;
    }

    /** Takes back the ids and receipts of the last batch. */
    public void undo(Batch batch) {
        newest = batch.before();
        // in reverse, so that of each stream the receipt from before the batch is restored last
        for (int i = batch.replaced().size() - 1; i >= 0; i--) {
            receipts.add(batch.replaced().get(i));
        }
        batch.receipts().forEach(receipts::remove);
    }

    /** Returns the answer by the receipt of the publication's key, or nothing if the publication can be stored. */
    public Optional<Outcome> earlier(Publication publication) {
        return publication.attempt().isRepeatable()
                ? receipts.find(publication).flatMap(receipt -> receipt.answer(publication.attempt()))
                : Optional.empty();
    }

    /** Drops receipts from before the time of the {@link AgeClock}. */
    public void dropReceiptsBefore(long millis) {
        receipts.dropBefore(millis);
    }

    /** Returns the newest event id. */
    public EventId newest() {
        return newest;
    }

    /** Returns how many bytes of memory the receipts take. Thread-safe. */
    public long memoryBytes() {
        return receipts.bytes();
    }
}
