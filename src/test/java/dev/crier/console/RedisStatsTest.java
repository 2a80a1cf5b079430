package dev.crier.console;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.testing.RedisServer;
import dev.crier.testing.RunningCrier;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the console shows of Redis. */
class RedisStatsTest {

    @TempDir
    private Path folder;

    private static JsonObject conf(RedisServer redis) {
        return ConsoleClient.conf("\"channels\": {\"/news\": {\"keep\": {\"events\": 100}}}")
                .put(
                        "log",
                        new JsonObject().put("store", "redis").put("redis", new JsonObject().put("url", redis.url())));
    }

    private static List<JsonObject> nodes(JsonObject event) {
        return event.getJsonObject("redis").getJsonArray("nodes").stream()
                .map(JsonObject.class::cast)
                .toList();
    }

    @Test
    void theOtherNodesAndTheDelayOfRedisAreShown() throws Exception {
        try (var redis = RedisServer.start(folder);
                var crier = new RunningCrier(conf(redis));
                var stats = ConsoleClient.stats(crier)) {
            var other = new RunningCrier(conf(redis));
            JsonObject event = stats.await(
                    any -> nodes(any).size() == 2 && any.getJsonObject("redis").containsKey("delayMillis"));
            assertEquals("connected", event.getJsonObject("redis").getString("state"));
            assertTrue(event.getJsonObject("redis").getString("epoch").matches("\\d+-\\d+"), event.encode());
            assertTrue(event.getJsonObject("redis").getDouble("delayMillis") > 0);
            assertEquals("redis", event.getJsonObject("log").getString("store"));
            assertEquals(
                    1,
                    nodes(event).stream()
                            .filter(node -> node.getBoolean("self"))
                            .count());
            assertTrue(nodes(event).stream().allMatch(node -> node.getLong("beatMillis") < 10_000), event.encode());
            other.close();
            stats.await(any -> nodes(any).size() == 1);
        }
    }

    @Test
    void itIsSaidSinceWhenRedisIsAway() throws Exception {
        try (var redis = RedisServer.start(folder, "appendonly yes");
                var crier = new RunningCrier(conf(redis));
                var stats = ConsoleClient.stats(crier)) {
            stats.await(any -> nodes(any).size() == 1);
            redis.kill();
            JsonObject away = stats.await(
                    any -> any.getJsonObject("redis").getString("state").equals("away"));
            JsonObject event = stats.await(any -> !any.getJsonArray("problems").isEmpty());
            assertTrue(
                    event.getJsonArray("problems").getString(0).matches("Redis is away since .* UTC: Redis at .*"),
                    event.encode());
            assertFalse(away.getJsonObject("redis").containsKey("delayMillis"));
            redis.restart();
            JsonObject back = stats.await(any -> any.getJsonArray("problems").equals(new JsonArray()));
            assertEquals("connected", back.getJsonObject("redis").getString("state"));
        }
    }
}
