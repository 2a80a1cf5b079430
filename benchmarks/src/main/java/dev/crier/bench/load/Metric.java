package dev.crier.bench.load;

import io.vertx.core.json.JsonObject;
import java.util.EnumMap;
import java.util.Map;

/** A measured quantity, with the unit of its values. */
public enum Metric {
    SERVER_CPU("server CPU per delivered event", "µs"),
    CLIENT_CPU("load client's CPU per delivered event", "µs"),
    DELIVERED("events delivered per second", "events/s"),
    PUBLISHED("events acknowledged per second", "events/s"),
    MISSING("missing deliveries", "events"),
    DELAY_P50("delay from publishing to receipt, median", "ms"),
    DELAY_P99("delay from publishing to receipt, 99th percentile", "ms"),
    REDIS_CPU("Redis' CPU per acknowledged event", "µs"),
    RESIDENT("resident memory per subscriber", "KiB"),
    RETAINED("retained heap per subscriber", "KiB"),
    CHANNEL("Redis' memory per channel, less the data of its events", "bytes"),
    CATCH_UP("time until all subscribers have caught up", "s"),
    STARTUP("time from start to first event", "s"),
    PACE("events per second of each stream", "events/s"),
    FIRST_EVENT("time from request to first event", "ms"),
    LAST_EVENT("time from request to last event", "ms"),
    WRITES("writes of the server for one replay", "writes");

    private final String title;
    private final String unit;

    Metric(String title, String unit) {
        this.title = title;
        this.unit = unit;
    }

    public String title() {
        return title;
    }

    public String unit() {
        return unit;
    }

    public static JsonObject toJson(Map<Metric, Double> values) {
        var json = new JsonObject();
        values.forEach((metric, value) -> json.put(metric.name(), value));
        return json;
    }

    public static Map<Metric, Double> of(JsonObject json) {
        var values = new EnumMap<Metric, Double>(Metric.class);
        json.forEach(value -> values.put(valueOf(value.getKey()), ((Number) value.getValue()).doubleValue()));
        return values;
    }
}
