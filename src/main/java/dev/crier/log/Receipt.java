package dev.crier.log;

import dev.crier.event.ChannelName;
import dev.crier.event.EventId;
import java.util.List;

/** That a publication with a key has been stored, so that its retry is answered and not stored again. */
public record Receipt(ChannelName channel, String key, String digest, List<EventId> ids, long atMillis) {}
