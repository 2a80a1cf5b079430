package dev.crier.event;

import java.time.Duration;

/** Which events a channel keeps. */
public sealed interface Retention {

    /** Returns how many events the channel keeps at most. */
    int maxEvents();

    /** Returns whether the channel can be ended. */
    default boolean ends() {
        return false;
    }

    /** Only the newest event, which is a state. A subscriber that lags gets the newest one, and there are no gaps. */
    record Latest() implements Retention {

        @Override
        public int maxEvents() {
            return 1;
        }
    }

    /**
     * The newest events by number and age.
     *
     * @param count at least 1; {@link #ANY_NUMBER} for no limit
     * @param age more than zero; {@link #ANY_AGE} for no limit
     * @param ends whether the channel can be ended. It then takes no event after its end, until retention has dropped the end
     */
    record Events(int count, Duration age, boolean ends) implements Retention {

        public static final int ANY_NUMBER = Integer.MAX_VALUE;
        public static final Duration ANY_AGE = Duration.ofDays(366_000);

        public Events {
            if (count < 1 || age.isNegative() || age.isZero()) {
                throw new IllegalArgumentException("keep: " + count + " events, " + age);
            }
        }

        /** Creates the retention of a channel that cannot be ended. */
        public Events(int count, Duration age) {
            this(count, age, false);
        }

        @Override
        public int maxEvents() {
            return count;
        }
    }
}
