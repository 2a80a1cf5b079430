package dev.crier.log;

import dev.crier.event.ChannelName;
import dev.crier.event.Entry;
import dev.crier.event.EventId;
import io.vertx.core.Future;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/**
 * What outlives the process. Ids, order, retries and what is recent are the log's; a store keeps entries safe, trims
 * them, and reads those that are no longer recent. Its futures complete on the context of the caller.
 */
public interface Store {

    /**
     * What was stored before.
     *
     * @param newest the newest id there ever was; whatever is stored from now on comes after it
     * @param begin nothing at or before this place can be read from here
     * @param floor {@code entries} are all that come after this place, and the newest of each channel that keeps the
     *     latest
     * @param channels all of which there is something, or of which {@code dropped} or its like is stored
     * @param forgotten the newest entry that a channel which is not among them may have lost
     * @param storedMillis when the newest entry that is still there was stored, by the log's own time; 0 if there is none
     * @param wallAheadMillis how far the wall clock was ahead of that time
     * @param dropped of channels whose retention has taken entries after the floor: the newest one taken
     */
    record Opened(
            EventId newest,
            EventId begin,
            EventId floor,
            List<Entry> entries,
            Map<ChannelName, EventId> dropped,
            List<Receipt> receipts,
            Collection<ChannelName> channels,
            EventId forgotten,
            long storedMillis,
            long wallAheadMillis) {

        /** Nothing was stored before. */
        static Opened empty(EventId begin) {
            return new Opened(begin, begin, begin, List.of(), Map.of(), List.of(), List.of(), EventId.FIRST, 0, 0);
        }
    }

    /**
     * One step of a trim.
     *
     * @param more whether there is more to do
     * @param forgotten channels without entries of which it is no longer stored what each has lost
     */
    record Trimmed(boolean more, Collection<ChannelName> forgotten) {}

    /** About how much of what is recent the log is to have in memory. */
    long recentBytes();

    /**
     * Opens it, at least for reading. What fails may be tried again, but for these:
     *
     * @throws dev.crier.config.file.ConfException as the failure, if the store is not what it should be
     * @throws LogInUseException as the failure, if another Crier has it
     */
    Future<Opened> open(long nowMillis);

    /** Finds out whether it can store, after it was opened or an append has failed, and does what that needs. */
    Future<Void> probe();

    /** Stores all or nothing; complete when a crash cannot undo it. */
    Future<Void> append(List<Entry> entries, List<Receipt> receipts);

    /** Returns the channel's entries after the one position and up to the other, or the gap there. */
    Future<ReadResult> read(ChannelName channel, EventId after, EventId through, Requester requester);

    /** Returns the gap that such a read would find, at a fraction of the cost; one that ends where it begins is none. */
    Future<ReadResult.Gap> gap(ChannelName channel, EventId after, Requester requester);

    /** A copy of all that was stored when it was begun. */
    record Backup(Path file, long bytes) {}

    /** Writes a copy beside the store while all else goes on. */
    Future<Backup> backup();

    /**
     * Takes one small step at dropping entries that are no longer kept, and receipts from before the other time.
     *
     * @param nowMillis the log's own time, by which entries and receipts were stored
     * @param wallAheadMillis how far the wall clock is ahead of it
     * @param settled what comes after this position is not yet shown, and is not dropped for being too many
     */
    Future<Trimmed> trim(long nowMillis, long receiptsMillis, long wallAheadMillis, EventId settled);

    /** How much of the disk it takes, in bytes; for any thread that may wait. */
    long fileBytes();

    /** Closes it, whether or not it was opened. */
    Future<Void> close();
}
