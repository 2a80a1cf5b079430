package dev.crier.log;

import dev.crier.event.ChannelName;
import dev.crier.event.EventId;
import dev.crier.log.SetRead.Lost;
import java.util.Map;

/**
 * The newest event that each channel of a set had lost when it was asked.
 *
 * @param channels without the channels of a family that have lost no more than the family
 * @param others the newest event that any other channel may have lost
 * @param first the last position before which no channel has an event
 */
public record SetLoss(Map<ChannelName, EventId> channels, EventId others, EventId first) {

    /** Returns whether the channel had already lost everything that the gap stands for. */
    public boolean includes(Lost gap) {
        return !channels.getOrDefault(gap.channel(), others).isBefore(gap.position());
    }
}
