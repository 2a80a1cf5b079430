package dev.crier.bench;

import io.vertx.core.json.JsonObject;
import java.util.EnumMap;
import java.util.Map;

/** What is measured. */
enum Figure {
    SERVER_CPU("server CPU per delivered event", "µs"),
    CLIENT_CPU("load client's CPU per delivered event", "µs"),
    DELIVERED("delivered events a second", "events/s"),
    PUBLISHED("acknowledged events a second", "events/s"),
    MISSING("missing deliveries", "events"),
    DELAY_P50("delay from publish to receipt, median", "ms"),
    DELAY_P99("delay from publish to receipt, 99th percentile", "ms"),
    RESIDENT("resident memory a reader", "KiB"),
    RETAINED("retained heap a reader", "KiB"),
    CATCH_UP("time until all have caught up", "s"),
    STARTUP("start to first event received", "s");

    private final String title;
    private final String unit;

    Figure(String title, String unit) {
        this.title = title;
        this.unit = unit;
    }

    String title() {
        return title;
    }

    String unit() {
        return unit;
    }

    static JsonObject toJson(Map<Figure, Double> figures) {
        var json = new JsonObject();
        figures.forEach((figure, value) -> json.put(figure.name(), value));
        return json;
    }

    static Map<Figure, Double> of(JsonObject json) {
        var figures = new EnumMap<Figure, Double>(Figure.class);
        json.forEach(figure -> figures.put(valueOf(figure.getKey()), ((Number) figure.getValue()).doubleValue()));
        return figures;
    }
}
