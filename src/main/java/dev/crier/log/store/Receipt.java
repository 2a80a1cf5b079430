package dev.crier.log.store;

import dev.crier.event.AlreadyStoredException;
import dev.crier.event.ChannelName;
import dev.crier.event.EventId;
import dev.crier.event.Publication.Attempt;
import dev.crier.event.PublishException;
import dev.crier.event.StreamDigest;
import dev.crier.log.store.Store.Outcome;
import java.util.List;
import java.util.Optional;

/**
 * Records that a publication with an idempotency key was stored, so that a retry gets the same ids and stores nothing. A stream
 * has one receipt, which each of its parts replaces.
 *
 * @param digest identifies the content, so that another publication with the same key is detected
 * @param ids of a stream, only the id of the last event
 * @param atMillis when it was stored, by the {@link AgeClock}
 */
public record Receipt(ChannelName channel, String key, String digest, List<EventId> ids, long atMillis) {

    /** Returns the answer to a later publication with the key, or nothing if it is the next part of the same stream. */
    Optional<Outcome> answer(Attempt later) {
        return answer(later, digest, ids);
    }

    /**
     * Returns the answer to a later publication with the key of a receipt, or nothing if it is the next part of the same stream.
     *
     * @param digest the digest of the receipt
     * @param ids the ids of the receipt
     */
    public static Optional<Outcome> answer(Attempt later, String digest, List<EventId> ids) {
        if (!later.isPart()) {
            return Optional.of(
                    digest.equals(later.digest()) ? new Outcome.Repeated(ids) : new Outcome.Refused(keyReused()));
        }
        if (digest.equals(later.before())) {
            return Optional.empty();
        }
        Optional<RuntimeException> skip =
                StreamDigest.parse(digest).map(stored -> new AlreadyStoredException(stored, ids.get(0)));
        return Optional.of(new Outcome.Refused(skip.orElseGet(Receipt::keyReused)));
    }

    /** Returns the refusal of a publication whose key has been used for another one. */
    public static PublishException keyReused() {
        return new PublishException(
                PublishException.Reason.KEY_REUSED,
                "key: used for something else (expected: a key of its own for each publication)");
    }
}
