package dev.crier.failures;

import dev.crier.event.EventId;

/**
 * An acknowledged event.
 *
 * @param sent the {@link System#nanoTime} before the first request
 * @param acknowledged the {@link System#nanoTime} after the response
 */
record Published(String channel, String data, EventId id, long sent, long acknowledged) {}
