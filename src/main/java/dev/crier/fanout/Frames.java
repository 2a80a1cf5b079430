package dev.crier.fanout;

import dev.crier.event.EventId;
import io.vertx.core.buffer.Buffer;

/**
 * Wire bytes for all subscribers at one place.
 *
 * @param through the place they reach
 * @param bytes may be none: then there was nothing up to there
 * @param more whether there is more to read at once
 * @param events how many the bytes are of; none if they tell of a gap
 * @param sinceMillis when the oldest of them was published, in milliseconds since 1970
 */
record Frames(EventId through, Buffer bytes, boolean more, int events, long sinceMillis) {}
