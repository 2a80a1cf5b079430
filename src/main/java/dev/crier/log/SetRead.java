package dev.crier.log;

import dev.crier.event.ChannelName;
import dev.crier.event.Entry;
import dev.crier.event.EventId;
import java.util.List;
import java.util.Optional;

/**
 * The result of reading a channel set after a position.
 *
 * @param items the gaps, and then the entries, each in the order over all channels
 * @param through the position up to which all channels are read
 * @param more whether another read returns more at once
 */
public record SetRead(List<Item> items, EventId through, boolean more) {

    /** An entry of one of the channels, or a gap in one of them. */
    public sealed interface Item {

        EventId position();
    }

    public record Found(Entry entry) implements Item {

        @Override
        public EventId position() {
            return entry.id();
        }
    }

    /**
     * The channel has lost entries between the position of the read and this one.
     *
     * @param oldest the first entry after it, if there is one
     */
    public record Lost(ChannelName channel, EventId position, Optional<EventId> oldest) implements Item {}

    /** Returns the result of a read that found nothing between the two positions. */
    static SetRead nothing(EventId after, EventId through) {
        return new SetRead(List.of(), EventId.later(after, through), false);
    }
}
