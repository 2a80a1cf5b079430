package dev.crier.fanout;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.event.ChannelName;
import dev.crier.event.Event;
import dev.crier.event.EventId;
import dev.crier.event.Retention;
import dev.crier.event.StartAt;
import dev.crier.testing.Eventually;
import dev.crier.testing.StreamParser;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

/** Schedules of clients that follow one channel each. A connection may break between two writes. */
class ScheduleTest extends ScheduleContract {

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

    private final Map<ChannelName, Integer> published = new HashMap<>();
    private final List<Client> clients = new ArrayList<>();

    @Override
    Optional<Retention> retentionOf(ChannelName channel) {
        return Optional.ofNullable(DECLARED.get(channel));
    }

    private void publish(ChannelName channel, int events) throws Exception {
        var batch = new ArrayList<Event>();
        for (int i = 0; i < events; i++) {
            batch.add(Event.of(String.valueOf(published.merge(channel, 1, Integer::sum))));
        }
        append(channel, batch);
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
        });
        client.connection = null;
    }

    @Override
    void disconnectAll(Random random) throws Exception {
        for (Client client : clients) {
            if (client.connection != null) {
                disconnect(client, random);
            }
        }
    }

    @Override
    void step(Random random) throws Exception {
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
            turn(client.connection);
        } else if (choice < 95) {
            pass(random);
        }
    }

    @Override
    void receiveAll() throws Exception {
        for (Client client : clients) {
            if (client.connection == null) {
                connect(client);
            }
            run(client.connection::drain);
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
            run(() -> client.receive(client.connection.written.size()));
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

    @Override
    void check(int steps) {
        clients.forEach(ScheduleTest::assertNothingMissingOrRepeated);
        long received =
                clients.stream().mapToLong(client -> client.received.size()).sum();
        assertTrue(received > steps / 2, "only " + received + " events received");
    }
}
