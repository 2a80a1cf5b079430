package dev.crier.event;

import java.time.Duration;

/** What a channel keeps. */
public sealed interface Retention {

    /** How many events, at the most. */
    int most();

    /**
     * A state: only the newest event counts. A reader that lags is given that one and nothing stale, and nothing is
     * ever a gap.
     */
    record Latest() implements Retention {

        @Override
        public int most() {
            return 1;
        }
    }

    /**
     * Every event matters, until it is one of more than {@code count}, or older than {@code age}.
     *
     * @param count at least 1; {@link #ANY_NUMBER} for no bound
     * @param age more than zero; {@link #ANY_AGE} for no bound
     */
    record Events(int count, Duration age) implements Retention {

        public static final int ANY_NUMBER = Integer.MAX_VALUE;
        public static final Duration ANY_AGE = Duration.ofDays(366_000);

        public Events {
            if (count < 1 || age.isNegative() || age.isZero()) {
                throw new IllegalArgumentException("keep: " + count + " events, " + age);
            }
        }

        @Override
        public int most() {
            return count;
        }
    }
}
