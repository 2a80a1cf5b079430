package dev.crier.fanout;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.event.ChannelName;
import dev.crier.event.ChannelPattern;
import dev.crier.event.ChannelSet;
import dev.crier.event.Event;
import dev.crier.event.EventId;
import dev.crier.event.Retention;
import dev.crier.fanout.SetClient.Published;
import dev.crier.testing.Eventually;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;

/** Schedules of clients that follow many of 30 channels. A connection may break at any byte. */
class SetScheduleTest extends ScheduleContract {

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
    private static final int CLIENTS = 15;

    private final List<Published> published = new ArrayList<>();
    private final List<SetClient> clients = new ArrayList<>();

    private static ChannelPattern family(String path) {
        return new ChannelPattern(new ChannelName(path));
    }

    static Optional<Retention> retention(ChannelName channel) {
        return FAMILIES.entrySet().stream()
                .filter(family -> family.getKey().matches(channel))
                .map(Map.Entry::getValue)
                .findFirst();
    }

    @Override
    Optional<Retention> retentionOf(ChannelName channel) {
        return retention(channel);
    }

    /** Publishes events whose data begins with their index. Reads of long events reach their size. */
    private void publish(ChannelName channel, int events, int length) throws Exception {
        String rest = " ".repeat(length);
        var batch = IntStream.range(0, events)
                .mapToObj(i -> Event.of(published.size() + i + rest))
                .toList();
        append(channel, batch).forEach(id -> published.add(new Published(id, channel)));
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

    @Override
    void disconnectAll(Random random) throws Exception {
        for (SetClient client : clients) {
            if (client.connection != null) {
                disconnect(client, random);
            }
            client.restarted();
        }
    }

    @Override
    void step(Random random) throws Exception {
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
            turn(client.connection);
        } else if (choice < 97) {
            pass(random);
        }
    }

    @Override
    void receiveAll() throws Exception {
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

    @Override
    void check(int steps) {
        for (SetClient client : clients) {
            assertEquals(List.of(), client.faults(published), client.set::toString);
        }
        assertTrue(clients.size() > 5, "only " + clients.size() + " clients");
    }
}
