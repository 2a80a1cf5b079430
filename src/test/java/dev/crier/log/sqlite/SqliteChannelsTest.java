package dev.crier.log.sqlite;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.event.ChannelName;
import dev.crier.event.Event;
import dev.crier.event.EventId;
import dev.crier.event.Publication;
import dev.crier.event.Publication.Attempt;
import dev.crier.event.PublishException;
import dev.crier.event.Retention;
import dev.crier.log.EventLog;
import dev.crier.log.EventLogFixture;
import dev.crier.log.store.AgeClock;
import dev.crier.log.store.LogLimits;
import dev.crier.log.store.ReadResult;
import dev.crier.metrics.Metrics;
import dev.crier.testing.Eventually;
import dev.crier.testing.RunningCrier;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Families of channels in a log with small limits: which channels exist, and what a restart preserves of them. */
class SqliteChannelsTest {

    private static final Retention HOUR = new Retention.Events(Retention.Events.ANY_NUMBER, Duration.ofHours(1));
    private static final int MANY = 40;

    @TempDir
    private Path folder;

    private final Vertx vertx = Vertx.vertx();
    private final Context writer = vertx.getOrCreateContext();
    private LogLimits limits = new LogLimits(1_000_000, 100, Set.of());
    private long now = 1_000_000_000_000L;
    private EventLog log;

    private static Retention retention(ChannelName channel) {
        return channel.path().startsWith("/states/") ? new Retention.Latest() : HOUR;
    }

    @BeforeEach
    void open() throws Exception {
        var clock = new AgeClock(() -> Instant.ofEpochMilli(now), () -> now * 1_000_000);
        var store = new SqliteStore(
                vertx,
                folder.resolve("crier.db"),
                channel -> Optional.of(retention(channel)),
                limits.memoryBytes() / 2,
                limits.emptyChannels());
        log = new EventLog(
                channel -> Optional.of(retention(channel)),
                store,
                clock,
                changed -> {},
                Duration.ofMinutes(10),
                limits,
                Metrics.NONE);
        RunningCrier.await(onWriter(log::open));
    }

    @AfterEach
    void close() throws Exception {
        RunningCrier.await(onWriter(log::close));
        RunningCrier.await(vertx.close());
    }

    private void restart() throws Exception {
        RunningCrier.await(onWriter(log::close));
        open();
    }

    private <T> Future<T> onWriter(Supplier<Future<T>> work) {
        Promise<T> done = Promise.promise();
        writer.runOnContext(run -> work.get().onComplete(done));
        return done.future();
    }

    private EventId publish(String channel, String data) throws Exception {
        var publication = new Publication(new ChannelName(channel), List.of(Event.of(data)), Attempt.ONCE);
        return RunningCrier.await(onWriter(() -> log.append(publication))).get(0);
    }

    private PublishException.Reason refusal(String channel, String data) {
        return assertThrows(PublishException.class, () -> publish(channel, data))
                .reason();
    }

    private void untilTrimmedTo(int rows) throws Exception {
        Eventually.until("rows of channels: " + rows, () -> {
            RunningCrier.await(onWriter(() -> {
                log.trim();
                return Future.succeededFuture();
            }));
            return rows() == rows;
        });
    }

