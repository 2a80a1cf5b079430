package dev.crier.http;

import dev.crier.event.AlreadyStoredException;
import dev.crier.event.Event;
import dev.crier.event.EventId;
import dev.crier.event.Publication.Attempt;
import dev.crier.event.PublishException;
import dev.crier.event.StreamDigest;
import java.util.List;
import java.util.Optional;

/**
 * The part of a streamed body that is stored: its first events. If the request has a key, another request may have stored them,
 * so that they are skipped here. Only their digest is kept, so a long body takes no memory. Without a key, there is no digest.
 */
final class StoredPart {

    private final String key;

    /** The events that are stored or skipped, if there is a key. */
    private StreamDigest digest = StreamDigest.NONE;

    /** The events that are stored already, which this body skips; null while it skips none. */
    private StreamDigest skipTo;

    /** The id of the last of these events. */
    private EventId skipToId;

    private long count;

    /** The {@link #count} when the skipping began. Until it ends, the skipped events may be others than those that are stored. */
    private long compared;

    private Optional<EventId> last = Optional.empty();

    /** @param key "" for none */
    StoredPart(String key) {
        this.key = key;
    }

    boolean hasKey() {
        return !key.isEmpty();
    }

    /** Returns the digest after these events. */
    StreamDigest after(List<Event> next) {
        StreamDigest after = digest;
        if (hasKey()) {
            for (Event event : next) {
                after = after.with(event);
            }
        }
        return after;
    }

    /** Returns the attempt to store the events whose digest {@link #after} has returned. */
    Attempt attempt(StreamDigest after) {
        return hasKey() ? Attempt.ofPart(key, digest, after) : Attempt.ONCE;
    }

    /** Records that events were stored. */
    void stored(List<Event> events, StreamDigest after, EventId lastId) {
        digest = after;
        count(events);
        last = Optional.of(lastId);
    }

    private void count(List<Event> events) {
        boolean ends = events.get(events.size() - 1).isEnd();
        count += ends ? events.size() - 1 : events.size();
    }

    /**
     * Begins to skip, because other events are stored under the key than those before an append.
     *
     * @throws PublishException if the body has other content
     */
    void skip(AlreadyStoredException already) {
        if (already.stored().count() < digest.count()) { // the store has lost events, or the key has expired meanwhile
            count = already.stored().count();
            throw new PublishException(
                    PublishException.Reason.UNAVAILABLE,
                    "only " + already.stored().count() + " of " + digest.count()
                            + " events are stored under the Idempotency-Key (expected: the whole body again)");
        }
        skipTo = already.stored();
        skipToId = already.last();
        compared = count;
        compare();
    }

    /** Returns whether the next events of the body are stored already, so that they must be skipped. */
    boolean isSkipping() {
        return skipTo != null;
    }

    /**
     * Skips the first of these events, as far as they are stored already.
     *
     * @return how many are skipped
     * @throws PublishException if the body has other content
     */
    int skip(List<Event> next) {
        int skipped = 0;
        while (skipped < next.size() && digest.count() < skipTo.count()) {
            digest = digest.with(next.get(skipped++));
        }
        count(next.subList(0, skipped));
        compare();
        return skipped;
    }

    private void compare() {
        if (digest.count() < skipTo.count()) {
            return;
        }
        if (!digest.equals(skipTo)) {
            count = compared;
            throw new PublishException(
                    PublishException.Reason.KEY_REUSED,
                    "body: not the content that is stored under the Idempotency-Key, within the first " + skipTo.count()
                            + " events (expected: the same body again, or another key)");
        }
        last = Optional.of(skipToId);
        skipTo = null;
    }

    /** Returns why the body cannot end here, or nothing if all that is stored under the key has been skipped. */
    Optional<PublishException> missing() {
        return isSkipping()
                ? Optional.of(new PublishException(
                        PublishException.Reason.KEY_REUSED,
                        "body: ended after " + digest.count() + " of " + skipTo.count()
                                + " events that are stored under the Idempotency-Key (expected: the whole body again)"))
                : Optional.empty();
    }

    /** Returns how many events of the body are stored, without the end of the channel. */
    long count() {
        return count;
    }

    /** Returns the id of the last of these events, or of the end. */
    Optional<EventId> last() {
        return last;
    }

    /** Returns the id of the last event that is stored for this body, even if it has not been compared. */
    Optional<EventId> newest() {
        return isSkipping() ? Optional.of(skipToId) : last;
    }
}
