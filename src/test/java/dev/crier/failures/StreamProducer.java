package dev.crier.failures;

import dev.crier.testing.RawClient;
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
import java.util.random.RandomGenerator;

/**
 * Streams a text with an idempotency key, in parts of any size, as if the text came into being meanwhile. After a failure, it
 * sends again at once what it has sent before, and then goes on, possibly at another node.
 */
final class StreamProducer implements AutoCloseable {

    private static final long MAX_PAUSE = TimeUnit.MILLISECONDS.toNanos(4);
    private static final long RETRY_PAUSE = TimeUnit.MILLISECONDS.toNanos(20);
    private static final int MAX_PART = 200;

    private final String channel;
    private final String text;
    private final IntSupplier ports;
    private final RandomGenerator random;
    private final List<RawClient> open = new CopyOnWriteArrayList<>();
    private final Queue<String> faults = new ConcurrentLinkedQueue<>();
    private final Thread thread = new Thread(this::produce, "producer");

    /** How much of the text has come into being. */
    private volatile int sent;

    /** How much of the text may come into being at present. */
    private volatile int permitted;

    private volatile int attempts;
    private volatile boolean abandons;
    private volatile JsonObject answer;
    private volatile boolean closed;

    /**
     * @param text ASCII, of which each line becomes an event
     * @param ports returns the port of a node for each attempt
     */
    StreamProducer(String channel, String text, IntSupplier ports, RandomGenerator random) {
        this.channel = channel;
        this.text = text;
        this.ports = ports;
        this.random = random;
        thread.setDaemon(true);
        thread.start();
    }

    int sent() {
        return sent;
    }

    /** Lets the text grow to this length. */
    void permit(int length) {
        permitted = length;
    }

    /** Returns the number of requests so far. */
    int attempts() {
        return attempts;
    }

    /** Begins again with a new request, as if the network had vanished: the old connection stays open. */
    void abandon() {
        abandons = true;
    }

    /** Returns the response to the request that has sent the whole text, or null before that. */
    JsonObject answer() {
        return answer;
    }

    List<String> faults() {
        return List.copyOf(faults);
    }

    private void produce() {
        while (answer == null && !closed) {
            attempts++;
            try {
                answer = attempt();
            } catch (SocketTimeoutException e) {
                faults.add("the producer got no response");
            } catch (IOException e) {
                // the node was killed, or does not listen yet
            }
            LockSupport.parkNanos(RETRY_PAUSE);
        }
    }

    /** Sends the text once. Returns the response if all of it is stored, or null if the producer must try again. */
    private JsonObject attempt() throws IOException {
        var client = RawClient.request(
                ports.getAsInt(),
                "POST " + channel + "?lines",
                "Authorization: Bearer " + Cluster.TOKEN,
                "Idempotency-Key: the-text",
                "Transfer-Encoding: chunked");
        open.add(client);
        int position = 0;
        while (position < text.length()) {
            boolean again = position < sent;
            int end = Math.min(again ? sent : permitted, position + 1 + random.nextInt(MAX_PART));
            if (abandons || closed) {
                abandons = false;
                return null;
            }
            if (end <= position) {
                LockSupport.parkNanos(MAX_PAUSE);
                continue;
            }
            String part = text.substring(position, end);
            client.send(Integer.toHexString(part.length()) + "\r\n" + part + "\r\n");
            position = end;
            sent = Math.max(sent, end);
            if (!again) {
                LockSupport.parkNanos(random.nextLong(MAX_PAUSE));
            }
        }
        client.send("0\r\n\r\n");
        String status = client.head().get(0);
        String body = client.readThrough("}");
        if (status.equals("HTTP/1.1 201 Created")) {
            return new JsonObject(body);
        }
        if (!status.equals("HTTP/1.1 503 Service Unavailable")) {
            faults.add(status + " " + body);
        }
        return null;
    }

    @Override
    public void close() throws IOException {
        closed = true;
        for (RawClient client : open) {
            client.close();
        }
    }
}
