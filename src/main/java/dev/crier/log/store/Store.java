package dev.crier.log.store;

import dev.crier.event.AlreadyStoredException;
import dev.crier.event.ChannelName;
import dev.crier.event.Entry;
import dev.crier.event.EventId;
import dev.crier.event.NewestEvent;
import dev.crier.event.Publication;
import dev.crier.event.PublishException;
import dev.crier.event.Retention;
import io.vertx.core.Future;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Keeps entries safe and decides their order. A store gives the event ids, remembers idempotency keys, drops what retention
 * does not keep, and shows every entry to the event log, whichever process appended it.
 *
 * <p>The context that opens a store also calls {@link #probe}, {@link #append}, {@link #earlier}, {@link #trim} and {@link
 * #close}. Any thread may call the rest. A future completes on the context of its caller.
 *
 * <p>The file is long because the records that a store takes and returns are here, too.
 */
public interface Store {

    /**
     * The state of a store when it is opened.
     *
     * @param newest the newest event id that was ever given; all later ids come after it
     * @param begin the position at and before which this store has no entries
     * @param floor {@code entries} has all entries after this position, and the newest entry of each channel that keeps the
     *     latest
     * @param dropped for each channel that has lost entries after the floor to retention, the newest of them
     * @param channels the channels that have entries, or for which the store remembers what they have lost
     * @param forgotten the newest entry that any channel outside {@code channels} may have lost
     * @param storedMillis when the newest remaining entry was stored, by the {@link AgeClock}; 0 if there is none
     * @param wallAheadMillis how far the wall clock was ahead of that time
     */
    record Opened(
            EventId newest,
            EventId begin,
            EventId floor,
            List<Entry> entries,
            Map<ChannelName, EventId> dropped,
            Collection<ChannelName> channels,
            EventId forgotten,
            long storedMillis,
            long wallAheadMillis) {

        /** Returns the state of a store without any entry. */
        public static Opened empty(EventId begin) {
            return new Opened(begin, begin, begin, List.of(), Map.of(), List.of(), EventId.FIRST, 0, 0);
        }
    }

    /** The answer to one publication. */
    sealed interface Outcome {

        /** The events are stored under these ids. */
        record Stored(List<EventId> ids) implements Outcome {}

        /** An earlier attempt has stored the events under these ids. */
        record Repeated(List<EventId> ids) implements Outcome {}

        /** Nothing is stored. The reason is a {@link PublishException} or an {@link AlreadyStoredException}. */
        record Refused(RuntimeException reason) implements Outcome {}
    }

    /**
     * Receives the reports of a store. The store calls it on the context that opened the store, and never before the future of
     * {@link #open} has completed. The methods do not throw.
     */
    interface Listener {

        /** Shows entries that were appended after opening, each once, in the order of the ids. */
        void show(List<Entry> entries);

        /** Names channels without entries for which the store no longer remembers what each has lost. */
        default void forget(Collection<ChannelName> channels) {}

        /** Reports that the store cannot append. {@link #probe} succeeds once it can again. */
        default void failed(Throwable cause) {}

        /**
         * Replaces the state of the log in memory, because the store cannot show every entry after those that were shown. The
         * floor of the new state is not before any shown entry. Its entries are those of channels that keep the latest event.
         */
        default void reopen(Opened opened) {}

        /** Returns the newest shown entry of each channel that keeps the latest event. */
        default List<Entry> latest() {
            return List.of();
        }

        /** Returns the newest shown event of the channel, if it is in memory. Thread-safe. */
        default Optional<NewestEvent> newest(ChannelName channel) {
            return Optional.empty();
        }
    }

    /**
     * The connection to a store that several processes share.
     *
     * @param connected whether there is one at present
     * @param delayMillis how long the last answer took; negative if there was none yet
     * @param epoch identifies the time since entries were lost last
     */
    record Shared(boolean connected, double delayMillis, String epoch) {}

    /**
     * A process that shares a store.
     *
     * @param beatMillis how long ago it has reported that it is alive
     * @param self whether it is this process
     */
    record Sharer(String id, long beatMillis, boolean self) {}

    /** A copy of everything that was stored when it was begun. */
    record Backup(Path file, long bytes) {}

    /** Returns about how many bytes of recent entries the event log should have in memory. */
    long recentBytes();

    /**
     * Opens the store, at least for reading. After a failure the event log tries again, except after a {@link
     * dev.crier.config.file.ConfException}, if the store is not a Crier log, and a {@link LogInUseException}.
     *
     * @param clock dates entries and idempotency keys
     */
    Future<Opened> open(AgeClock clock, Listener listener);

    /**
     * Checks whether the store can append and can show what it appends, and repairs what prevents it. Called after opening and
     * after a failed append.
     */
    Future<Void> probe();

    /**
     * Appends the publications in order and returns an outcome for each. All that is stored of them is committed together. If
     * the future fails, nothing is stored, unless it fails with an {@link UnknownOutcomeException}. It completes when a crash
     * cannot undo the commit and the entries were shown. The next call waits for that. Refuses a publication whose
     * precondition does not hold after the publications before it.
     */
    Future<List<Outcome>> append(List<Publication> publications);

    /** Returns the outcome of an earlier attempt with the publication's idempotency key, even if the store cannot append. */
    Future<Optional<Outcome>> earlier(Publication publication);

    /**
     * Returns the newest event id that the store has given, whether or not its entry has been shown here. Fails while {@link
     * #resumption} does not know the primary that gave it.
     */
    Future<EventId> newest();

    /**
     * Returns the position at which a subscriber begins that wants only new events: the newest shown one. While the store shows
     * entries that were appended before it was opened, it is the last of these, and the future waits until it is shown. The
     * future never waits for an entry that is appended later. Thread-safe.
     *
     * @param shown returns the newest shown position
     */
    default Future<EventId> now(Supplier<EventId> shown) {
        return Future.succeededFuture(shown.get());
    }

    /** Returns whether the store may have lost an entry with this id, which it has shown. Thread-safe. */
    default boolean hasLost(EventId id) {
        return false;
    }

    /**
     * Returns where a subscriber goes on after an id: there, or at another position if the store has never given that id, so
     * that the subscriber may have missed entries. Thread-safe.
     */
    default EventId resumption(EventId position) {
        return position;
    }

    /**
     * Returns the position up to which reads of several channels after a position may go on, at most the given one. Entries of
     * any channel may be missing after that, which only a read from there reports. Thread-safe.
     */
    default EventId readableThrough(EventId after, EventId through) {
        return through;
    }

    /**
     * Returns the channel's entries after the one position and up to the other, or the gap there.
     *
     * @param maxBytes the read stops after the entry that reaches this size
     */
    Future<ReadResult> read(ChannelName channel, EventId after, EventId through, long maxBytes, Requester requester);

    /** Returns the gap that such a read would find, much cheaper. It ends at {@code after} if nothing is missing. */
    Future<ReadResult.Gap> gap(ChannelName channel, EventId after, Requester requester);

    /** Returns the newest event of a channel that has no entry in the event log's memory. */
    Future<Optional<NewestEvent>> newest(ChannelName channel, Requester requester);

    /** Returns what a channel keeps. Called only if memory does not have all of its entries. Thread-safe. */
    default Future<KeptEntries> kept(ChannelName channel) {
        return Future.succeededFuture(KeptEntries.NONE);
    }

    /** Returns the connection to the store, if several processes share it. Thread-safe. */
    default Optional<Shared> shared() {
        return Optional.empty();
    }

    /** Returns all processes that share the store. Asks the store. */
    default Future<List<Sharer>> sharers() {
        return Future.succeededFuture(List.of());
    }

    /** Writes a copy beside the store while everything else goes on. */
    Future<Backup> backup();

    /**
     * Takes one small step: drops entries that are beyond their channel's {@link Retention}, and old receipts. Returns whether
     * there is more to do.
     *
     * @param nowMillis the time of the {@link AgeClock}
     * @param receiptsMillis receipts from before this time are dropped
     * @param wallAheadMillis how far the wall clock is ahead of {@code nowMillis}
     * @param settled entries after this position have not been shown, and are not dropped for being too many
     */
    Future<Boolean> trim(long nowMillis, long receiptsMillis, long wallAheadMillis, EventId settled);

    /** Returns about how many bytes of memory the store takes for idempotency keys. */
    long memoryBytes();

    /** Returns the size of the store on disk. May block. */
    long fileBytes();

    /** Closes the store, whether or not it was opened. */
    Future<Void> close();
}
