package dev.crier.bench;

import dev.crier.bench.load.Metric;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** The results of a run as Markdown. {@code benchmarks/report.md} is the template of the page. */
final class Report {

    private static final Path TEMPLATE = Path.of("benchmarks", "report.md");

    private final List<Workload> workloads;
    private final Results results;
    private final int repetitions;

    Report(List<Workload> workloads, Results results, int repetitions) {
        this.workloads = workloads;
        this.repetitions = repetitions;
        this.results = results;
    }

    /** Returns the whole page. */
    String text() throws IOException {
        String text = Files.readString(TEMPLATE)
                .replace("{machine}", machine())
                .replace("{versions}", versions())
                .replace("{repetitions}", String.valueOf(repetitions));
        for (Workload workload : workloads) {
            text = text.replace(
                    "{" + workload.letter() + "}", seconds(workload) + measurements(workload) + "\n" + goals(workload));
        }
        return text.replace("{million}", new CapacityPlan(workloads, results).table());
    }

    private static String seconds(Workload workload) {
        double seconds = workload.participants().get(0).task().seconds();
        return seconds == 0 ? "" : "Measured for " + Spread.number(seconds) + " seconds in each repetition.\n\n";
    }

    /** Returns a table with a row for each participant and a column for each metric that was measured. */
    String measurements(Workload workload) {
        var metrics = new TreeSet<Metric>();
        for (Participant participant : workload.participants()) {
            for (Metric metric : Metric.values()) {
                if (!results.of(workload, participant.name(), metric).isEmpty()) {
                    metrics.add(metric);
                }
            }
        }
        var text = new StringBuilder("| |");
        metrics.forEach(metric -> text.append(' ')
                .append(metric.title())
                .append(", ")
                .append(metric.unit())
                .append(" |"));
        text.append("\n| --- |").append(" --- |".repeat(metrics.size())).append('\n');
        for (Participant participant : workload.participants()) {
            text.append("| ").append(participant.name()).append(" |");
            for (Metric metric : metrics) {
                text.append(' ')
                        .append(measurement(workload, participant, metric))
                        .append(" |");
            }
            text.append('\n');
        }
        return text.toString();
    }

    private String measurement(Workload workload, Participant participant, Metric metric) {
        var values = results.of(workload, participant.name(), metric).values();
        String reason = results.failure(workload, participant.name())
                .orElse(participant.peer().version().isEmpty() ? "not installed" : "");
        return Spread.of(values)
                .map(spread -> spread + (reason.isEmpty() ? "" : ", " + values.size() + " of " + repetitions + " runs"))
                .orElse(reason);
    }

    /** Returns a table of the workload's goals, with the measured ratio or value and whether the goal was reached. */
    String goals(Workload workload) {
        var text = new StringBuilder(
                "| ratio, difference or value | median (minimum to maximum) | goal | |\n| --- | --- | --- | --- |\n");
        for (Goal goal : workload.goals()) {
            Optional<Spread> spread = results.of(workload, goal);
            text.append("| ")
                    .append(goal.metric().title())
                    .append(": ")
                    .append(goal.subject())
                    .append(" | ")
                    .append(spread.map(Spread::toString).orElse("not measured"))
                    .append(" | ")
                    .append(goal.condition())
                    .append(" | ")
                    .append(spread.map(measured -> goal.isReached(measured) ? "reached" : "**missed**")
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
        return workloads.stream()
                .flatMap(workload -> workload.participants().stream())
                .map(Participant::peer)
                .map(peer -> "- " + peer.name() + ": " + peer.version().orElse("not installed, not measured"))
                .distinct()
                .collect(Collectors.joining("\n"));
    }
}
