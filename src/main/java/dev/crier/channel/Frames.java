package dev.crier.channel;

import dev.crier.event.EventId;
import io.vertx.core.buffer.Buffer;

/**
 * Wire bytes for all subscribers at one place.
 *
 * @param through the place they reach
 * @param bytes may be none: then there was nothing up to there
 * @param more whether there is more to read at once
 */
record Frames(EventId through, Buffer bytes, boolean more) {}
