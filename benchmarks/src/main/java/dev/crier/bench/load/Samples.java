package dev.crier.bench.load;

import java.util.Arrays;

/** Collects numbers and computes their quantiles. */
final class Samples {

    private long[] values = new long[1 << 16];
    private int count;

    void add(long value) {
        if (count == values.length) {
            values = Arrays.copyOf(values, 2 * count);
        }
        values[count++] = value;
    }

    /**
     * Returns the quantile.
     *
     * @param fraction 0 to 1; 0.5 is the median
     */
    long quantile(double fraction) {
        if (count == 0) {
            throw new IllegalStateException("no samples");
        }
        long[] sorted = Arrays.copyOf(values, count);
        Arrays.sort(sorted);
        return sorted[(int) Math.min(count - 1, Math.round(fraction * (count - 1)))];
    }
}
