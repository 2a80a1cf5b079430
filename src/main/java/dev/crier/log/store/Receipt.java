package dev.crier.log.store;

import dev.crier.event.ChannelName;
import dev.crier.event.EventId;
import java.util.List;

/**
 * Records that a publication with an idempotency key was stored, so that a retry gets the same ids and stores nothing.
 *
 * @param ids of a stream, only the id of the last event
 * @param digest identifies the content, so that another publication with the same key is detected
 * @param atMillis when it was stored, by the {@link AgeClock}
 */
public record Receipt(ChannelName channel, String key, String digest, List<EventId> ids, long atMillis) {}
