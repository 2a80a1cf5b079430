package dev.crier;

import dev.crier.event.ChannelName;
import dev.crier.event.Event;
import dev.crier.event.Publication;
import java.util.List;

/** Checks what an application passes to {@link Crier}, because null would otherwise fail later, without a word about its cause. */
final class Arguments {

    private Arguments() {}

    /** @throws IllegalArgumentException if the value is null */
    static <T> T notNull(T value, String name, String expected) {
        if (value == null) {
            throw new IllegalArgumentException(name + ": null (expected: " + expected + ")");
        }
        return value;
    }

    /** @throws IllegalArgumentException if the name is not valid */
    static ChannelName channel(String name) {
        return new ChannelName(notNull(name, "channel", "a path such as /news"));
    }

    /** @throws IllegalArgumentException if the name or the event is not valid */
    static Publication publication(String channel, Event event) {
        return publication(channel, event, Publication.Attempt.ONCE);
    }

    /** @throws IllegalArgumentException if the name, the event or the key is not valid */
    static Publication publication(String channel, Event event, String key) {
        notNull(key, "key", Publication.Attempt.EXPECTED_KEY);
        if (!Publication.Attempt.isKey(key)) {
            throw new IllegalArgumentException(
                    "key: not a valid key (expected: " + Publication.Attempt.EXPECTED_KEY + ")");
        }
        return publication(channel, event, Publication.Attempt.of(key, event(event)));
    }

    private static Publication publication(String channel, Event event, Publication.Attempt attempt) {
        return new Publication(channel(channel), List.of(event(event)), attempt);
    }

    private static Event event(Event event) {
        if (!Event.isText(notNull(event, "event", "a dev.crier.event.Event").data())) {
            throw new IllegalArgumentException("data: an unpaired surrogate (expected: a text)");
        }
        return event;
    }
}
