package dev.crier.log;

import dev.crier.event.ChannelName;
import dev.crier.event.EventId;
import dev.crier.log.SetRead.Lost;
import java.util.Collections;
import java.util.Map;

/**
 * What the channels of a set that keep events had lost before their first event at some time.
 *
 * @param channels for each channel, the newest event that it had lost
 * @param others the newest event that any other channel may have lost
 */
public record SetLoss(Map<ChannelName, EventId> channels, EventId others) {

    /** Returns whether the channel had already lost everything that the gap stands for. */
    public boolean includes(Lost gap) {
        return !channels.getOrDefault(gap.channel(), others).isBefore(gap.position());
    }

    /** Returns the last position before which no channel has an event. */
    public EventId first() {
        return channels.isEmpty() ? EventId.FIRST : Collections.min(channels.values());
    }
}
