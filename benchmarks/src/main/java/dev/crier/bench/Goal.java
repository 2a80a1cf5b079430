package dev.crier.bench;

import dev.crier.bench.load.Metric;
import java.util.Optional;

/**
 * A result that a participant should reach.
 *
 * @param participant the name of the participant that should reach it
 * @param against the name of the participant to compare with: the bound is a ratio of the two values. If empty, the bound is
 *     in the metric's unit
 * @param atMost whether the bound is a maximum; otherwise it is a minimum
 */
record Goal(Metric metric, String participant, Optional<String> against, boolean atMost, double bound) {

    static Goal atMost(Metric metric, String participant, double bound, String against) {
        return new Goal(metric, participant, Optional.of(against), true, bound);
    }

    static Goal atLeast(Metric metric, String participant, double bound, String against) {
        return new Goal(metric, participant, Optional.of(against), false, bound);
    }

    static Goal atMost(Metric metric, String participant, double bound) {
        return new Goal(metric, participant, Optional.empty(), true, bound);
    }

    boolean isReached(Spread spread) {
        return atMost ? spread.median() <= bound : spread.median() >= bound;
    }

    /** Returns the bound as text, such as {@code ≤ 0.850}. */
    String condition() {
        String sign = atMost ? "≤ " : "≥ ";
        return sign + Spread.number(bound) + (against.isPresent() ? "" : " " + metric.unit());
    }
}
