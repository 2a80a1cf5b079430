package dev.crier.failures;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.testing.Eventually;
import dev.crier.testing.FaultyLink;
import dev.crier.testing.FaultyLink.Flow;
import dev.crier.testing.RawClient;
import dev.crier.testing.RedisServer;
import io.vertx.core.VertxOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A node detects the beginning and the end of an outage of Redis by itself, while nothing is published. */
class RedisOutageIT {

    /** The documented limit is 2 seconds. The rest allows for a busy machine. */
    private static final Duration NOTICED = Duration.ofMillis(3_500);

    private static final int HEARTBEATS = 4;

    @TempDir
    private Path folder;

    private enum Outage {
        KILLED {
            @Override
            void begin(RedisServer redis, FaultyLink link) {
                redis.kill();
            }

            @Override
            void end(RedisServer redis, FaultyLink link) throws Exception {
                redis.restart();
            }
        },
        SILENT {
            @Override
            void begin(RedisServer redis, FaultyLink link) {
                link.both(Flow.DROP);
            }

            @Override
            void end(RedisServer redis, FaultyLink link) {
                link.both(Flow.PASS);
            }
        },
        WITHOUT_REPLIES {
            @Override
            void begin(RedisServer redis, FaultyLink link) {
                link.replies(Flow.DROP);
            }

            @Override
            void end(RedisServer redis, FaultyLink link) {
                link.replies(Flow.PASS);
            }
        },
        FULL {
            @Override
            void begin(RedisServer redis, FaultyLink link) throws Exception {
                redis.command("CONFIG", "SET", "maxmemory", "1mb");
            }

            @Override
            void end(RedisServer redis, FaultyLink link) throws Exception {
                redis.command("CONFIG", "SET", "maxmemory", "0");
            }
        };

        abstract void begin(RedisServer redis, FaultyLink link) throws Exception;

        abstract void end(RedisServer redis, FaultyLink link) throws Exception;
    }

    @ParameterizedTest
    @EnumSource
    void anOutageIsNoticedAndEndsWithoutTraffic(Outage outage) throws Exception {
        try (var redis = RedisServer.start(folder, "appendonly yes", "appendfsync always");
                var link = new FaultyLink(redis.port());
                var node = node(link);
                var subscriber = RawClient.request(node.port(), "GET /a")) {
            subscriber.head();
            assertEquals("201", publish(node, "before"));
            assertEquals("before", nextData(subscriber));

            outage.begin(redis, link);
            long began = System.nanoTime();
            node.awaitReadiness(503);
            Duration noticed = Duration.ofNanos(System.nanoTime() - began);
            assertTrue(noticed.compareTo(NOTICED) < 0, () -> "noticed after " + noticed);
            assertEquals("503 with Retry-After", publish(node, "refused"));
            for (int i = 0; i < HEARTBEATS; i++) {
                assertEquals(":\n", subscriber.chunk());
            }

            outage.end(redis, link);
            node.awaitReadiness(200);
            assertEquals("201", publish(node, "after"));
            assertEquals("after", nextData(subscriber));
            Eventually.until( // lines are written by another thread
                    node::output,
                    () -> node.output()
                            .lines()
                            .filter(line -> line.contains("The log "))
                            .map(line -> line.split(" +")[1])
                            .toList()
                            .equals(List.of("ERROR", "INFO")));
        }
    }

    /** Refused subscribers reconnect all the time. An event loop logs only the first that it refuses. */
    @Test
    void subscribersThatAreRefusedDuringAnOutageDoNotFillTheLog() throws Exception {
        try (var redis = RedisServer.start(folder);
                var link = new FaultyLink(redis.port());
                var node = node(link)) {
            redis.kill();
            node.awaitReadiness(503);
            int loops = VertxOptions.DEFAULT_EVENT_LOOP_POOL_SIZE;
            for (int i = 0; i < 4 * loops; i++) {
                // a position that the node does not know, as if from another node
                try (var subscriber = RawClient.request(node.port(), "GET /a", "Last-Event-ID: 9000000000000-0")) {
                    subscriber.head();
                    String stream = subscriber.chunk();
                    assertTrue(stream.contains("The stored events cannot be read at present."), stream);
                }
            }
            redis.restart();
            Eventually.until(node::output, () -> node.output().contains("INFO  The log stores again"));
            assertTrue(refusals(node) > 0 && refusals(node) <= loops, node::output);
        }
    }

    private static long refusals(Node node) {
        return node.output()
                .lines()
                .filter(line -> line.contains("cannot be read"))
                .count();
    }

    /** The memory limit of Redis stays the same. */
    @Test
    void aFullRedisAcceptsEventsAgainAfterRetentionHasDroppedSome() throws Exception {
        try (var redis = RedisServer.start(folder, "maxmemory 12mb");
                var link = new FaultyLink(redis.port());
                var node = node(link)) {
            String data = "x".repeat(50_000);
            Eventually.until(
                    "Redis is full", () -> publish(node, "/short", data).startsWith("503"));
            node.awaitReadiness(200);
            assertEquals("201", publish(node, "/short", data));
        }
    }

    private Node node(FaultyLink link) throws Exception {
        String log = "{\"store\": \"redis\", \"redis\": {\"url\": \"%s\"}}".formatted(link.url());
        var node = new Node(folder, Cluster.configuration(log));
        node.awaitReady();
        node.awaitReadiness(200);
        return node;
    }

    private static String publish(Node node, String data) throws Exception {
        return publish(node, "/a", data);
    }

    private static String publish(Node node, String channel, String data) throws Exception {
        try (var publisher = RawClient.publish(node.port(), channel, Cluster.TOKEN, data)) {
            List<String> head = publisher.head();
            return head.get(0).split(" ")[1]
                    + (publisher.header(head, "Retry-After").isPresent() ? " with Retry-After" : "");
        }
    }

    /** Returns the data of the next event. */
    private static String nextData(RawClient subscriber) throws Exception {
        String[] data = {""};
        Eventually.until("an event", () -> {
            String block = subscriber.chunk();
            if (!block.startsWith(":") && !block.contains("crier.start")) {
                data[0] = block.replaceFirst("(?s).*?data: ?(.*?)\n.*", "$1");
            }
            return !data[0].isEmpty();
        });
        return data[0];
    }
}
