package dev.crier.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.bench.load.Metric;
import java.io.IOException;
import java.io.StringReader;
import java.util.List;
import java.util.Map;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.xml.sax.InputSource;

class ReportTest {

    private static final Workload FAN_OUT = Workload.all(1).get(0);
    private static final Participant CRIER = FAN_OUT.participants().get(0);
    private static final Participant NCHAN = FAN_OUT.participants().get(1);
    private static final Participant EXPRESS = FAN_OUT.participants().get(2);
    private static final Participant MERCURE = FAN_OUT.participants().get(3);

    private final Results results = new Results();

    private void add(Participant participant, double serverCpu) {
        results.add(FAN_OUT, participant, 1, Map.of(Metric.SERVER_CPU, serverCpu));
    }

    @Test
    void goalsAreReachedMissedOrNotMeasured() {
        add(CRIER, 10);
        add(NCHAN, 20);
        add(EXPRESS, 11);
        String goals = new Report(List.of(FAN_OUT), results, 5).goals(FAN_OUT);
        assertTrue(goals.contains("Crier / nchan | 0.500 (0.500 to 0.500) | ≤ 0.850 | reached |"), goals);
        assertTrue(goals.contains("Crier / Express | 0.909 (0.909 to 0.909) | ≤ 0.500 | **missed** |"), goals);
        assertTrue(goals.contains("Crier / Mercure | not measured | ≤ 0.400 |  |"), goals);
    }

    @Test
    void aFailureIsShownInPlaceOfTheValuesOrBesideThem() {
        add(CRIER, 10);
        results.fail(FAN_OUT, CRIER, "failed");
        results.fail(FAN_OUT, MERCURE, "failed");
        String measurements = new Report(List.of(FAN_OUT), results, 5).measurements(FAN_OUT);
        assertTrue(measurements.contains("| Crier | 10.0 (10.0 to 10.0), 1 of 5 runs |"), measurements);
        assertTrue(measurements.contains("| Mercure | failed |"), measurements);
    }

    @Test
    void theReportFillsInEveryPlaceholderOfItsTemplate() throws IOException {
        String text = new Report(Workload.all(1), results, 5).text();
        assertTrue(text.startsWith("# Benchmarks\n"), text);
        assertFalse(text.matches("(?s).*\\{[A-Za-z]+}.*"), text);
    }

    @Test
    void theChartIsWellFormedAndHasABarForEachParticipantWithValues() throws Exception {
        add(CRIER, 10);
        String svg = new BarChart(List.of(FAN_OUT), results).svg();
        var document =
                DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(new InputSource(new StringReader(svg)));
        assertEquals(2, document.getElementsByTagName("rect").getLength(), "the background and one bar");
    }
}
