package dev.crier.endurance;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Publishes the numbers 1, 2, 3 and so on to some channels until it is stopped: usually one at a time, sometimes in a large
 * batch.
 */
final class BurstPublisher {

    /** Events in a burst. */
    private static final int BURST = 300;

    /** On average, one in this number of publications is a burst. */
    private static final int BURST_INTERVAL = 20;

    private static final long PAUSE = TimeUnit.MILLISECONDS.toNanos(5);

    /** Makes a burst larger than a connection's buffers. */
    private static final String PADDING = " " + "x".repeat(1000);

    private final HttpClient http;
    private final int port;
    private final String token;
    private final String[] channels;
    private final RandomGenerator random;
    private final Thread thread = new Thread(this::publish, "publisher");
    private volatile boolean stopping;
    private volatile int published;
    private final int burstsUntil;
    private volatile Exception failure;

    /**
     * @param last the last number that has been published before
     * @param burstsUntil publishes only bursts up to this number
     */
    BurstPublisher(
            HttpClient http,
            int port,
            String token,
            RandomGenerator random,
            int last,
            int burstsUntil,
            String... channels) {
        this.http = http;
        this.published = last;
        this.burstsUntil = burstsUntil;
        this.port = port;
        this.token = token;
        this.random = random;
        this.channels = channels.clone();
        thread.start();
    }

    /**
     * Returns the last number that has been published to all channels.
     *
     * @throws IOException if publishing has failed
     */
    int published() throws IOException {
        if (failure != null) {
            throw new IOException("publishing failed after " + published, failure);
        }
        return published;
    }

    /** Stops publishing, and returns the last number. */
    int stop() throws IOException, InterruptedException {
        stopping = true;
        thread.join();
        return published();
    }

    private void publish() {
        try {
            while (!stopping) {
                int last = published + (published < burstsUntil || random.nextInt(BURST_INTERVAL) == 0 ? BURST : 1);
                for (String channel : channels) {
                    publish(channel, last);
                }
                published = last;
                LockSupport.parkNanos(PAUSE);
            }
        } catch (IOException | InterruptedException e) {
            failure = e;
        }
    }

    private void publish(String channel, int last) throws IOException, InterruptedException {
        String batch = IntStream.rangeClosed(published + 1, last)
                .mapToObj(number -> "{\"data\":\"" + number + PADDING + "\"}")
                .collect(Collectors.joining("\n"));
        var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + channel))
                .header("Authorization", "Bearer " + token)
                .header("Content-Type", "application/x-ndjson")
                .POST(HttpRequest.BodyPublishers.ofString(batch))
                .build();
        var response = http.send(request, HttpResponse.BodyHandlers.ofString());
        if (response.statusCode() != 201) {
            throw new IOException(response.statusCode() + ": " + response.body());
        }
    }
}
