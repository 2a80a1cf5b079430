package dev.crier.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The figures that goals are about, as bars: each work's first figure, of everyone, Crier's own on top. */
final class Plot {

    private static final int WIDTH = 860;
    private static final int LABEL = 250;
    private static final int BAR = 18;
    private static final int ROW = 24;
    private static final int TITLE = 34;

    private record Bar(String name, Spread spread) {}

    private final List<Work> works;
    private final Results results;

    Plot(List<Work> works, Results results) {
        this.works = works;
        this.results = results;
    }

    String svg() {
        var body = new StringBuilder();
        int y = 10;
        for (Work work : works) {
            Figure figure = work.goals().get(0).figure();
            List<Bar> bars = bars(work, figure);
            if (!bars.isEmpty()) {
                y = chart(body, y, work.letter() + ": " + figure.title() + ", " + figure.unit(), bars);
            }
        }
        return """
                <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="sans-serif" font-size="13">
                <rect width="100%%" height="100%%" fill="white"/>
                """.formatted(WIDTH, y) + body + "</svg>\n";
    }

    private List<Bar> bars(Work work, Figure figure) {
        var bars = new ArrayList<Bar>();
        for (Entrant entrant : work.entrants()) {
            Spread.of(results.of(work, entrant.name(), figure).values())
                    .ifPresent(spread -> bars.add(new Bar(entrant.name(), spread)));
        }
        return bars;
    }

    private static int chart(StringBuilder body, int top, String title, List<Bar> bars) {
        double most =
                bars.stream().mapToDouble(bar -> bar.spread().median()).max().orElseThrow();
        body.append("<text x=\"10\" y=\"%d\" font-weight=\"bold\">%s</text>%n".formatted(top + 18, title));
        int y = top + TITLE;
        for (Bar bar : bars) {
            double length = most == 0 ? 0 : bar.spread().median() / most * (WIDTH - LABEL - 270);
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
