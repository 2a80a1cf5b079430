package dev.crier.fanout;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.event.ChannelName;
import dev.crier.event.Event;
import dev.crier.event.EventId;
import dev.crier.event.Publication;
import dev.crier.event.Retention;
import dev.crier.log.EventLog;
import dev.crier.log.sqlite.SqliteStore;
import dev.crier.log.store.MemoryStore;
import dev.crier.log.store.Store;
import dev.crier.metrics.Metrics;
import dev.crier.testing.Eventually;
import dev.crier.testing.RunningCrier;
import dev.crier.testing.StreamParser;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Random schedules of publishing, connecting, leaving, stalling, trimming and restarting. Whatever the schedule, every client
 * receives each event once and in order, and a gap event exactly where events are missing.
 */
class ScheduleTest {

    private static final ChannelName ALL = new ChannelName("/all");
    private static final ChannelName FIVE = new ChannelName("/five");
    private static final ChannelName HOUR = new ChannelName("/hour");
    private static final ChannelName STATE = new ChannelName("/state");
    private static final Map<ChannelName, Retention> DECLARED = Map.of(
            ALL,
            new Retention.Events(Retention.Events.ANY_NUMBER, Retention.Events.ANY_AGE),
            FIVE,
            new Retention.Events(5, Retention.Events.ANY_AGE),
            HOUR,
            new Retention.Events(Retention.Events.ANY_NUMBER, Duration.ofHours(1)),
            STATE,
            new Retention.Latest());
    private static final List<ChannelName> CHANNELS = List.of(ALL, FIVE, HOUR, STATE);
    private static final Function<ChannelName, Optional<Retention>> RETENTION =
            channel -> Optional.ofNullable(DECLARED.get(channel));
    private static final StreamTimeouts TIMEOUTS =
            new StreamTimeouts(Duration.ofSeconds(15), Duration.ofHours(10), Duration.ofSeconds(2), Duration.ZERO);

    @TempDir
    private Path folder;

    private final Vertx vertx = Vertx.vertx();
    private final Context context = vertx.getOrCreateContext();

    /** A client and what it has received over all its connections: the numbers of events, and {@link #GAP} for each gap. */
    private static final class Client {

        static final int GAP = -1;

        final ChannelName channel;
        final List<Integer> received = new ArrayList<>();
        String lastEventId = "";
        TestConnection connection;
        Subscriber subscriber;

        Client(ChannelName channel) {
            this.channel = channel;
        }

        /** Returns the last event number before the index. */
        int numberBefore(int index) {
            int before = index - 1;
            while (received.get(before) == GAP) {
                before--;
            }
            return received.get(before);
        }

        /** Receives the first writes of the connection. The others are lost with it. */
        void receive(int writes) {
            var stream = Buffer.buffer();
            connection.written.subList(0, writes).forEach(stream::appendBuffer);
            for (StreamParser.Fired fired : StreamParser.parse(stream.toString())) {
                if (!fired.type().equals("crier.start")) {
                    received.add(fired.type().equals("crier.gap") ? GAP : Integer.parseInt(fired.data()));
                }
            }
            String id = StreamParser.lastEventId(stream.toString());
            lastEventId = id.isEmpty() ? lastEventId : id;
        }
    }

    private long now = 1_000_000_000_000L;
    private EventLog log;
    private Subscribers subscribers;
    private final Map<ChannelName, Integer> published = new HashMap<>();
    private final List<Client> clients = new ArrayList<>();

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

