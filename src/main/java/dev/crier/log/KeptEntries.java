package dev.crier.log;

import java.util.OptionalLong;

/**
 * What a channel keeps at present.
 *
 * @param count the number of entries
 * @param oldestMillis when the oldest one was stored, by the wall clock
 */
public record KeptEntries(int count, OptionalLong oldestMillis) {}
