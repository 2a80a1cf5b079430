package dev.crier.event;

import java.util.Optional;

/**
 * The newest event of a channel, as far as a {@link Precondition} asks for it.
 *
 * @param isEnd whether the channel has ended with this event
 */
public record NewestEvent(EventId id, boolean isEnd) {

    public static NewestEvent of(Entry entry) {
        return new NewestEvent(entry.id(), entry.event().isEnd());
    }

    /** Returns the id of the event if the channel has ended with it. */
    public Optional<EventId> end() {
        return isEnd ? Optional.of(id) : Optional.empty();
    }
}
