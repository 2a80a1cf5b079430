package dev.crier.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.StringReader;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.xml.sax.InputSource;

class FiguresTest {

    private static final Work FAN_OUT = Work.all(1).get(0);

    @Test
    void aSpreadHasTheMedianAndTheEnds() {
        assertEquals(Optional.of(new Spread(2, 1, 9)), Spread.of(List.of(9.0, 1.0, 2.0)));
        assertEquals(Optional.of(new Spread(1.5, 1, 2)), Spread.of(List.of(2.0, 1.0)));
        assertEquals(Optional.empty(), Spread.of(List.of()));
    }

    @Test
    void ratiosAreTakenRepetitionByRepetition() {
        assertEquals(
                Optional.of(new Spread(0.5, 0.5, 2)),
                Spread.ofRatios(Map.of(1, 1.0, 2, 4.0, 3, 5.0), Map.of(1, 2.0, 2, 2.0, 3, 10.0)));
    }

    @Test
    void aRepetitionInWhichOneDidNotComeThroughHasNoRatio() {
        assertEquals(Optional.of(new Spread(2, 2, 2)), Spread.ofRatios(Map.of(1, 9.0, 2, 4.0), Map.of(2, 2.0)));
        assertEquals(Optional.empty(), Spread.ofRatios(Map.of(1, 9.0), Map.of(2, 2.0)));
    }

    @Test
    void numbersHaveThreeDigitsThatMeanSomething() {
        assertEquals("0.123", Spread.number(0.1234));
        assertEquals("1.23", Spread.number(1.234));
        assertEquals("12,346", Spread.number(12_345.6));
        assertEquals("0.00", Spread.number(0));
    }

    @Test
    void quantilesAreOfAllThatWasAdded() {
        var samples = new Samples();
        for (long value = 100_000; value >= 0; value--) {
            samples.add(value);
        }
        assertEquals(50_000, samples.quantile(0.5));
        assertEquals(99_000, samples.quantile(0.99));
        assertEquals(100_000, samples.quantile(1));
        assertThrows(IllegalStateException.class, () -> new Samples().quantile(0.5));
    }

    @Test
    void theKernelHasThisProcessOnAccount() {
        Accounting accounting = Accounting.of(ProcessHandle.current());
        double before = accounting.cpuSeconds();
        long spun = 0;
        while (accounting.cpuSeconds() < before + 0.05) {
            spun++;
        }
        assertTrue(spun > 0);
        assertTrue(accounting.residentBytes() > 10 << 20);
    }

    @Test
    void theReportSaysWhatWasReachedAndWhatWasMissedAndWhoWasNotThere() throws IOException {
        var results = new Results();
        List<Entrant> entrants = FAN_OUT.entrants();
        results.add(FAN_OUT, entrants.get(0), 1, Map.of(Figure.SERVER_CPU, 10.0));
        results.add(FAN_OUT, entrants.get(1), 1, Map.of(Figure.SERVER_CPU, 20.0));
        results.add(FAN_OUT, entrants.get(2), 1, Map.of(Figure.SERVER_CPU, 11.0));
        results.fail(FAN_OUT, entrants.get(3), "did not come through");
        var report = new Report(List.of(FAN_OUT), results, 5);
        String goals = report.goals(FAN_OUT);
        assertTrue(goals.contains("Crier / nchan | 0.500 (0.500 to 0.500) | ≤ 0.850 | reached |"), goals);
        assertTrue(goals.contains("Crier / Express | 0.909 (0.909 to 0.909) | ≤ 0.500 | **missed** |"), goals);
        assertTrue(goals.contains("Crier / Mercure | not measured | ≤ 0.400 |  |"), goals);
        assertTrue(report.figures(FAN_OUT).contains("| Mercure | did not come through |"));
        assertFalse(new Report(Work.all(1), results, 5).whole().matches("(?s).*\\{[A-Za-z]+}.*"), "all is filled in");
    }

    @Test
    void thePlotIsWellFormed() throws Exception {
        var results = new Results();
        results.add(FAN_OUT, FAN_OUT.entrants().get(0), 1, Map.of(Figure.SERVER_CPU, 10.0));
        String svg = new Plot(List.of(FAN_OUT), results).svg();
        var document =
                DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(new InputSource(new StringReader(svg)));
        assertEquals(2, document.getElementsByTagName("rect").getLength(), "the ground and one bar");
    }
}
