package dev.crier.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.DoubleBinaryOperator;
import org.junit.jupiter.api.Test;

class SpreadTest {

    private static final DoubleBinaryOperator RATIO = (value, other) -> value / other;

    @Test
    void aSpreadIsTheMedianTheMinimumAndTheMaximum() {
        assertEquals(Optional.of(new Spread(2, 1, 9)), Spread.of(List.of(9.0, 1.0, 2.0)));
        assertEquals(Optional.of(new Spread(1.5, 1, 2)), Spread.of(List.of(2.0, 1.0)));
        assertEquals(Optional.empty(), Spread.of(List.of()));
    }

    @Test
    void aRatioComparesValuesOfTheSameRepetition() {
        assertEquals(
                Optional.of(new Spread(0.5, 0.5, 2)),
                Spread.of(Map.of(1, 1.0, 2, 4.0, 3, 5.0), Map.of(1, 2.0, 2, 2.0, 3, 10.0), RATIO));
    }

    @Test
    void aDifferenceIsTakenInEachRepetitionAndMayBeNegative() {
        assertEquals(
                Optional.of(new Spread(1, -0.5, 2)),
                Spread.of(Map.of(1, 1.0, 2, 4.0, 3, 3.0), Map.of(1, 1.5, 2, 2.0, 3, 2.0), (one, other) -> one - other));
    }

    @Test
    void aRepetitionThatLacksOneOfTheValuesHasNoRatio() {
        assertEquals(Optional.of(new Spread(2, 2, 2)), Spread.of(Map.of(1, 9.0, 2, 4.0), Map.of(2, 2.0), RATIO));
        assertEquals(Optional.empty(), Spread.of(Map.of(1, 9.0), Map.of(2, 2.0), RATIO));
    }

    @Test
    void numbersHaveThreeSignificantDigits() {
        assertEquals("0.123", Spread.number(0.1234));
        assertEquals("1.23", Spread.number(1.234));
        assertEquals("12,346", Spread.number(12_345.6));
        assertEquals("0.00", Spread.number(0));
    }
}
