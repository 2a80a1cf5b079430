package dev.crier.bench;

import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/** One figure, taken several times. */
record Spread(double median, double least, double most) {

    static Spread of(List<Double> values) {
        if (values.isEmpty()) {
            throw new IllegalArgumentException("no values");
        }
        List<Double> sorted = values.stream().sorted().toList();
        int middle = sorted.size() / 2;
        double median = sorted.size() % 2 == 1 ? sorted.get(middle) : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
        return new Spread(median, sorted.get(0), sorted.get(sorted.size() - 1));
    }

    /** Repetition by repetition, since only what was measured side by side is comparable. */
    static Spread ofRatios(List<Double> these, List<Double> those) {
        int pairs = Math.min(these.size(), those.size());
        return of(IntStream.range(0, pairs)
                .mapToObj(i -> these.get(i) / those.get(i))
                .toList());
    }

    @Override
    public String toString() {
        return number(median) + " (" + number(least) + " to " + number(most) + ")";
    }

    /** With three digits that mean something. */
    static String number(double value) {
        int whole = value == 0 ? 1 : (int) Math.floor(Math.log10(Math.abs(value))) + 1;
        return String.format(Locale.ROOT, "%,." + Math.max(0, Math.min(3, 3 - whole)) + "f", value);
    }
}
