package dev.crier.failures;

import dev.crier.event.EventId;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntSupplier;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Publishes numbered events to random channels, at a random node each, one at a time or in small batches. With idempotency
 * keys, it repeats each publication at any node until it is acknowledged. Without, it repeats a publication only if Crier says
 * that nothing was published; otherwise it gives these numbers up.
 */
final class Publisher {

    private static final long MAX_PAUSE = TimeUnit.MILLISECONDS.toNanos(10);
    private static final Duration TIMEOUT = Duration.ofSeconds(20);
    private static final int MAX_BATCH = 5;

    private final String name;
    private final HttpClient http;
    private final IntSupplier ports;
    private final List<String> channels;
    private final boolean keys;
    private final RandomGenerator random;
    private final Queue<Published> published = new ConcurrentLinkedQueue<>();
    private final Queue<String> faults = new ConcurrentLinkedQueue<>();
    private final Thread thread;
    private volatile boolean finishing;
    private int last;
    private volatile int acknowledged;
    private volatile int givenUp;
    private volatile int unavailable;
    private volatile int broken;

    /**
     * @param ports returns the port of a node for each attempt
     * @param keys whether publications have idempotency keys
     */
    Publisher(
            String name,
            HttpClient http,
            IntSupplier ports,
            List<String> channels,
            boolean keys,
            RandomGenerator random) {
        this.name = name;
        this.http = http;
        this.ports = ports;
        this.channels = channels;
        this.keys = keys;
        this.random = random;
        thread = new Thread(this::publish, name);
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    /** Returns the number of acknowledged events. */
    int acknowledged() {
        return acknowledged;
    }

    /** Returns the number of publications without a key that may be published or not. */
    int givenUp() {
        return givenUp;
    }

    /** Returns the number of attempts that were answered by 503. */
    int unavailable() {
        return unavailable;
    }

    /** Returns the number of attempts that ended without a response, for example because the node was killed. */
    int broken() {
        return broken;
    }

    List<Published> published() {
        return List.copyOf(published);
    }

    /** Returns the faults that no failure excuses, such as a status other than 201 and 503. */
    List<String> faults() {
        return List.copyOf(faults);
    }

    /** Publishes once more to each channel, and stops after the acknowledgement. */
    void finish() throws InterruptedException {
        finishing = true;
        thread.join(TIMEOUT.multipliedBy(2).toMillis());
        if (thread.isAlive()) {
            faults.add(name + " cannot publish after " + acknowledged + " events");
            thread.interrupt();
        }
    }

    private void publish() {
        try {
            while (!finishing) {
                String channel = channels.get(random.nextInt(channels.size()));
                publish(channel, random.nextInt(4) == 0 ? random.nextInt(1, MAX_BATCH) + 1 : 1);
                LockSupport.parkNanos(random.nextLong(MAX_PAUSE));
            }
            for (String channel : channels) {
                publish(channel, 1);
            }
        } catch (InterruptedException e) {
            // the fault is recorded
        }
    }

    private void publish(String channel, int count) throws InterruptedException {
        publish(
                channel,
                IntStream.rangeClosed(last + 1, last + count)
                        .mapToObj(number -> name + "-" + number)
                        .toList());
        last += count;
    }

    private void publish(String channel, List<String> events) throws InterruptedException {
        long sent = System.nanoTime();
        while (true) {
            boolean refused = false;
            try {
                var response = http.send(request(channel, events), HttpResponse.BodyHandlers.ofString());
                if (response.statusCode() == 201) {
                    acknowledge(channel, events, ids(response.body()), sent);
                    return;
                }
                unavailable++;
                refused = response.body().contains("Nothing was published");
                if (response.statusCode() != 503
                        || response.headers().firstValue("Retry-After").isEmpty()) {
                    faults.add(events + ": " + response.statusCode() + " " + response.headers() + response.body());
                }
            } catch (HttpTimeoutException e) {
                faults.add(events + ": no response within " + TIMEOUT);
            } catch (IOException e) {
                broken++;
            }
            if (!keys && !refused) {
                givenUp++;
                return;
            }
            LockSupport.parkNanos(random.nextLong(MAX_PAUSE, 3 * MAX_PAUSE));
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
        }
    }

    private void acknowledge(String channel, List<String> events, List<EventId> ids, long sent) {
        long now = System.nanoTime();
        for (int i = 0; i < events.size(); i++) {
            published.add(new Published(channel, events.get(i), ids.get(i), sent, now));
        }
        acknowledged += events.size();
    }

    private HttpRequest request(String channel, List<String> events) {
        var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + ports.getAsInt() + channel))
                .timeout(TIMEOUT)
                .header("Authorization", "Bearer " + Cluster.TOKEN);
        if (keys) {
            request.header("Idempotency-Key", events.get(0));
        }
        if (events.size() == 1) {
            return request.POST(HttpRequest.BodyPublishers.ofString(events.get(0)))
                    .build();
        }
        String lines = events.stream()
                .map(data -> new JsonObject().put("data", data).encode())
                .collect(Collectors.joining("\n"));
        return request.header("Content-Type", "application/x-ndjson")
                .POST(HttpRequest.BodyPublishers.ofString(lines))
                .build();
    }

    private static List<EventId> ids(String body) {
        var json = new JsonObject(body);
        return json.getJsonArray("ids", new JsonArray().add(json.getString("id"))).stream()
                .map(id -> EventId.parse(id.toString()).orElseThrow())
                .toList();
    }
}
