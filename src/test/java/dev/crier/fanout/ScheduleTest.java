package dev.crier.fanout;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.event.ChannelName;
import dev.crier.event.Event;
import dev.crier.event.EventId;
import dev.crier.event.Publication;
import dev.crier.event.Retention;
import dev.crier.log.EventLog;
import dev.crier.log.MemoryStore;
import dev.crier.log.Store;
import dev.crier.log.sqlite.SqliteStore;
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

/** Random schedules of all that can happen to a log and its readers; whatever comes, no reader is told a wrong story. */
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
    private static final Function<ChannelName, Optional<Retention>> KEEPS =
            channel -> Optional.ofNullable(DECLARED.get(channel));
    private static final Duration FOR_EVER = Duration.ofMillis(Long.MAX_VALUE);
    private static final StreamTimeouts PATIENCE =
            new StreamTimeouts(Duration.ofSeconds(15), Duration.ofHours(10), Duration.ofSeconds(2), Duration.ZERO);

    @TempDir
    private Path folder;

    private final Vertx vertx = Vertx.vertx();
    private final Context context = vertx.getOrCreateContext();

    /** What a client has been told over all its connections: the numbers of events, and where it was told of a gap. */
    private static final class Client {

        static final int GAP = -1;

        final ChannelName channel;
        final List<Integer> told = new ArrayList<>();
        String lastEventId = "";
        TestConnection connection;
        Subscriber subscriber;

        Client(ChannelName channel) {
            this.channel = channel;
        }

        /** The last event before this one of what it was told. */
        int numberBefore(int index) {
            int before = index - 1;
            while (told.get(before) == GAP) {
                before--;
            }
            return told.get(before);
        }

        /** Takes in so many of the writes; what was under way besides is lost with the connection. */
        void takeIn(int writes) {
            var stream = Buffer.buffer();
            connection.written.subList(0, writes).forEach(stream::appendBuffer);
            for (StreamParser.Fired fired : StreamParser.parse(stream.toString())) {
                if (!fired.type().equals("crier.start")) {
                    told.add(fired.type().equals("crier.gap") ? GAP : Integer.parseInt(fired.data()));
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
        log = new EventLog(KEEPS, store, () -> Instant.ofEpochMilli(now), this::ring, Duration.ofMinutes(10));
        subscribers = new Subscribers(log, PATIENCE, () -> now, new Random(1), Metrics.NONE, () -> false);
        run(log::open);
    }

    private void ring(Set<ChannelName> grown) {
        for (ChannelName channel : grown) {
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
            // nothing has reached it yet, not even its place: so it begins only now
            client.told.clear();
            client.told.add(published.getOrDefault(client.channel, 0));
        }
        StartAt start = client.lastEventId.isEmpty()
                ? new StartAt.Now()
                : new StartAt.After(EventId.parse(client.lastEventId).orElseThrow(), client.lastEventId);
        client.subscriber = run(() -> subscribers.add(
                client.channel, DECLARED.get(client.channel), start, client.connection, FOR_EVER, "a", () -> false));
    }

    private void disconnect(Client client, Random random) throws Exception {
        run(() -> {
            client.subscriber.leave();
            client.takeIn(random.nextInt(client.connection.written.size() + 1));
            return Future.succeededFuture();
        });
        client.connection = null;
    }

    private Client arrive(ChannelName channel) throws Exception {
        var client = new Client(channel);
        connect(client);
        clients.add(client);
        return client;
    }

    private void step(Random random, Supplier<Store> again) throws Exception {
        Client client = clients.isEmpty() ? null : clients.get(random.nextInt(clients.size()));
        int what = random.nextInt(100);
        if (what < 40) {
            publish(CHANNELS.get(random.nextInt(CHANNELS.size())), 1 + random.nextInt(4));
        } else if (what < 50 && clients.size() < 20) {
            arrive(CHANNELS.get(random.nextInt(CHANNELS.size())));
        } else if (what < 65 && client != null) {
            if (client.connection == null) {
                connect(client);
            } else {
                disconnect(client, random);
            }
        } else if (what < 85 && client != null && client.connection != null) {
            boolean full = client.connection.full;
            run(() -> {
                if (full) {
                    client.connection.drain();
                } else {
                    client.connection.full = true;
                }
                return Future.succeededFuture();
            });
        } else if (what < 95) {
            now += random.nextInt(20 * 60_000);
            run(() -> {
                log.trim();
                subscribers.check();
                return Future.succeededFuture();
            });
        } else if (what < 97 && again != null) {
            for (Client each : clients) {
                if (each.connection != null) {
                    disconnect(each, random);
                }
            }
            run(log::close);
            open(again.get());
        }
    }

    /** Everyone comes back and reads all there is. */
    private void end() throws Exception {
        for (Client client : clients) {
            if (client.connection == null) {
                connect(client);
            }
            run(() -> {
                client.connection.drain();
                return Future.succeededFuture();
            });
        }
        publish(FIVE, 1);
        publish(HOUR, 1);
        publish(ALL, 1);
        publish(STATE, 1);
        for (Client client : clients) {
            int last = published.get(client.channel);
            Eventually.until(
                    () -> client.channel + " ends on " + last + ": " + client.connection.texts(),
                    () -> run(() -> Future.succeededFuture(client.connection.texts().stream()
                            .anyMatch(text -> text.contains("data: " + last + "\n")))));
            run(() -> {
                client.takeIn(client.connection.written.size());
                return Future.succeededFuture();
            });
        }
    }

    private static void assertTrueStory(Client client) {
        for (int i = 1; i < client.told.size(); i++) {
            int before = client.told.get(i - 1);
            int here = client.told.get(i);
            String story = client.channel + " " + client.told + " at " + i;
            if (client.channel.equals(STATE)) {
                assertTrue(here >= before, story);
            } else if (client.channel.equals(ALL)) {
                assertEquals(before + 1, here, story);
            } else if (here != Client.GAP && before == Client.GAP) {
                assertTrue(here > client.numberBefore(i) + 1, "nothing is missing: " + story);
            } else if (here != Client.GAP) {
                assertEquals(before + 1, here, story);
            }
        }
    }

    private void play(long seed, int steps, Supplier<Store> store, boolean restarts) throws Exception {
        var random = new Random(seed);
        open(store.get());
        try {
            for (int i = 0; i < steps; i++) {
                step(random, restarts ? store : null);
            }
            end();
            clients.forEach(ScheduleTest::assertTrueStory);
            long told = clients.stream().mapToLong(client -> client.told.size()).sum();
            assertTrue(told > steps, "only " + told + " told");
        } finally {
            run(log::close);
            RunningCrier.await(vertx.close());
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20})
    void inMemory(long seed) throws Exception {
        play(seed, 1_000, MemoryStore::new, false);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void inAFileAndOverRestarts(long seed) throws Exception {
        play(seed, 400, () -> new SqliteStore(vertx, folder.resolve("log.db"), KEEPS), true);
    }

    @ParameterizedTest
    @ValueSource(longs = {6, 7, 8, 9, 10})
    void inAFileWithNearlyNothingInMemory(long seed) throws Exception {
        play(seed, 400, () -> new SqliteStore(vertx, folder.resolve("log.db"), KEEPS, 0, 10), true);
    }
}
