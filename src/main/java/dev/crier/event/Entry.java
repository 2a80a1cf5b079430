package dev.crier.event;

/**
 * An event in the log.
 *
 * @param storedMillis when it was stored, by the log's own time, from which its age counts. The id's milliseconds do not
 *     serve for that, because ids never go back when the clock does
 */
public record Entry(EventId id, ChannelName channel, Event event, long storedMillis) {

    /** An entry of a time when the clock and the ids agreed. */
    public Entry(EventId id, ChannelName channel, Event event) {
        this(id, channel, event, id.millis());
    }
}
