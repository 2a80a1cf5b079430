package dev.crier.failures;

import dev.crier.event.EventId;
import dev.crier.testing.RawClient;
import dev.crier.testing.StreamParser;
import dev.crier.testing.StreamParser.Fired;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntSupplier;

/**
 * A subscriber that records the blocks that it receives. When its stream ends, it reconnects with its last event id, possibly
 * to another node.
 */
final class Subscriber implements AutoCloseable {

    private static final long PAUSE = TimeUnit.MILLISECONDS.toNanos(20);

    /** Ten heartbeats. */
    private static final int MAX_SILENCE_MILLIS = 5_000;

    private final String name;
    private final Target target;
    private final boolean earliest;
    private final IntSupplier ports;
    private final Queue<Received> blocks = new ConcurrentLinkedQueue<>();
    private final Queue<List<String>> values = new ConcurrentLinkedQueue<>();
    private final Queue<String> faults = new ConcurrentLinkedQueue<>();
    private final Thread thread;
    private volatile String lastEventId = "";
    private volatile EventId position = EventId.FIRST;
    private volatile RawClient connection;
    private volatile boolean closed;
    private volatile String lastValue = "";
    private volatile int ends;

    /**
     * @param earliest whether it begins with the earliest events, not with those that are published from then on
     * @param ports returns the port of a node for each connection
     */
    Subscriber(String does, Target target, boolean earliest, IntSupplier ports) {
        this.name = does + " " + target;
        this.target = target;
        this.earliest = earliest;
        this.ports = ports;
        thread = new Thread(this::receive, name);
        thread.setDaemon(true);
        thread.start();
    }

    String name() {
        return name;
    }

    Target target() {
        return target;
    }

    /** Returns all received blocks that have an event id. */
    List<Received> blocks() {
        return List.copyOf(blocks);
    }

    /** Returns the events of each connection without an id. A channel that keeps the latest event sends no ids. */
    List<List<String>> values() {
        return values.stream().map(List::copyOf).toList();
    }

    /** Returns whether the subscriber has received this event without an id after all others. */
    boolean hasLast(String value) {
        return lastValue.equals(value);
    }

    /** Returns the faults that no failure excuses, such as a status other than 200 or a silent stream. */
    List<String> faults() {
        return List.copyOf(faults);
    }

    /** Returns the number of streams that have ended. */
    int ends() {
        return ends;
    }

    boolean hasStarted() {
        return !blocks.isEmpty();
    }

    /** Returns whether the position is at this event or after it. */
    boolean hasReached(EventId id) {
        return !position.isBefore(id);
    }

    /** Closes the connection, so that the subscriber reconnects. */
    void cut() throws IOException {
        RawClient open = connection;
        if (open != null) {
            open.close();
        }
    }

    private void receive() {
        while (!closed) {
            String[] headers = lastEventId.isEmpty() ? new String[0] : new String[] {"Last-Event-ID: " + lastEventId};
            try (var client = RawClient.request(ports.getAsInt(), "GET " + request(), headers)) {
                client.timeout(MAX_SILENCE_MILLIS);
                connection = client;
                receive(client);
            } catch (SocketTimeoutException e) {
                faults.add(name + " received nothing for " + MAX_SILENCE_MILLIS + " ms after " + lastEventId);
            } catch (IOException e) {
                // the connection was cut, or the node is down
            }
            ends += closed ? 0 : 1;
            LockSupport.parkNanos(PAUSE);
        }
    }

    private String request() {
        String request = target.request();
        return earliest ? request + (request.contains("?") ? "&" : "?") + "lastEventId=earliest" : request;
    }

    private void receive(RawClient client) throws IOException {
        String status = client.head().get(0);
        if (!status.equals("HTTP/1.1 200 OK")) {
            faults.add(name + " got the response " + status);
            return;
        }
        List<String> own = new CopyOnWriteArrayList<>();
        values.add(own);
        String unread = "";
        for (String chunk = client.chunk(); !chunk.isEmpty() && !closed; chunk = client.chunk()) {
            unread += chunk;
            for (int end = unread.indexOf("\n\n"); end >= 0; end = unread.indexOf("\n\n")) {
                block(unread.substring(0, end + 2), own);
                unread = unread.substring(end + 2);
            }
        }
    }

    private void block(String block, List<String> own) {
        for (Fired fired : StreamParser.parse(block)) {
            // in a stream of several channels, the channel follows the position
            String[] id = fired.lastEventId().split(" ", 2);
            var at = EventId.parse(id[0]);
            if (at.isEmpty() && fired.type().equals("crier.gap")) {
                // other gaps follow, or an event from inside the gap
                String channel = new JsonObject(fired.data()).getString("channel");
                blocks.add(new Received.Named(channel, Received.Gap.of(fired.data(), position)));
                continue;
            }
            if (at.isEmpty()) {
                own.add(fired.data());
                lastValue = fired.data();
                continue;
            }
            switch (fired.type()) {
                case "crier.start" -> blocks.add(new Received.Start(at.get()));
                case "crier.gap" -> {
                    add(id, Received.Gap.of(fired.data(), at.get()));
                    if (id.length > 1 && !fired.data().contains("\"channel\":\"" + id[1] + "\"")) {
                        faults.add(name + " received a gap of another channel than its id names: " + fired);
                    }
                }
                case "message" -> add(id, new Received.Event(at.get(), fired.data()));
                case "crier.end" -> {
                    // the stream ends here, and the position stays
                }
                default -> faults.add(name + " received " + fired);
            }
            lastEventId = fired.lastEventId();
            position = at.get();
        }
    }

    private void add(String[] id, Received block) {
        blocks.add(id.length == 1 ? block : new Received.Named(id[1], block));
    }

    @Override
    public void close() throws IOException {
        closed = true;
        cut();
    }
}
