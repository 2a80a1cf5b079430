package dev.crier.bench;

import dev.crier.bench.load.Metric;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A bar chart of each workload, of the metric that its first goal is about, with a bar for each participant. */
final class BarChart {

    private static final int WIDTH = 860;
    private static final int LABEL = 250;
    private static final int BAR = 18;
    private static final int ROW = 24;
    private static final int TITLE = 34;

    private record Bar(String name, Spread spread) {}

    private final List<Workload> workloads;
    private final Results results;

    BarChart(List<Workload> workloads, Results results) {
        this.workloads = workloads;
        this.results = results;
    }

    String svg() {
        var body = new StringBuilder();
        int y = 10;
        for (Workload workload : workloads) {
            Metric metric = workload.goals().get(0).metric();
            List<Bar> bars = bars(workload, metric);
            if (!bars.isEmpty()) {
                y = chart(body, y, workload.letter() + ": " + metric.title() + ", " + metric.unit(), bars);
            }
        }
        return """
                <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="sans-serif" font-size="13">
                <rect width="100%%" height="100%%" fill="white"/>
                """.formatted(WIDTH, y) + body + "</svg>\n";
    }

    private List<Bar> bars(Workload workload, Metric metric) {
        var bars = new ArrayList<Bar>();
        for (Participant participant : workload.participants()) {
            Spread.of(results.of(workload, participant.name(), metric).values())
                    .ifPresent(spread -> bars.add(new Bar(participant.name(), spread)));
        }
        return bars;
    }

    private static int chart(StringBuilder body, int top, String title, List<Bar> bars) {
        double longest =
                bars.stream().mapToDouble(bar -> bar.spread().median()).max().orElseThrow();
        body.append("<text x=\"10\" y=\"%d\" font-weight=\"bold\">%s</text>%n".formatted(top + 18, title));
        int y = top + TITLE;
        for (Bar bar : bars) {
            double length = longest == 0 ? 0 : bar.spread().median() / longest * (WIDTH - LABEL - 270);
            String color = bar.name().startsWith("Crier") ? "#1f6feb" : "#9aa4b2";
            body.append(String.format(
                    Locale.ROOT,
                    """
                    <text x="%d" y="%d" text-anchor="end">%s</text>
                    <rect x="%d" y="%d" width="%.1f" height="%d" fill="%s"/>
                    <text x="%.1f" y="%d">%s</text>
                    """,
                    LABEL - 8,
                    y + 14,
                    bar.name(),
                    LABEL,
                    y,
                    length,
                    BAR,
                    color,
                    LABEL + length + 6,
                    y + 14,
                    bar.spread()));
            y += ROW;
        }
        return y + 12;
    }
}
