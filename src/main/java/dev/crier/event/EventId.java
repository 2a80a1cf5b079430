package dev.crier.event;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An entry's place in the one order over all channels, written {@code <unix ms>-<sequence>}.
 *
 * @param millis when the entry was stored, in milliseconds since 1970, as far as that kept the order
 * @param sequence tells entries of the same millisecond apart, from 0
 */
public record EventId(long millis, long sequence) implements Comparable<EventId> {

    /** Before every entry. */
    public static final EventId FIRST = new EventId(0, 0);

    /** So large that it is never reached, and no larger than what is read back. */
    private static final long MOST = 999_999_999_999_999L;

    /** After every entry. */
    public static final EventId LAST = new EventId(MOST, MOST);

    private static final Pattern WRITTEN = Pattern.compile("(0|[1-9]\\d{0,14})-(0|[1-9]\\d{0,14})");

    public EventId {
        if (millis < 0 || sequence < 0 || millis > MOST || sequence > MOST) {
            throw new IllegalArgumentException("event id: " + millis + "-" + sequence + " (expected: 0.." + MOST + ")");
        }
    }

    /** The id that is written so; none for a text that Crier never wrote. */
    public static Optional<EventId> parse(String text) {
        Matcher id = WRITTEN.matcher(text);
        return id.matches()
                ? Optional.of(new EventId(Long.parseLong(id.group(1)), Long.parseLong(id.group(2))))
                : Optional.empty();
    }

    /** The place before every entry of the millisecond. */
    public static EventId before(long millis) {
        return millis <= 0 ? FIRST : new EventId(Math.min(millis - 1, MOST), MOST);
    }

    /** The id after this one at the given time: it rises even where the clock stands or goes back. */
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

    /** Written out, as {@link #hashCode} is: the first that Java makes for a record costs a fiftieth of the start. */
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
