package dev.crier.bench;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** All figures of a run: by work, by entrant, one after the other. */
final class Results {

    private final Map<String, Map<String, List<Map<Figure, Double>>>> figures = new LinkedHashMap<>();

    private final Map<String, String> failures = new HashMap<>();

    void add(Work work, Entrant entrant, Map<Figure, Double> taken) {
        figures.computeIfAbsent(work.letter(), letter -> new LinkedHashMap<>())
                .computeIfAbsent(entrant.name(), name -> new ArrayList<>())
                .add(taken);
    }

    /** An entrant did not come through; that is told instead of a figure. */
    void fail(Work work, Entrant entrant, String why) {
        failures.put(work.letter() + entrant.name(), why);
    }

    Optional<String> failure(Work work, String entrant) {
        return Optional.ofNullable(failures.get(work.letter() + entrant));
    }

    /** One figure of an entrant, by repetition; none if it was not there. */
    List<Double> of(Work work, String entrant, Figure figure) {
        return figures.getOrDefault(work.letter(), Map.of()).getOrDefault(entrant, List.of()).stream()
                .filter(taken -> taken.containsKey(figure))
                .map(taken -> taken.get(figure))
                .toList();
    }

    /** The goal's figure, as a ratio where it is one; nothing where an entrant was not there. */
    Optional<Spread> of(Work work, Goal goal) {
        List<Double> these = of(work, goal.of(), goal.figure());
        if (goal.against().isEmpty()) {
            return these.isEmpty() ? Optional.empty() : Optional.of(Spread.of(these));
        }
        List<Double> those = of(work, goal.against().get(), goal.figure());
        return these.isEmpty() || those.isEmpty() ? Optional.empty() : Optional.of(Spread.ofRatios(these, those));
    }

    JsonObject toJson() {
        var json = new JsonObject();
        figures.forEach((letter, entrants) -> {
            var work = new JsonObject();
            entrants.forEach((name, taken) -> work.put(
                    name, new JsonArray(taken.stream().map(Figure::toJson).toList())));
            json.put(letter, work);
        });
        return json;
    }
}
