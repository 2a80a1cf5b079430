package dev.crier.fanout;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.event.ChannelName;
import dev.crier.event.ChannelPattern;
import dev.crier.event.ChannelSet;
import dev.crier.event.Event;
import dev.crier.event.EventId;
import dev.crier.event.Publication;
import dev.crier.event.Retention;
import dev.crier.fanout.SetClient.Published;
import dev.crier.log.EventLog;
import dev.crier.log.sqlite.SqliteStore;
import dev.crier.log.store.MemoryStore;
import dev.crier.log.store.Store;
import dev.crier.metrics.Metrics;
import dev.crier.testing.Eventually;
import dev.crier.testing.RunningCrier;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Random schedules like those of {@link ScheduleTest}, for clients that follow many of 30 channels. A connection may break at
 * any byte.
 */
class SetScheduleTest {

    private static final Map<ChannelPattern, Retention> FAMILIES = Map.of(
            family("/all/:id"), new Retention.Events(Retention.Events.ANY_NUMBER, Retention.Events.ANY_AGE),
            family("/five/:id"), new Retention.Events(5, Retention.Events.ANY_AGE),
            family("/hour/:id"), new Retention.Events(Retention.Events.ANY_NUMBER, Duration.ofHours(1)),
            family("/state/:id"), new Retention.Latest());
    private static final List<ChannelName> CHANNELS = FAMILIES.keySet().stream()
            .map(ChannelPattern::path)
            .sorted()
            .flatMap(path -> IntStream.range(0, path.equals("/all/:id") ? 9 : 7)
                    .mapToObj(id -> new ChannelName(path.replace(":id", String.valueOf(id)))))
            .toList();
    private static final StreamTimeouts TIMEOUTS =
            new StreamTimeouts(Duration.ofSeconds(15), Duration.ofHours(10), Duration.ofSeconds(2), Duration.ZERO);
    private static final int CLIENTS = 15;

    @TempDir
    private Path folder;

    private final Vertx vertx = Vertx.vertx();
    private final Context context = vertx.getOrCreateContext();
    private final List<Published> published = new ArrayList<>();
    private final List<SetClient> clients = new ArrayList<>();
    private long now = 1_000_000_000_000L;
    private EventLog log;
    private Subscribers subscribers;

    private static ChannelPattern family(String path) {
        return new ChannelPattern(new ChannelName(path));
    }

    static Optional<Retention> retention(ChannelName channel) {
        return FAMILIES.entrySet().stream()
                .filter(family -> family.getKey().matches(channel))
                .map(Map.Entry::getValue)
                .findFirst();
    }

