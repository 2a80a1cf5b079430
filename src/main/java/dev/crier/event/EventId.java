package dev.crier.event;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An entry's position in the one order over all channels, written {@code <unix ms>-<sequence>}.
 *
 * @param millis when the entry was stored, in milliseconds since 1970; later than that if the clock was set back, because ids
 *     only rise
 * @param sequence numbers the entries of a millisecond from 0
 */
public record EventId(long millis, long sequence) implements Comparable<EventId> {

    /** The position before every entry. */
    public static final EventId FIRST = new EventId(0, 0);

    /** The largest number with as many digits as {@link #parse} accepts. As milliseconds, it is 30,000 years away. */
    private static final long MAX = 999_999_999_999_999L;

    /** The position after every entry. */
    public static final EventId LAST = new EventId(MAX, MAX);

    private static final Pattern FORM = Pattern.compile("(0|[1-9]\\d{0,14})-(0|[1-9]\\d{0,14})");

    public EventId {
        if (millis < 0 || sequence < 0 || millis > MAX || sequence > MAX) {
            throw new IllegalArgumentException("event id: " + millis + "-" + sequence + " (expected: 0.." + MAX + ")");
        }
    }

    /** Parses an id in the form that Crier writes. Returns nothing for any other text. */
    public static Optional<EventId> parse(String text) {
        Matcher id = FORM.matcher(text);
        return id.matches()
                ? Optional.of(new EventId(Long.parseLong(id.group(1)), Long.parseLong(id.group(2))))
                : Optional.empty();
    }

    /** Returns the position before every entry of the millisecond. */
    public static EventId before(long millis) {
        return millis <= 0 ? FIRST : new EventId(Math.min(millis - 1, MAX), MAX);
    }

    /** Returns whether this is a position between two milliseconds, and not the id of an entry. */
    public boolean isInstant() {
        return sequence == MAX;
    }

    /** Returns the next id at the given time. It comes after this one even if the clock stands still or goes back. */
    public EventId next(long nowMillis) {
        return nowMillis > millis ? new EventId(nowMillis, 0) : new EventId(millis, sequence + 1);
    }

    public boolean isBefore(EventId other) {
        return compareTo(other) < 0;
    }

    public static EventId later(EventId one, EventId other) {
        return one.isBefore(other) ? other : one;
    }

    @Override
    public int compareTo(EventId other) {
        int byMillis = Long.compare(millis, other.millis);
        return byMillis != 0 ? byMillis : Long.compare(sequence, other.sequence);
    }

    /**
     * Compares the numbers. Written by hand, like {@link #hashCode}, because the first generated method of a record takes 2 % of
     * the start-up time.
     */
    @Override
    public boolean equals(Object other) {
        return other instanceof EventId that && millis == that.millis && sequence == that.sequence;
    }

    @Override
    public int hashCode() {
        return 31 * Long.hashCode(millis) + Long.hashCode(sequence);
    }

    @Override
    public String toString() {
        return millis + "-" + sequence;
    }
}
