package dev.crier.bench;

import java.util.Optional;

/**
 * What is to be reached.
 *
 * @param figure of what
 * @param of the entrant that is to reach it
 * @param against the entrant whose figure is 1; nothing where the bound is in the figure's own unit
 * @param atMost whether less is better
 */
record Goal(Figure figure, String of, Optional<String> against, boolean atMost, double bound) {

    static Goal atMost(Figure figure, String of, double bound, String against) {
        return new Goal(figure, of, Optional.of(against), true, bound);
    }

    static Goal atLeast(Figure figure, String of, double bound, String against) {
        return new Goal(figure, of, Optional.of(against), false, bound);
    }

    static Goal atMost(Figure figure, String of, double bound) {
        return new Goal(figure, of, Optional.empty(), true, bound);
    }

    boolean isReached(Spread spread) {
        return atMost ? spread.median() <= bound : spread.median() >= bound;
    }

    /** In words. */
    String wish() {
        String sign = atMost ? "≤ " : "≥ ";
        return sign + Spread.number(bound) + (against.isPresent() ? "" : " " + figure.unit());
    }
}