    private int rows() throws Exception {
        try (var connection = DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("crier.db"));
                var statement = connection.createStatement();
                var count = statement.executeQuery("SELECT count(*) FROM channel")) {
            return count.getInt(1);
        }
    }

    private ReadResult read(String channel, EventId after) throws Exception {
        var name = new ChannelName(channel);
        ReadResult result = log.read(name, retention(name), after);
        return result instanceof ReadResult.Elsewhere
                ? RunningCrier.await(log.fetch(name, after, EventLogFixture.ANYONE))
                : result;
    }

    @Test
    void emptyChannelsLeaveTheFileAndTheirGapsAreStillReported() throws Exception {
        EventId before = log.newest();
        for (int i = 0; i < MANY; i++) {
            publish("/orders/" + i, "x");
        }
        EventId lost = log.newest();
        now += Duration.ofHours(2).toMillis();
        EventId after = publish("/orders/new", "y");
        untilTrimmedTo(limits.emptyChannels() / 2 + 1);
        for (int start = 0; start < 2; start++) {
            for (int i = 0; i < MANY; i++) {
                assertInstanceOf(ReadResult.Gap.class, read("/orders/" + i, before), "of channel " + i);
                assertInstanceOf(ReadResult.Entries.class, read("/orders/" + i, lost), "of channel " + i);
            }
            assertEquals(after, ((ReadResult.Entries) read("/orders/new", lost)).through());
            restart();
        }
        publish("/orders/0", "z");
        restart();
        var gap = assertInstanceOf(ReadResult.Gap.class, read("/orders/0", before));
        assertEquals(Optional.of(log.newest()), gap.oldest());
    }

    @Test
    void theLimitOfChannelsHoldsAfterARestartAndForChannelsThatAreOnlyInTheFile() throws Exception {
        for (int i = 0; i < limits.channels(); i++) {
            publish("/orders/" + i, "x");
        }
        for (int start = 0; start < 2; start++) {
            assertEquals(PublishException.Reason.FULL, refusal("/orders/one-more", "x"));
            publish("/orders/0", "x".repeat(400_000));
            publish("/orders/0", "x".repeat(400_000));
            assertInstanceOf(ReadResult.Elsewhere.class, log.read(new ChannelName("/orders/7"), HOUR, EventId.FIRST));
            publish("/orders/7", "x");
            restart();
        }
        now += Duration.ofHours(2).toMillis();
        untilTrimmedTo(limits.emptyChannels() / 2);
        Eventually.until("there is room again", () -> {
            try {
                publish("/orders/one-more", "x");
                return true;
            } catch (PublishException full) {
                return false;
            }
        });
    }

    /** After a restart the store has more empty channels than memory, and removes some that memory still has. */
    @Test
    void aChannelThatTheStoreRemovedIsNotCountedAlthoughItIsInMemory() throws Exception {
        for (int i = 0; i < 8; i++) {
            publish("/orders/file" + i, "x");
        }
        publish("/orders/large", "x".repeat(400_000));
        publish("/orders/large", "x".repeat(400_000));
        restart();
        for (int i = 0; i < 6; i++) {
            publish("/orders/memory" + i, "x");
        }
        now += Duration.ofHours(2).toMillis();
        publish("/orders/live", "x");
        int left = limits.emptyChannels() / 2 + 1;
        untilTrimmedTo(left);
        Eventually.until(() -> "counted: " + log.channels(), () -> log.channels() == left);
        publish("/orders/memory0", "x");
        assertEquals(left + 1, rows());
        assertEquals(left + 1, log.channels());
        publish("/orders/memory5", "x");
        assertEquals(left + 1, rows());
        assertEquals(left + 1, log.channels());
    }

    @Test
    void concurrentPublicationsDoNotExceedTheLimitOfChannels() throws Exception {
        var publishing = new ArrayList<Future<List<EventId>>>();
        for (int i = 0; i < limits.channels() + 10; i++) {
            var publication = new Publication(new ChannelName("/orders/" + i), List.of(Event.of("x")), Attempt.ONCE);
            publishing.add(onWriter(() -> log.append(publication)));
        }
        Eventually.until(
                "all publications are answered", () -> publishing.stream().allMatch(Future::isComplete));
        assertEquals(10, publishing.stream().filter(Future::failed).count());
        assertEquals(limits.channels(), rows());
    }

    @Test
    void storedEntriesLeaveMemoryExceptTheLatestOfAChannel() throws Exception {
        for (int i = 0; i < MANY; i++) {
            publish("/orders/1", "x".repeat(100_000));
        }
        assertTrue(log.memoryBytes() < 1_500_000, "bytes: " + log.memoryBytes());
        int states = 0;
        while (states < limits.channels()) {
            try {
                publish("/states/" + states, "x".repeat(20_000));
                states++;
            } catch (PublishException full) {
                assertEquals(PublishException.Reason.FULL, full.reason());
                break;
            }
        }
        assertTrue(states > 20 && states < 25, "states: " + states);
        publish("/states/0", "y".repeat(20_000));
        publish("/orders/1", "small");
        assertEquals(PublishException.Reason.FULL, refusal("/states/0", "y".repeat(60_000)));
    }
}
