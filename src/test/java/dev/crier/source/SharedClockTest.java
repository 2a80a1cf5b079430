package dev.crier.source;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.crier.testing.RawClient;
import dev.crier.testing.RedisServer;
import dev.crier.testing.RunningCrier;
import dev.crier.testing.StreamParser;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/**
 * The clock on several nodes of one log: each time is stored once, and in order unless Redis fails. The nodes have clocks that
 * the tests set, because machines disagree about the time.
 */
class SharedClockTest {

    private static final Duration PERIOD = Duration.ofMillis(100);
    private static final String FORMAT = "uuuu-MM-dd'T'HH:mm:ss.SSSX";
    private static final int MANY = 10;

    @TempDir
    static Path folder;

    private static RedisServer redis;

    @BeforeAll
    static void startRedis() throws Exception {
        redis = RedisServer.start(folder);
    }

    @AfterAll
    static void stopRedis() throws Exception {
        redis.close();
    }

    @BeforeEach
    void emptyRedis() throws Exception {
        redis.command("FLUSHALL");
    }

    private static JsonObject clock(String format) {
        return new JsonObject().put("format", format).put("zone", "UTC").put("periodMillis", (int) PERIOD.toMillis());
    }

    private static RunningCrier node(JsonObject channel, RedisServer server) throws Exception {
        return new RunningCrier(new JsonObject()
                .put(
                        "log",
                        new JsonObject().put("store", "redis").put("redis", new JsonObject().put("url", server.url())))
                .put(
                        "channels",
                        new JsonObject()
                                .put("/currentTime", channel.put("keep", new JsonObject().put("events", 100_000)))));
    }

    private static RunningCrier nodeWithClock(String format) throws Exception {
        return nodeWithClock(format, redis);
    }

    private static RunningCrier nodeWithClock(String format, RedisServer server) throws Exception {
        return node(
                new JsonObject()
                        .put(
                                "source",
                                new JsonObject()
                                        .put("verticle", ClockVerticle.class.getName())
                                        .put("config", clock(format))),
                server);
    }

    private static void deploy(RunningCrier node, InstantSource time, boolean shared) throws Exception {
        JsonObject config = clock(FORMAT)
                .put("channel", "/currentTime")
                .put("shared", shared)
                .put("publishTo", "crier.publish");
        RunningCrier.await(
                node.vertx().deployVerticle(new ClockVerticle(time), new DeploymentOptions().setConfig(config)));
    }

    /** A subscriber that receives all times that the channel keeps. */
    private static final class Times implements AutoCloseable {

        private final RawClient client;
        private final StringBuilder stream = new StringBuilder();

        Times(RunningCrier node) throws Exception {
            client = RawClient.request(node.port(), "GET /currentTime?lastEventId=earliest");
            client.head();
        }

        /** Waits for this many more times, and returns all. */
        List<Instant> next(int count) throws Exception {
            int expected = received().size() + count;
            while (received().size() < expected) {
                stream.append(client.chunk());
            }
            return received();
        }

        private List<Instant> received() {
            return StreamParser.parse(stream.toString()).stream()
                    .filter(event -> event.type().equals("message"))
                    .map(event -> Instant.parse(event.data().replace("other ", "")))
                    .toList();
        }

        @Override
        public void close() throws IOException {
            client.close();
        }
    }

    /** Asserts that the times are consecutive boundaries of the period, in order, each once. */
    private static void assertEachOnce(List<Instant> times) {
        var expected = new ArrayList<Instant>();
        for (int i = 0; i < times.size(); i++) {
            expected.add(times.get(0).plus(PERIOD.multipliedBy(i)));
        }
        assertEquals(expected, times);
    }

