package dev.crier.testing;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * Publishes 1, 2, 3 and so on. Each request has an idempotency key of its own and is repeated until it is acknowledged, even
 * while Crier is away.
 */
public final class NumberPublisher implements AutoCloseable {

    private static final long PAUSE_AFTER_FAILURE = TimeUnit.MILLISECONDS.toNanos(10);

    private final HttpClient http = HttpClient.newHttpClient();
    private final URI channel;
    private final String token;
    private final Duration pause;
    private final AtomicInteger acknowledged = new AtomicInteger();
    private final AtomicBoolean finishing = new AtomicBoolean();
    private final Thread thread = new Thread(this::publish, "publisher");

    /** @param pause the time between two numbers */
    public NumberPublisher(int port, String channel, String token, Duration pause) {
        this.channel = URI.create("http://127.0.0.1:" + port + channel);
        this.token = token;
        this.pause = pause;
    }

    public void start() {
        thread.start();
    }

    /** Returns the last acknowledged number. */
    public int acknowledged() {
        return acknowledged.get();
    }

    /** Stops after the current number is acknowledged, and returns that number. */
    public int finish() throws InterruptedException {
        finishing.set(true);
        thread.join();
        return acknowledged.get();
    }

    private void publish() {
        try {
            while (!finishing.get()) {
                publish(acknowledged.get() + 1);
                LockSupport.parkNanos(pause.toNanos());
            }
        } catch (InterruptedException e) {
            // closed
        }
    }

    /** A failed request may have been stored, so the same number is retried until its outcome is known. */
    private void publish(int number) throws InterruptedException {
        var request = HttpRequest.newBuilder(channel)
                .header("Authorization", "Bearer " + token)
                .header("Idempotency-Key", "number-" + number)
                .POST(HttpRequest.BodyPublishers.ofString(String.valueOf(number)))
                .build();
        while (true) {
            try {
                if (http.send(request, HttpResponse.BodyHandlers.ofString()).statusCode() == 201) {
                    acknowledged.set(number);
                    return;
                }
            } catch (IOException e) {
                // Crier is away
            }
            LockSupport.parkNanos(PAUSE_AFTER_FAILURE);
        }
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