    private <T> T run(Supplier<Future<T>> step) throws Exception {
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

    private void run(Runnable step) throws Exception {
        run(() -> {
            step.run();
            return Future.succeededFuture();
        });
    }

    private void open(Store store) throws Exception {
        log = new EventLog(
                SetScheduleTest::retention,
                store,
                () -> Instant.ofEpochMilli(now),
                this::notify,
                Duration.ofMinutes(10));
        subscribers = new Subscribers(log, TIMEOUTS, () -> now, new Random(1), Metrics.NONE, () -> false);
        run(log::open);
    }

    private void notify(Set<ChannelName> channels) {
        for (ChannelName channel : channels) {
            if (subscribers.notified(channel)) {
                context.runOnContext(turn -> subscribers.deliver());
            }
        }
    }

    /** Publishes events whose data begins with their index. Reads of long events reach their size. */
    private void publish(ChannelName channel, int events, int length) throws Exception {
        String rest = " ".repeat(length);
        var batch = IntStream.range(0, events)
                .mapToObj(i -> Event.of(published.size() + i + rest))
                .toList();
        List<EventId> ids = run(() -> log.append(new Publication(channel, batch, Publication.Attempt.ONCE)));
        ids.forEach(id -> published.add(new Published(id, channel)));
    }

    private static ChannelSet channels(Random random) {
        var names = new ArrayList<ChannelName>();
        var families = new ArrayList<ChannelPattern>();
        for (ChannelName channel : CHANNELS) {
            if (random.nextInt(3) == 0) {
                names.add(channel);
            }
        }
        for (ChannelPattern family : FAMILIES.keySet()) {
            if (random.nextInt(4) == 0) {
                families.add(family);
            }
        }
        return names.isEmpty() ? new ChannelSet(CHANNELS, List.of()) : new ChannelSet(names, families);
    }

    private void connect(SetClient client, boolean full) throws Exception {
        client.connection = new TestConnection();
        client.connection.full = full;
        client.subscriber = run(() ->
                subscribers.add(client.set, client.start(), client.connection, TestFanout.UNLIMITED, "a", () -> false));
    }

    private void disconnect(SetClient client, Random random) throws Exception {
        run(() -> {
            client.subscriber.leave();
            client.receive(random);
        });
        client.connection = null;
    }

    private void step(Random random, Supplier<Store> reopen) throws Exception {
        SetClient client = clients.isEmpty() ? null : clients.get(random.nextInt(clients.size()));
        int choice = random.nextInt(100);
        if (choice < 50) {
            publish(CHANNELS.get(random.nextInt(CHANNELS.size())), 1 + random.nextInt(4), 3 << random.nextInt(14));
        } else if (choice < 55 && clients.size() < CLIENTS) {
            clients.add(new SetClient(channels(random), random.nextBoolean()));
            connect(clients.get(clients.size() - 1), random.nextBoolean());
        } else if (choice < 70 && client != null) {
            if (client.connection == null) {
                connect(client, random.nextBoolean());
            } else {
                disconnect(client, random);
            }
        } else if (choice < 88 && client != null && client.connection != null) {
            TestConnection connection = client.connection;
            run(() -> {
                if (connection.full) {
                    connection.drain();
                } else {
                    connection.full = true;
                }
            });
        } else if (choice < 97) {
            now += random.nextInt(20 * 60_000);
            run(() -> {
                log.trim();
                subscribers.check();
            });
        } else if (choice < 98 && reopen != null) {
            for (SetClient each : clients) {
                if (each.connection != null) {
                    disconnect(each, random);
                }
            }
            run(log::close);
            open(reopen.get());
        }
    }

    /** Connects and drains every client, and waits until each has the last event of its channels. */
    private void receiveAll() throws Exception {
        for (SetClient client : clients) {
            if (client.connection == null) {
                connect(client, false);
            }
            run(client.connection::drain);
        }
        for (ChannelName channel : CHANNELS) {
            publish(channel, 1, 0);
        }
        for (SetClient client : clients) {
            EventId last = client.lastOf(published);
            Eventually.until(
                    () -> client.set + " ends with " + last,
                    () -> run(() -> Future.succeededFuture(client.connection.texts().stream()
                            .anyMatch(text -> text.contains("\nid: " + last + " ")))));
            run(() -> client.receive(null));
        }
    }

    private void runSchedule(long seed, int steps, Supplier<Store> store, boolean restarts) throws Exception {
        var random = new Random(seed);
        open(store.get());
        try {
            for (int i = 0; i < steps; i++) {
                step(random, restarts ? store : null);
            }
            receiveAll();
            for (SetClient client : clients) {
                assertEquals(List.of(), client.faults(published), client.set::toString);
            }
            assertTrue(clients.size() > 5, "only " + clients.size() + " clients");
        } finally {
            run(log::close);
            RunningCrier.await(vertx.close());
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void nothingIsMissingOrRepeatedInMemory(long seed) throws Exception {
        runSchedule(seed, 1_000, MemoryStore::new, false);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void nothingIsMissingOrRepeatedInAFileAcrossRestarts(long seed) throws Exception {
        runSchedule(
                seed, 400, () -> new SqliteStore(vertx, folder.resolve("log.db"), SetScheduleTest::retention), true);
    }

    @ParameterizedTest
    @ValueSource(longs = {4, 5, 6})
    void nothingIsMissingOrRepeatedWhenMostEventsAreReadFromTheFile(long seed) throws Exception {
        runSchedule(
                seed,
                400,
                () -> new SqliteStore(vertx, folder.resolve("log.db"), SetScheduleTest::retention, 0, 10),
                true);
    }
}
