package dev.crier.console;

import dev.crier.log.store.Store;
import dev.crier.metrics.Histogram;
import dev.crier.metrics.Reading;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;

/** Writes what happened between two moments, and what is at the second one, as the JSON of the channel {@code /stats}. */
final class Stats {

    private static final double MEDIAN = 0.5;
    private static final double HIGH = 0.99;

    private Stats() {}

    static JsonObject json(Moment before, Moment now, String version, List<String> problems) {
        var stats = new JsonObject()
                .put("time", now.time().toEpochMilli())
                .put("upMillis", now.upMillis())
                .put("version", version)
                .put("subscribers", now.subscribers())
                .put("connections", now.connections())
                .put("maxConnections", now.maxConnections());
        putCounts(stats, before.metrics(), now.metrics());
        stats.put("log", log(before, now)).put("jvm", jvm(before, now));
        now.log()
                .shared()
                .ifPresent(shared -> stats.put("redis", redis(shared, now.log().sharers())));
        return stats.put("problems", new JsonArray(problems));
    }

    private static void putCounts(JsonObject stats, Reading before, Reading now) {
        stats.put("published", since(now.sum(Reading.Channel::published), before.sum(Reading.Channel::published)))
                .put("delivered", since(now.sum(Reading.Channel::delivered), before.sum(Reading.Channel::delivered)));
        putQuantiles(stats, "delay", now.delay().minus(before.delay()));
        stats.put("lagging", now.sum(Reading.Channel::lagging))
                .put("lagMillis", lagMillis(now))
                .put("gaps", since(now.sum(Reading.Channel::gaps), before.sum(Reading.Channel::gaps)))
                .put("ended", differences(before.ended(), now.ended()))
                .put("refused", differences(before.refused(), now.refused()));
    }

    private static long lagMillis(Reading now) {
        long ofSets = now.sets().lagMillis();
        return Math.max(
                ofSets,
                now.channels().values().stream()
                        .mapToLong(Reading.Channel::lagMillis)
                        .max()
                        .orElse(0));
    }

    private static long since(long now, long before) {
        return Math.max(0, now - before);
    }

    /** Returns the counts that have grown, by how much. */
    private static JsonObject differences(Map<String, Long> before, Map<String, Long> now) {
        var grown = new JsonObject();
        now.forEach((label, count) -> {
            long difference = count - before.getOrDefault(label, 0L);
            if (difference > 0) {
                grown.put(label, difference);
            }
        });
        return grown;
    }

    /** Puts the median and the 99th percentile, unless there were no durations. */
    private static void putQuantiles(JsonObject json, String key, Histogram durations) {
        if (durations.count() > 0) {
            json.put(
                    key,
                    new JsonObject()
                            .put("p50", rounded(durations.quantile(MEDIAN).orElseThrow()))
                            .put("p99", rounded(durations.quantile(HIGH).orElseThrow())));
        }
    }

    private static double rounded(double millis) {
        return Math.round(millis * 100) / 100.0;
    }

    private static JsonObject log(Moment before, Moment now) {
        Moment.Log log = now.log();
        var json = new JsonObject()
                .put("store", log.store())
                .put("entries", log.entries())
                .put("channels", log.channels())
                .put("memoryBytes", log.memoryBytes())
                .put("maxMemoryBytes", log.maxMemoryBytes())
                .put("available", log.readable() && log.failure().isEmpty());
        if (log.fileBytes() > 0) {
            json.put("fileBytes", log.fileBytes());
        }
        putQuantiles(
                json, "write", now.metrics().writes().minus(before.metrics().writes()));
        return json;
    }

    private static JsonObject jvm(Moment before, Moment now) {
        var json = new JsonObject()
                .put("heapBytes", now.heap().bytes())
                .put("maxHeapBytes", now.heap().maxBytes())
                .put(
                        "gcMillis",
                        rounded(now.metrics().pauseMillis() - before.metrics().pauseMillis()));
        Histogram delay = now.metrics().loopDelay().minus(before.metrics().loopDelay());
        if (delay.count() > 0) {
            json.put(
                    "loopDelay",
                    new JsonObject()
                            .put("p99", rounded(delay.quantile(HIGH).orElseThrow()))
                            .put("max", rounded(delay.quantile(1).orElseThrow())));
        }
        return json;
    }

    private static JsonObject redis(Store.Shared shared, List<Store.Sharer> sharers) {
        var json = new JsonObject()
                .put("state", shared.connected() ? "connected" : "away")
                .put("epoch", shared.epoch());
        if (shared.connected() && shared.delayMillis() >= 0) {
            json.put("delayMillis", rounded(shared.delayMillis()));
        }
        var nodes = new JsonArray();
        sharers.forEach(node -> nodes.add(new JsonObject()
                .put("id", node.id())
                .put("beatMillis", node.beatMillis())
                .put("self", node.self())));
        return json.put("nodes", nodes);
    }
}
