package dev.crier.metrics;

import java.util.Arrays;
import java.util.OptionalDouble;

/**
 * How many durations were at most as long as each of some bounds. Immutable.
 *
 * @see #minus for those of a period
 */
public final class Histogram {

    private final double[] bounds;

    /** For each bound, the number of durations up to it. One more than the bounds, because the last is the number of all. */
    private final long[] counts;

    /**
     * @param bounds in milliseconds, rising
     * @param counts the number of durations up to each bound, and last the number of all
     */
    public Histogram(double[] bounds, long[] counts) {
        if (counts.length != bounds.length + 1) {
            throw new IllegalArgumentException(counts.length + " counts for " + bounds.length + " bounds");
        }
        this.bounds = bounds.clone();
        this.counts = counts.clone();
    }

    /** Returns a histogram without durations, which any other can be added to. */
    public static Histogram empty() {
        return new Histogram(new double[0], new long[1]);
    }

    /** Returns how many durations there are. */
    public long count() {
        return counts[counts.length - 1];
    }

    /** Returns the durations of both, which have the same bounds unless one is empty. */
    public Histogram plus(Histogram other) {
        return bounds.length == 0 ? other : combined(other, 1);
    }

    /** Returns the durations that were added since the earlier histogram. */
    public Histogram minus(Histogram earlier) {
        return combined(earlier, -1);
    }

    private Histogram combined(Histogram other, int sign) {
        if (other.bounds.length == 0) {
            return this;
        }
        if (!Arrays.equals(bounds, other.bounds)) {
            throw new IllegalArgumentException("two histograms with different bounds");
        }
        var sum = new long[counts.length];
        // the counts were read one after another while others were added, so a difference may be negative
        Arrays.setAll(sum, i -> Math.max(0, counts[i] + sign * other.counts[i]));
        return new Histogram(bounds, sum);
    }

    /**
     * Returns about the duration in milliseconds that this part of all durations does not exceed: between the bounds, durations
     * count as evenly spread. Above the last bound, returns that bound. Empty without durations.
     */
    public OptionalDouble quantile(double part) {
        if (count() == 0) {
            return OptionalDouble.empty();
        }
        double rank = part * count();
        for (int i = 0; i < bounds.length; i++) {
            if (counts[i] >= rank && counts[i] > 0) {
                double low = i == 0 ? 0 : bounds[i - 1];
                long before = i == 0 ? 0 : counts[i - 1];
                double share = counts[i] == before ? 1 : (rank - before) / (counts[i] - before);
                return OptionalDouble.of(low + (bounds[i] - low) * share);
            }
        }
        return OptionalDouble.of(bounds.length == 0 ? 0 : bounds[bounds.length - 1]);
    }
}
