package dev.crier.bench;

import java.util.Arrays;

/** Numbers of which quantiles are wanted. */
final class Samples {

    private long[] values = new long[1 << 16];
    private int count;

    void add(long value) {
        if (count == values.length) {
            values = Arrays.copyOf(values, 2 * count);
        }
        values[count++] = value;
    }

    int count() {
        return count;
    }

    /**
     * The value below which so large a part of all lies.
     *
     * @param part 0 to 1
     */
    long quantile(double part) {
        if (count == 0) {
            throw new IllegalStateException("no samples");
        }
        long[] sorted = Arrays.copyOf(values, count);
        Arrays.sort(sorted);
        return sorted[(int) Math.min(count - 1, Math.round(part * (count - 1)))];
    }
}