    private void open(Store store) throws Exception {
        log = new EventLog(RETENTION, store, () -> Instant.ofEpochMilli(now), this::notify, Duration.ofMinutes(10));
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

    private void publish(ChannelName channel, int events) throws Exception {
        var batch = new ArrayList<Event>();
        for (int i = 0; i < events; i++) {
            batch.add(Event.of(String.valueOf(published.merge(channel, 1, Integer::sum))));
        }
        run(() -> log.append(new Publication(channel, batch, Publication.Attempt.ONCE)));
    }

    private void connect(Client client) throws Exception {
        client.connection = new TestConnection();
        if (client.lastEventId.isEmpty()) {
            // the client has received nothing yet, not even a position, so it starts with what is published from now on
            client.received.clear();
            client.received.add(published.getOrDefault(client.channel, 0));
        }
        StartAt start = client.lastEventId.isEmpty()
                ? new StartAt.Now()
                : new StartAt.After(EventId.parse(client.lastEventId).orElseThrow(), client.lastEventId);
        client.subscriber = run(() -> subscribers.add(
                client.channel,
                DECLARED.get(client.channel),
                start,
                client.connection,
                TestFanout.UNLIMITED,
                "a",
                () -> false));
    }

    private void disconnect(Client client, Random random) throws Exception {
        run(() -> {
            client.subscriber.leave();
            client.receive(random.nextInt(client.connection.written.size() + 1));
            return Future.succeededFuture();
        });
        client.connection = null;
    }

    private void step(Random random, Supplier<Store> reopen) throws Exception {
        Client client = clients.isEmpty() ? null : clients.get(random.nextInt(clients.size()));
        int choice = random.nextInt(100);
        if (choice < 40) {
            publish(CHANNELS.get(random.nextInt(CHANNELS.size())), 1 + random.nextInt(4));
        } else if (choice < 50 && clients.size() < 20) {
            clients.add(new Client(CHANNELS.get(random.nextInt(CHANNELS.size()))));
            connect(clients.get(clients.size() - 1));
        } else if (choice < 65 && client != null) {
            if (client.connection == null) {
                connect(client);
            } else {
                disconnect(client, random);
            }
        } else if (choice < 85 && client != null && client.connection != null) {
            boolean full = client.connection.full;
            run(() -> {
                if (full) {
                    client.connection.drain();
                } else {
                    client.connection.full = true;
                }
                return Future.succeededFuture();
            });
        } else if (choice < 95) {
            now += random.nextInt(20 * 60_000);
            run(() -> {
                log.trim();
                subscribers.check();
                return Future.succeededFuture();
            });
        } else if (choice < 97 && reopen != null) {
            for (Client each : clients) {
                if (each.connection != null) {
                    disconnect(each, random);
                }
            }
            run(log::close);
            open(reopen.get());
        }
    }

    /** Connects and drains every client, and waits until each has received the last event of its channel. */
    private void receiveAll() throws Exception {
        for (Client client : clients) {
            if (client.connection == null) {
                connect(client);
            }
            run(() -> {
                client.connection.drain();
                return Future.succeededFuture();
            });
        }
        for (ChannelName channel : CHANNELS) {
            publish(channel, 1);
        }
        for (Client client : clients) {
            int last = published.get(client.channel);
            Eventually.until(
                    () -> client.channel + " ends with " + last + ": " + client.connection.texts(),
                    () -> run(() -> Future.succeededFuture(client.connection.texts().stream()
                            .anyMatch(text -> text.contains("data: " + last + "\n")))));
            run(() -> {
                client.receive(client.connection.written.size());
                return Future.succeededFuture();
            });
        }
    }

    private static void assertNothingMissingOrRepeated(Client client) {
        for (int i = 1; i < client.received.size(); i++) {
            int before = client.received.get(i - 1);
            int here = client.received.get(i);
            String where = client.channel + " " + client.received + " at " + i;
            if (client.channel.equals(STATE)) {
                assertTrue(here >= before, where);
            } else if (client.channel.equals(ALL)) {
                assertEquals(before + 1, here, where);
            } else if (here != Client.GAP && before == Client.GAP) {
                assertTrue(here > client.numberBefore(i) + 1, "a gap without a missing event: " + where);
            } else if (here != Client.GAP) {
                assertEquals(before + 1, here, where);
            }
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
            clients.forEach(ScheduleTest::assertNothingMissingOrRepeated);
            long received =
                    clients.stream().mapToLong(client -> client.received.size()).sum();
            assertTrue(received > steps, "only " + received + " events received");
        } finally {
            run(log::close);
            RunningCrier.await(vertx.close());
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20})
    void nothingIsMissingOrRepeatedInMemory(long seed) throws Exception {
        runSchedule(seed, 1_000, MemoryStore::new, false);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void nothingIsMissingOrRepeatedInAFileAcrossRestarts(long seed) throws Exception {
        runSchedule(seed, 400, () -> new SqliteStore(vertx, folder.resolve("log.db"), RETENTION), true);
    }

    @ParameterizedTest
    @ValueSource(longs = {6, 7, 8, 9, 10})
    void nothingIsMissingOrRepeatedWhenMostEventsAreReadFromTheFile(long seed) throws Exception {
        runSchedule(seed, 400, () -> new SqliteStore(vertx, folder.resolve("log.db"), RETENTION, 0, 10), true);
    }
}
