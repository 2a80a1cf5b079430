package dev.crier.bench.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

class SamplesTest {

    @Test
    void quantilesAreComputedFromAllSamples() {
        var samples = new Samples();
        for (long value = 100_000; value >= 0; value--) {
            samples.add(value);
        }
        assertEquals(50_000, samples.quantile(0.5));
        assertEquals(99_000, samples.quantile(0.99));
        assertEquals(100_000, samples.quantile(1));
    }

    @Test
    void noSamplesHaveNoQuantile() {
        assertThrows(IllegalStateException.class, () -> new Samples().quantile(0.5));
    }
}
