package dev.crier.event;

import java.util.Optional;

/** A condition on a channel, which the store checks when it stores a publication. */
public sealed interface Precondition {

    Precondition NONE = new None();

    /** Always holds. */
    record None() implements Precondition {}

    /** The channel has no event. */
    record Empty() implements Precondition {}

    /** The newest event of the channel has this id. */
    record Newest(EventId id) implements Precondition {}

    /** @param newest the newest event that the channel has */
    default boolean holds(Optional<EventId> newest) {
        if (this instanceof Newest expected) {
            return newest.filter(expected.id()::equals).isPresent();
        }
        return this instanceof None || newest.isEmpty();
    }

    /** Returns the refusal of a publication whose precondition does not hold. */
    default PublishException refusal(Optional<EventId> newest) {
        String found = newest.map(id -> "the newest event is " + id).orElse("there is no event");
        String expected = this instanceof Newest other ? other.id().toString() : "none";
        return new PublishException(
                PublishException.Reason.PRECONDITION, "channel: " + found + " (expected: " + expected + ")");
    }
}
