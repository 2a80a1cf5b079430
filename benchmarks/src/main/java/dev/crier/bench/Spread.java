package dev.crier.bench;

import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.DoubleBinaryOperator;

/** Median, minimum and maximum of a value that was measured several times. */
record Spread(double median, double minimum, double maximum) {

    /** Returns empty if there are no values. */
    static Optional<Spread> of(Collection<Double> values) {
        if (values.isEmpty()) {
            return Optional.empty();
        }
        List<Double> sorted = values.stream().sorted().toList();
        int middle = sorted.size() / 2;
        double median = sorted.size() % 2 == 1 ? sorted.get(middle) : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
        return Optional.of(new Spread(median, sorted.get(0), sorted.get(sorted.size() - 1)));
    }

    /**
     * Returns the spread of the ratios or the differences of two participants' values. The operator is applied in each
     * repetition, because only values from the same minutes are comparable.
     */
    static Optional<Spread> of(
            Map<Integer, Double> values, Map<Integer, Double> others, DoubleBinaryOperator operator) {
        return of(values.keySet().stream()
                .filter(others::containsKey)
                .map(repetition -> operator.applyAsDouble(values.get(repetition), others.get(repetition)))
                .toList());
    }

    @Override
    public String toString() {
        return number(median) + " (" + number(minimum) + " to " + number(maximum) + ")";
    }

    /** Formats a number with three significant digits, or with all digits before the decimal point. */
    static String number(double value) {
        int digits = value == 0 ? 1 : (int) Math.floor(Math.log10(Math.abs(value))) + 1;
        return String.format(Locale.ROOT, "%,." + Math.max(0, Math.min(3, 3 - digits)) + "f", value);
    }
}
