package dev.crier.event;

/**
 * An entry's place in the one order over all channels, written {@code <unix ms>-<sequence>}.
 *
 * @param millis when the entry was stored, in milliseconds since 1970, as far as that kept the
 *     order
 * @param sequence tells entries of the same millisecond apart, from 0
 */
public record EventId(long millis, long sequence) implements Comparable<EventId> {

    /** Before every entry. */
    public static final EventId FIRST = new EventId(0, 0);

    public EventId {
        if (millis < 0 || sequence < 0) {
            throw new IllegalArgumentException("event id: " + millis + "-" + sequence + " (expected: none below 0)");
        }
    }

    /** The id after this one at the given time: it rises even where the clock stands or goes back. */
    public EventId next(long nowMillis) {
        return nowMillis > millis ? new EventId(nowMillis, 0) : new EventId(millis, sequence + 1);
    }

    @Override
    public int compareTo(EventId other) {
        int byMillis = Long.compare(millis, other.millis);
        return byMillis != 0 ? byMillis : Long.compare(sequence, other.sequence);
    }

    @Override
    public String toString() {
        return millis + "-" + sequence;
    }
}
