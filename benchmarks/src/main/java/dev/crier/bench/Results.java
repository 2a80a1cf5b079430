package dev.crier.bench;

import io.vertx.core.json.JsonObject;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** All figures of a run: by work, by entrant, by repetition. */
final class Results {

    private final Map<String, Map<String, SortedMap<Integer, Map<Figure, Double>>>> figures = new LinkedHashMap<>();

    private final Map<String, String> failures = new HashMap<>();

    void add(Work work, Entrant entrant, int repetition, Map<Figure, Double> taken) {
        figures.computeIfAbsent(work.letter(), letter -> new LinkedHashMap<>())
                .computeIfAbsent(entrant.name(), name -> new TreeMap<>())
                .put(repetition, taken);
    }

    /** An entrant did not come through; that is told beside its figures. */
    void fail(Work work, Entrant entrant, String why) {
        failures.put(work.letter() + entrant.name(), why);
    }

    Optional<String> failure(Work work, String entrant) {
        return Optional.ofNullable(failures.get(work.letter() + entrant));
    }

    /** One figure of an entrant, by repetition; without those in which it did not come through. */
    SortedMap<Integer, Double> of(Work work, String entrant, Figure figure) {
        var values = new TreeMap<Integer, Double>();
        figures.getOrDefault(work.letter(), Map.of())
                .getOrDefault(entrant, new TreeMap<>())
                .forEach((repetition, taken) -> {
                    if (taken.containsKey(figure)) {
                        values.put(repetition, taken.get(figure));
                    }
                });
        return values;
    }

    /** The goal's figure, as a ratio where it is one; nothing where an entrant was not there. */
    Optional<Spread> of(Work work, Goal goal) {
        SortedMap<Integer, Double> these = of(work, goal.of(), goal.figure());
        return goal.against()
                .map(against -> Spread.ofRatios(these, of(work, against, goal.figure())))
                .orElseGet(() -> Spread.of(these.values()));
    }

    JsonObject toJson() {
        var json = new JsonObject();
        figures.forEach((letter, entrants) -> {
            var work = new JsonObject();
            entrants.forEach((name, taken) -> work.put(name, json(taken)));
            json.put(letter, work);
        });
        return json;
    }

    private static JsonObject json(SortedMap<Integer, Map<Figure, Double>> taken) {
        var json = new JsonObject();
        taken.forEach((repetition, figures) -> json.put(String.valueOf(repetition), Figure.toJson(figures)));
        return json;
    }
}
