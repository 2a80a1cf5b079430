package dev.crier.bench;

import dev.crier.bench.load.Metric;
import java.util.Optional;

/**
 * A result that a participant should reach.
 *
 * @param participant the name of the participant that should reach it
 * @param against the name of the participant to compare with; if empty, the bound is for the value itself
 * @param difference whether the bound is for the difference of the two values, in the metric's unit; otherwise it is for
 *     their ratio
 * @param atMost whether the bound is a maximum; otherwise it is a minimum
 */
record Goal(
        Metric metric, String participant, Optional<String> against, boolean difference, boolean atMost, double bound) {

    static Goal atMost(Metric metric, String participant, double bound, String against) {
        return new Goal(metric, participant, Optional.of(against), false, true, bound);
    }

    static Goal atLeast(Metric metric, String participant, double bound, String against) {
        return new Goal(metric, participant, Optional.of(against), false, false, bound);
    }

    /** Returns a goal for the difference of the participant's value and the other's. */
    static Goal addsAtMost(Metric metric, String participant, double bound, String to) {
        return new Goal(metric, participant, Optional.of(to), true, true, bound);
    }

    static Goal atMost(Metric metric, String participant, double bound) {
        return new Goal(metric, participant, Optional.empty(), false, true, bound);
    }

    /** Returns the subject of the goal as text, such as {@code Crier / nchan}. */
    String subject() {
        return participant
                + against.map(other -> (difference ? " − " : " / ") + other).orElse("");
    }

    boolean isReached(Spread spread) {
        return atMost ? spread.median() <= bound : spread.median() >= bound;
    }

    /** Returns the bound as text, such as {@code ≤ 0.850}. */
    String condition() {
        String sign = atMost ? "≤ " : "≥ ";
        return sign + Spread.number(bound) + (against.isPresent() && !difference ? "" : " " + metric.unit());
    }
}