    @Test
    void twoNodesStoreEachTimeOnceAndOneContinuesIfTheOtherStops() throws Exception {
        try (var second = nodeWithClock(FORMAT)) {
            try (var times = new Times(second)) {
                try (var first = nodeWithClock(FORMAT)) {
                    assertTrue(first.port() > 0);
                    assertEachOnce(times.next(MANY));
                }
                assertEachOnce(times.next(MANY));
                try (var third = nodeWithClock(FORMAT)) {
                    assertTrue(third.port() > 0);
                    assertEachOnce(times.next(MANY));
                }
            }
        }
    }

    @Test
    void aNodeWhoseClockIsLateStoresNoEarlierTimeAndContinuesIfTheOtherStops() throws Exception {
        try (var late = node(new JsonObject(), redis)) {
            try (var times = new Times(late)) {
                try (var right = nodeWithClock(FORMAT)) {
                    times.next(5);
                    deploy(late, () -> Instant.now().minus(PERIOD.multipliedBy(3)), true);
                    assertEachOnce(times.next(MANY));
                    assertTrue(right.port() > 0);
                }
                assertEachOnce(times.next(MANY));
            }
        }
    }

    @Test
    void aNodeWithAnotherFormatStartsAndLogsOnceThatTheTextsDiffer() throws Exception {
        var lines = new Lines();
        try (lines;
                var one = nodeWithClock(FORMAT);
                var other = nodeWithClock("'other '" + FORMAT);
                var times = new Times(one)) {
            assertEachOnce(times.next(2 * MANY));
            assertTrue(other.port() > 0);
            List<String> difference = lines.containing("/currentTime");
            assertTrue(difference.size() == 1 || difference.size() == 2, difference::toString);
            difference.forEach(line -> assertEquals(
                    "/currentTime: another node publishes the same time as another text (expected: the same source.config"
                            + " and time zone on all nodes)",
                    line));
            assertEquals(List.of(), lines.containing("publication"));
        }
    }

    @Test
    void theClockContinuesAfterRestartsOfRedisAndStoresNoTimeTwice() throws Exception {
        try (var durable = RedisServer.start(folder, "appendonly yes", "appendfsync always");
                var one = nodeWithClock(FORMAT, durable);
                var other = nodeWithClock(FORMAT, durable);
                var times = new Times(one)) {
            assertTrue(other.port() > 0);
            List<Instant> received = times.next(MANY);
            for (int i = 0; i < 3; i++) {
                durable.kill();
                durable.restart();
                received = times.next(MANY);
            }
            assertEquals(received.stream().distinct().toList(), received);
        }
    }

    @Test
    void withoutASharedLogTheClockFollowsASystemTimeThatIsSetBackAtOnce() throws Exception {
        var noon = Instant.parse("2026-11-25T12:00:00Z");
        var time = new AtomicReference<>(noon);
        var channel = new JsonObject().put("keep", new JsonObject().put("events", 100));
        var channels = new JsonObject().put("/currentTime", channel);
        try (var alone = new RunningCrier(new JsonObject().put("channels", channels));
                var times = new Times(alone)) {
            deploy(alone, time::get, false);
            times.next(1);
            time.set(noon.minusSeconds(10));
            times.next(1);
            time.set(noon);
            assertEquals(List.of(noon, noon.minusSeconds(10), noon), times.next(1));
        }
    }

    /** The warnings and errors that are logged while it is open. */
    private static final class Lines implements AutoCloseable {

        private final Logger logger = (Logger) LoggerFactory.getLogger("dev.crier");
        private final List<String> lines = new CopyOnWriteArrayList<>();
        private final ListAppender<ILoggingEvent> appender = new ListAppender<>() {
            @Override
            protected void append(ILoggingEvent event) {
                if (event.getLevel().isGreaterOrEqual(Level.WARN)) {
                    lines.add(event.getFormattedMessage());
                }
            }
        };

        Lines() {
            appender.start();
            logger.addAppender(appender);
        }

        List<String> containing(String text) {
            return lines.stream().filter(line -> line.contains(text)).toList();
        }

        @Override
        public void close() {
            logger.detachAppender(appender);
        }
    }
}
