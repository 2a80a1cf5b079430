package dev.crier.bench;

import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** One figure, taken several times. */
record Spread(double median, double least, double most) {

    /** Nothing where there are no values. */
    static Optional<Spread> of(Collection<Double> values) {
        if (values.isEmpty()) {
            return Optional.empty();
        }
        List<Double> sorted = values.stream().sorted().toList();
        int middle = sorted.size() / 2;
        double median = sorted.size() % 2 == 1 ? sorted.get(middle) : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
        return Optional.of(new Spread(median, sorted.get(0), sorted.get(sorted.size() - 1)));
    }

    /** Repetition by repetition, since only what was measured side by side is comparable. */
    static Optional<Spread> ofRatios(Map<Integer, Double> these, Map<Integer, Double> those) {
        return of(these.keySet().stream()
                .filter(those::containsKey)
                .map(repetition -> these.get(repetition) / those.get(repetition))
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
