package dev.crier.fanout;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.event.ChannelName;
import dev.crier.event.Event;
import dev.crier.event.EventId;
import dev.crier.event.Retention;
import dev.crier.event.StartAt;
import dev.crier.testing.Eventually;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

/** Schedules of clients that follow one channel each. */
abstract class ChannelScheduleContract extends ScheduleContract {

    private static final ChannelName ALL = new ChannelName("/all");
    private static final ChannelName FIVE = new ChannelName("/five");
    private static final ChannelName HOUR = new ChannelName("/hour");
    private static final ChannelName STATE = new ChannelName("/state");
    static final Map<ChannelName, Retention> DECLARED = Map.of(
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
    abstract static class Client {

        static final int GAP = -1;

        final ChannelName channel;
        final List<Integer> received = new ArrayList<>();
        String lastEventId = "";

        Client(ChannelName channel) {
            this.channel = channel;
        }

        abstract boolean isConnected();

        abstract void connect(StartAt start) throws Exception;

        abstract void disconnect(Random random) throws Exception;

        /** Makes the client accept no more events, or more of them. */
        abstract void turn(Random random) throws Exception;

        abstract void acceptAll() throws Exception;

        /** Returns whether the connection has an event of this number. Runs on the event loop. */
        abstract boolean hasReceived(int number);

        /** Receives all that the connection has. */
        abstract void receive();

        /** Adds an event to those that were received. */
        final void received(String type, String data) {
            if (!type.equals("crier.start")) {
                received.add(type.equals("crier.gap") ? GAP : Integer.parseInt(data));
            }
        }

        /** Returns the last event number before the index. */
        private int numberBefore(int index) {
            int before = index - 1;
            while (received.get(before) == GAP) {
                before--;
            }
            return received.get(before);
        }
    }

    private final Map<ChannelName, Integer> published = new HashMap<>();
    private final List<Client> clients = new ArrayList<>();

    abstract Client client(ChannelName channel);

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
        if (client.lastEventId.isEmpty()) {
            // the client has received nothing yet, not even a position, so it starts with what is published from now on
            client.received.clear();
            client.received.add(published.getOrDefault(client.channel, 0));
        }
        client.connect(
                client.lastEventId.isEmpty()
                        ? StartAt.now()
                        : StartAt.after(EventId.parse(client.lastEventId).orElseThrow()));
    }

    @Override
    void disconnectAll(Random random) throws Exception {
        for (Client client : clients) {
            if (client.isConnected()) {
                client.disconnect(random);
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
            clients.add(client(CHANNELS.get(random.nextInt(CHANNELS.size()))));
            connect(clients.get(clients.size() - 1));
        } else if (choice < 65 && client != null) {
            if (client.isConnected()) {
                client.disconnect(random);
            } else {
                connect(client);
            }
        } else if (choice < 85 && client != null && client.isConnected()) {
            client.turn(random);
        } else if (choice < 95) {
            pass(random);
        }
    }

    @Override
    void receiveAll() throws Exception {
        for (Client client : clients) {
            if (!client.isConnected()) {
                connect(client);
            }
            client.acceptAll();
        }
        for (ChannelName channel : CHANNELS) {
            publish(channel, 1);
        }
        for (Client client : clients) {
            int last = published.get(client.channel);
            Eventually.until(
                    () -> client.channel + " ends with " + last + ": " + client.received,
                    () -> run(() -> Future.succeededFuture(client.hasReceived(last))));
            run(client::receive);
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
        clients.forEach(ChannelScheduleContract::assertNothingMissingOrRepeated);
        long received =
                clients.stream().mapToLong(client -> client.received.size()).sum();
        assertTrue(received > steps / 2, "only " + received + " events received");
    }
}
