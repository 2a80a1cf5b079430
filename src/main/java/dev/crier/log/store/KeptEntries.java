package dev.crier.log.store;

import java.util.OptionalLong;

/**
 * What a channel keeps at present.
 *
 * @param count the number of entries
 * @param isCut whether there may be more, because counting them all would take long
 * @param oldestMillis when the oldest one was stored, by the wall clock
 */
public record KeptEntries(long count, boolean isCut, OptionalLong oldestMillis) {

    public static final KeptEntries NONE = new KeptEntries(0, false, OptionalLong.empty());
}
