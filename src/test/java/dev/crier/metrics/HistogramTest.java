package dev.crier.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HistogramTest {

    private static final double[] BOUNDS = {1, 2, 5};

    private static Histogram histogram(long... counts) {
        return new Histogram(BOUNDS, counts);
    }

    @ParameterizedTest
    @CsvSource({
        "0.5, 0.5, a hundred up to 1 ms, 100, 100, 100, 100",
        "0.99, 0.99, a hundred up to 1 ms, 100, 100, 100, 100",
        "0.5, 1.5, between 1 and 2 ms, 0, 10, 10, 10",
        "0.99, 4.97, 90 up to 1 ms and 10 up to 5, 0, 0, 100, 100",
        "1, 5, 5 ms is the longest, 1, 1, 2, 2",
        "1, 2, 2 ms is the longest, 1, 3, 3, 3",
        "0.5, 5, above the last bound, 0, 0, 0, 3",
        "0.99, 5, some above the last bound, 9, 9, 9, 10"
    })
    void aQuantileIsBetweenTheBoundsOfItsBucket(
            double part, double millis, String meaning, long one, long two, long five, long all) {
        assertEquals(millis, histogram(one, two, five, all).quantile(part).orElseThrow(), 1e-9, meaning);
    }

    @Test
    void withoutDurationsThereIsNoQuantile() {
        assertEquals(OptionalDouble.empty(), histogram(0, 0, 0, 0).quantile(0.5));
        assertEquals(OptionalDouble.empty(), Histogram.empty().quantile(0.5));
        var same = histogram(4, 5, 6, 7);
        assertEquals(OptionalDouble.empty(), same.minus(same).quantile(1));
    }

    @Test
    void theDifferenceIsThatOfThePeriod() {
        Histogram period = histogram(100, 110, 110, 110).minus(histogram(100, 100, 100, 100));
        assertEquals(10, period.count());
        assertEquals(1.5, period.quantile(0.5).orElseThrow(), 1e-9);
    }

    @Test
    void theSumOfChannelsHasTheDurationsOfAll() {
        Histogram sum = Histogram.empty().plus(histogram(1, 1, 1, 1)).plus(Histogram.empty());
        assertEquals(1, sum.count());
        assertEquals(3, sum.plus(histogram(0, 2, 2, 2)).count());
        assertThrows(IllegalArgumentException.class, () -> sum.plus(new Histogram(new double[] {7}, new long[2])));
    }

    @Test
    void thoseOfPrometheusHaveTheDurationsThatWereRecorded() {
        var metrics = new Prometheus(List.of("/news"), Optional::of, Optional.empty(), () -> java.time.Instant.EPOCH);
        metrics.appended(1_500_000, true);
        metrics.appended(15_000_000_000L, true);
        metrics.appended(1_500_000, false);
        Histogram writes = metrics.read().writes();
        assertEquals(2, writes.count());
        assertEquals(2, writes.quantile(0.5).orElseThrow(), 1e-9);
        assertEquals(10_000, writes.quantile(1).orElseThrow(), 1e-9);
        metrics.close();
    }
}
