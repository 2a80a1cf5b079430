package dev.crier.bench;

import dev.crier.bench.load.Metric;
import io.vertx.core.json.JsonObject;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** All values that a run has measured, by workload, participant and repetition. */
final class Results {

    private final Map<String, Map<String, SortedMap<Integer, Map<Metric, Double>>>> values = new LinkedHashMap<>();

    private final Map<String, String> failures = new HashMap<>();

    void add(Workload workload, Participant participant, int repetition, Map<Metric, Double> measured) {
        values.computeIfAbsent(workload.letter(), letter -> new LinkedHashMap<>())
                .computeIfAbsent(participant.name(), name -> new TreeMap<>())
                .put(repetition, measured);
    }

    /** Records that a measurement of the participant failed. The report shows the reason beside its values. */
    void fail(Workload workload, Participant participant, String reason) {
        failures.put(workload.letter() + participant.name(), reason);
    }

    Optional<String> failure(Workload workload, String participant) {
        return Optional.ofNullable(failures.get(workload.letter() + participant));
    }

    /** Returns a participant's values of one metric by repetition, without the repetitions that failed. */
    SortedMap<Integer, Double> of(Workload workload, String participant, Metric metric) {
        var byRepetition = new TreeMap<Integer, Double>();
        values.getOrDefault(workload.letter(), Map.of())
                .getOrDefault(participant, new TreeMap<>())
                .forEach((repetition, measured) -> {
                    if (measured.containsKey(metric)) {
                        byRepetition.put(repetition, measured.get(metric));
                    }
                });
        return byRepetition;
    }

    /** Returns the goal's ratio, difference or value. Empty if one of the goal's participants has not been measured. */
    Optional<Spread> of(Workload workload, Goal goal) {
        SortedMap<Integer, Double> measured = of(workload, goal.participant(), goal.metric());
        return goal.against()
                .map(against -> Spread.of(
                        measured,
                        of(workload, against, goal.metric()),
                        goal.difference() ? (value, other) -> value - other : (value, other) -> value / other))
                .orElseGet(() -> Spread.of(measured.values()));
    }

    JsonObject toJson() {
        var json = new JsonObject();
        values.forEach((letter, participants) -> {
            var workload = new JsonObject();
            participants.forEach((name, byRepetition) -> workload.put(name, json(byRepetition)));
            json.put(letter, workload);
        });
        return json;
    }

    private static JsonObject json(SortedMap<Integer, Map<Metric, Double>> byRepetition) {
        var json = new JsonObject();
        byRepetition.forEach((repetition, measured) -> json.put(String.valueOf(repetition), Metric.toJson(measured)));
        return json;
    }
}
