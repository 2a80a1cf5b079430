package dev.crier.event;

/**
 * An event in the log.
 *
 * @param storedMillis when the event was stored, by the log's own clock. Its age counts from there and not from the id,
 *     because ids do not go back when the wall clock does
 */
public record Entry(EventId id, ChannelName channel, Event event, long storedMillis) {

    /** Creates an entry that was stored at the time of its id. */
    public Entry(EventId id, ChannelName channel, Event event) {
        this(id, channel, event, id.millis());
    }
}
