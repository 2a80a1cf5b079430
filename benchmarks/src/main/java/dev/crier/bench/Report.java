package dev.crier.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** What a run's figures say, as Markdown. The words around them stand in {@code benchmarks/report.md}. */
final class Report {

    private static final Path WORDS = Path.of("benchmarks", "report.md");

    private final List<Work> works;
    private final Results results;
    private final int repetitions;

    Report(List<Work> works, Results results, int repetitions) {
        this.works = works;
        this.repetitions = repetitions;
        this.results = results;
    }

    String whole() throws IOException {
        String text = Files.readString(WORDS)
                .replace("{machine}", machine())
                .replace("{versions}", versions())
                .replace("{repetitions}", String.valueOf(repetitions));
        for (Work work : works) {
            text = text.replace("{" + work.letter() + "}", seconds(work) + figures(work) + "\n" + goals(work));
        }
        return text.replace("{million}", new Million(works, results).plan());
    }

    private static String seconds(Work work) {
        double seconds = work.entrants().get(0).task().seconds();
        return seconds == 0 ? "" : "Measured for " + Spread.number(seconds) + " seconds each time.\n\n";
    }

    /** Every figure of everyone, and its spread. */
    String figures(Work work) {
        var kinds = new TreeSet<Figure>();
        for (Entrant entrant : work.entrants()) {
            for (Figure figure : Figure.values()) {
                if (!results.of(work, entrant.name(), figure).isEmpty()) {
                    kinds.add(figure);
                }
            }
        }
        var text = new StringBuilder("| |");
        kinds.forEach(kind -> text.append(' ')
                .append(kind.title())
                .append(", ")
                .append(kind.unit())
                .append(" |"));
        text.append("\n| --- |").append(" --- |".repeat(kinds.size())).append('\n');
        for (Entrant entrant : work.entrants()) {
            text.append("| ").append(entrant.name()).append(" |");
            for (Figure kind : kinds) {
                text.append(' ').append(figure(work, entrant, kind)).append(" |");
            }
            text.append('\n');
        }
        return text.toString();
    }

    private String figure(Work work, Entrant entrant, Figure kind) {
        var taken = results.of(work, entrant.name(), kind).values();
        String why = results.failure(work, entrant.name())
                .orElse(entrant.peer().version().isEmpty() ? "not installed" : "");
        return Spread.of(taken)
                .map(spread -> spread + (why.isEmpty() ? "" : ", " + taken.size() + " of " + repetitions + " times"))
                .orElse(why);
    }

    /** What Crier is to reach, and whether it did. */
    String goals(Work work) {
        var text = new StringBuilder("| ratio | median (least to most) | to reach | |\n| --- | --- | --- | --- |\n");
        for (Goal goal : work.goals()) {
            Optional<Spread> spread = results.of(work, goal);
            text.append("| ")
                    .append(goal.figure().title())
                    .append(": ")
                    .append(goal.of())
                    .append(goal.against().map(against -> " / " + against).orElse(""))
                    .append(" | ")
                    .append(spread.map(Spread::toString).orElse("not measured"))
                    .append(" | ")
                    .append(goal.wish())
                    .append(" | ")
                    .append(spread.map(taken -> goal.isReached(taken) ? "reached" : "**missed**")
                            .orElse(""))
                    .append(" |\n");
        }
        return text.toString();
    }

    private static String machine() throws IOException {
        String model = Files.readAllLines(Path.of("/proc/cpuinfo")).stream()
                .filter(line -> line.startsWith("model name"))
                .map(line -> line.replaceFirst(".*: ", ""))
                .findFirst()
                .orElse("unknown processor");
        return Runtime.getRuntime().availableProcessors() + " cores (" + model + "), " + System.getProperty("os.name")
                + " " + System.getProperty("os.version").replaceFirst("-.*", "");
    }

    private String versions() {
        return works.stream()
                .flatMap(work -> work.entrants().stream())
                .map(Entrant::peer)
                .map(peer -> "- " + peer.name() + ": " + peer.version().orElse("not installed, and so left out"))
                .distinct()
                .collect(Collectors.joining("\n"));
    }
}
