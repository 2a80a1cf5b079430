package dev.crier.source;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.testing.Eventually;
import dev.crier.testing.RawClient;
import dev.crier.testing.RedisServer;
import dev.crier.testing.RunningCrier;
import dev.crier.testing.StreamParser;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The source that publishes the number of subscribers. */
class SubscriberCountTest {

    private static final int SUBSCRIBERS = 5;

    private static JsonObject conf(String config) {
        return new JsonObject("""
                {
                  "channels": {
                    "/news": {},
                    "/watching": {
                      "keep": {"events": 100},
                      "source": {"verticle": "dev.crier.source.SubscriberCountVerticle", "config": %s}
                    }
                  }
                }""".formatted(config));
    }

    /** Reads all numbers that the channel keeps until the last one is this. */
    private static List<StreamParser.Fired> numbersUntil(RawClient client, int last) throws Exception {
        var stream = new StringBuilder();
        var numbers = new ArrayList<StreamParser.Fired>();
        while (numbers.isEmpty() || !numbers.get(numbers.size() - 1).data().equals(String.valueOf(last))) {
            stream.append(client.chunk());
            numbers.clear();
            numbers.addAll(StreamParser.parse(stream.toString()).stream()
                    .filter(event -> event.type().equals("message"))
                    .toList());
        }
        return numbers;
    }

    @Test
    void eachChangeIsPublishedAtMostOnceASecondAndNothingElse() throws Exception {
        var clients = new ArrayList<RawClient>();
        try (var crier = new RunningCrier(conf("{}"));
                var watcher = RawClient.request(crier.port(), "GET /watching?lastEventId=earliest")) {
            watcher.head();
            for (int i = 1; i < SUBSCRIBERS; i++) {
                clients.add(RawClient.request(crier.port(), "GET /news"));
            }
            numbersUntil(watcher, SUBSCRIBERS);
            for (RawClient client : clients) {
                client.close();
            }
            Eventually.until("only the watcher is left", () -> crier.subscribers() == 1);
            try (var late = RawClient.request(crier.port(), "GET /watching?lastEventId=earliest")) {
                late.head();
                List<StreamParser.Fired> numbers = numbersUntil(late, 2);
                assertEquals("0", numbers.get(0).data(), "the first number is there before the first subscriber");
                for (int i = 1; i < numbers.size(); i++) {
                    assertTrue(!numbers.get(i).data().equals(numbers.get(i - 1).data()), "a change: " + numbers);
                    long gap = millis(numbers.get(i)) - millis(numbers.get(i - 1));
                    assertTrue(gap > 900, "milliseconds between two numbers: " + gap);
                }
            }
        } finally {
            for (RawClient client : clients) {
                client.close();
            }
        }
    }

    private static long millis(StreamParser.Fired event) {
        return Long.parseLong(event.lastEventId().split("-")[0]);
    }

    @Test
    void theSourceHasNoKeys() {
        var failure = assertThrows(Exception.class, () -> new RunningCrier(conf("{\"periodMillis\": 10}")));
        assertTrue(
                failure.getMessage().contains("channels./watching.source.config.periodMillis: unknown key"),
                failure.getMessage());
    }

    /** Nodes would take turns to publish different numbers. */
    @Test
    void theSourceDoesNotStartOnASharedLog(@TempDir Path folder) throws Exception {
        try (var redis = RedisServer.start(folder)) {
            var log = new JsonObject().put("store", "redis").put("redis", new JsonObject().put("url", redis.url()));
            var failure = assertThrows(
                    Exception.class, () -> new RunningCrier(conf("{}").put("log", log)));
            assertTrue(failure.getMessage().startsWith("channels./watching.source: "), failure.getMessage());
            assertEquals(
                    "each node knows only its own subscribers (expected: log.store memory or sqlite)",
                    failure.getCause().getMessage());
        }
    }
}
