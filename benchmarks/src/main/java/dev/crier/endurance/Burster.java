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

/** Publishes 1, 2, 3 and so on to some channels, now one and now very many in a batch, until it is told to stop. */
final class Burster {

    private static final int BURST = 300;

    /** One in so many publications is a burst. */
    private static final int RARELY = 20;

    private static final long PAUSE = TimeUnit.MILLISECONDS.toNanos(5);

    /** So that a burst does not fit what waits in a connection. */
    private static final String PADDING = " " + "x".repeat(1000);

    private final HttpClient http;
    private final int port;
    private final String token;
    private final String[] channels;
    private final RandomGenerator random;
    private final Thread thread = new Thread(this::publish, "burster");
    private volatile boolean enough;
    private volatile int published;
    private final int atOnce;
    private volatile Exception failure;

    /**
     * @param last the last number that has been published
     * @param atOnce the number up to which it publishes in bursts only
     */
    Burster(HttpClient http, int port, String token, RandomGenerator random, int last, int atOnce, String... channels) {
        this.http = http;
        this.published = last;
        this.atOnce = atOnce;
        this.port = port;
        this.token = token;
        this.random = random;
        this.channels = channels.clone();
        thread.start();
    }

    /** The last number that all channels have. */
    int published() {
        return published;
    }

    /** Publishes no more, and answers with the last number. */
    int finish() throws Exception {
        enough = true;
        thread.join();
        if (failure != null) {
            throw failure;
        }
        return published;
    }

    private void publish() {
        try {
            while (!enough) {
                int last = published + (published < atOnce || random.nextInt(RARELY) == 0 ? BURST : 1);
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
