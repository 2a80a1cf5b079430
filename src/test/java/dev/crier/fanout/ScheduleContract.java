package dev.crier.fanout;

import dev.crier.event.ChannelName;
import dev.crier.event.Event;
import dev.crier.event.EventId;
import dev.crier.event.Publication;
import dev.crier.event.Retention;
import dev.crier.log.EventLog;
import dev.crier.log.Notifications;
import dev.crier.log.redis.RedisStore;
import dev.crier.log.redis.Redises;
import dev.crier.log.sqlite.SqliteStore;
import dev.crier.log.store.MemoryStore;
import dev.crier.log.store.Store;
import dev.crier.metrics.Metrics;
import dev.crier.testing.Eventually;
import dev.crier.testing.RedisServer;
import dev.crier.testing.RunningCrier;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.function.Supplier;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Random schedules of publishing, connecting, leaving, stalling, trimming and restarting, on every store. A tenth of the
 * notifications are lost. Whatever the schedule, every client receives each event once and in order, and a gap event exactly
 * where events are missing.
 */
abstract class ScheduleContract {

    private static final StreamTimeouts TIMEOUTS =
            new StreamTimeouts(Duration.ofSeconds(15), Duration.ofHours(10), Duration.ofSeconds(2), Duration.ZERO);

    @TempDir
    private Path folder;

    private final Vertx vertx = Vertx.vertx();
    final Context context = vertx.getOrCreateContext();
    private final Random losses = new Random(1);
    long now = 1_000_000_000_000L;
    EventLog log;
    Subscribers subscribers;
    Notifications notifications;
    private Supplier<Store> store;
    private boolean notifiesAlways;

    /** The id of the last event that was published. */
    private EventId newest = EventId.FIRST;

    /** Returns what a channel keeps. */
    abstract Optional<Retention> retentionOf(ChannelName channel);

    /** Takes a random step. */
    abstract void step(Random random) throws Exception;

    /** Disconnects every client, because Crier restarts. */
    abstract void disconnectAll(Random random) throws Exception;

    /** Connects and drains every client, publishes to every channel, and waits until each client has the last event. */
    abstract void receiveAll() throws Exception;

    /** Checks what the clients have received after this number of steps. */
    abstract void check(int steps);

    final <T> T run(Supplier<Future<T>> step) throws Exception {
        Promise<T> done = Promise.promise();
        context.runOnContext(run -> {
            try {
                step.get().onComplete(done);
            } catch (RuntimeException | Error e) {
                done.fail(e);
            }
        });
        return RunningCrier.await(done.future());
    }

    final void run(Runnable step) throws Exception {
        run(() -> {
            step.run();
            return Future.succeededFuture();
        });
    }

    private void open() throws Exception {
        log = new EventLog(
                this::retentionOf, store.get(), () -> Instant.ofEpochMilli(now), this::notify, Duration.ofMinutes(10));
        subscribers = new Subscribers(log, TIMEOUTS, () -> now, new Random(1), Metrics.NONE, () -> false);
        notifications = new Notifications();
        run(log::open);
        // a node on Redis shows the newest events soon after it has opened
        Eventually.until("all events are shown", () -> !log.newest().isBefore(newest));
    }

    final List<EventId> append(ChannelName channel, List<Event> events) throws Exception {
        List<EventId> ids = run(() -> log.append(new Publication(channel, events, Publication.Attempt.ONCE)));
        newest = ids.get(ids.size() - 1);
        return ids;
    }

    private void notify(Set<ChannelName> channels) {
        if (!notifiesAlways && losses.nextInt(10) == 0) {
            return;
        }
        notifications.send(channels);
        for (ChannelName channel : channels) {
            if (subscribers.notified(channel)) {
                context.runOnContext(turn -> subscribers.deliver());
            }
        }
    }

    /** Lets up to 20 minutes pass, and does what Crier does from time to time. */
    final void pass(Random random) throws Exception {
        now += random.nextInt(20 * 60_000);
        run(() -> {
            log.trim();
            subscribers.check();
        });
    }

    /** Makes a connection that accepts bytes full, or drains a full one. */
    final void turn(TestConnection connection) throws Exception {
        run(() -> {
            if (connection.full) {
                connection.drain();
            } else {
                connection.full = true;
            }
        });
    }

    private void runSchedule(long seed, int steps, int restarts, Supplier<Store> store) throws Exception {
        this.store = store;
        var random = new Random(seed);
        open();
        try {
            for (int i = 0; i < steps; i++) {
                if (random.nextInt(steps) < restarts) {
                    disconnectAll(random);
                    run(log::close);
                    open();
                }
                step(random);
            }
            notifiesAlways = true;
            receiveAll();
            check(steps);
        } finally {
            run(log::close);
            RunningCrier.await(vertx.close());
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20})
    void nothingIsMissingOrRepeatedInMemory(long seed) throws Exception {
        runSchedule(seed, 1_000, 0, MemoryStore::new);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void nothingIsMissingOrRepeatedInAFileAcrossRestarts(long seed) throws Exception {
        runSchedule(seed, 400, 6, () -> new SqliteStore(vertx, folder.resolve("log.db"), this::retentionOf));
    }

    @ParameterizedTest
    @ValueSource(longs = {6, 7, 8, 9, 10})
    void nothingIsMissingOrRepeatedWhenMostEventsAreReadFromTheFile(long seed) throws Exception {
        runSchedule(seed, 400, 6, () -> new SqliteStore(vertx, folder.resolve("log.db"), this::retentionOf, 0, 10));
    }

    @ParameterizedTest
    @ValueSource(longs = {16, 20, 21, 28})
    void nothingIsMissingOrRepeatedIfTheFileStillHasWhatMemoryHadDropped(long seed) throws Exception {
        runSchedule(
                seed, 400, 80, () -> withoutTrims(new SqliteStore(vertx, folder.resolve("log.db"), this::retentionOf)));
    }

    /** A store that never drops anything, as if Crier were always killed before that. */
    private static Store withoutTrims(Store store) {
        return (Store) Proxy.newProxyInstance(
                Store.class.getClassLoader(),
                new Class<?>[] {Store.class},
                (proxy, method, args) ->
                        method.getName().equals("trim") ? Future.succeededFuture(false) : method.invoke(store, args));
    }

    @ParameterizedTest
    @ValueSource(longs = {4, 5, 6})
    void nothingIsMissingOrRepeatedWhenMostEventsAreReadFromRedis(long seed) throws Exception {
        try (var redis = RedisServer.start(folder)) {
            var conf = Redises.conf(redis.port(), "schedule");
            runSchedule(seed, 400, 6, () -> new RedisStore(vertx, conf, this::retentionOf, 0, 10));
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void nothingIsMissingOrRepeatedOnRedisAcrossRestarts(long seed) throws Exception {
        try (var redis = RedisServer.start(folder)) {
            var conf = Redises.conf(redis.port(), "schedule");
            runSchedule(seed, 400, 6, () -> new RedisStore(vertx, conf, this::retentionOf, 64 << 20, 1_000));
        }
    }
}
