package dev.crier.testing;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/**
 * Thousands of subscribers to a channel of numbers. Like a browser's {@code EventSource}, each waits for the retry time when
 * its stream ends, and reconnects with its last event id. Like a browser, it gives up at a response that is no stream.
 */
public final class Swarm implements AutoCloseable {

    /** The end of a stream: its {@link System#nanoTime}, and the retry time that the stream had set. */
    public record End(long nanos, int retryMillis) {}

    private final Vertx vertx = Vertx.vertx();
    private final HttpClient http;
    private final List<Subscriber> subscribers = new ArrayList<>();
    private final AtomicInteger open = new AtomicInteger();
    private final Queue<End> ends = new ConcurrentLinkedQueue<>();
    private final Queue<String> failures = new ConcurrentLinkedQueue<>();
    private volatile boolean closed;

    public Swarm() {
        this(new HttpClientOptions());
    }

    private Swarm(HttpClientOptions options) {
        http = vertx.createHttpClient(options, new PoolOptions().setHttp1MaxSize(100_000));
    }

    /** Creates subscribers with small receive buffers, so that unread bytes soon stall the server. */
    public static Swarm slow() {
        return new Swarm(new HttpClientOptions().setReceiveBufferSize(16_384));
    }

    /** Connects this many subscribers without waiting for their streams. */
    public void join(int count, int port, String path) {
        join(count, port, path, 0);
    }

    /** Connects this many subscribers, which expect the number after {@code last} first. */
    public void join(int count, int port, String path, int last) {
        join(count, port, path, last, false);
    }

    /** Connects this many subscribers to a channel that keeps the latest event. They may skip numbers but never go back. */
    public void joinLatest(int count, int port, String path) {
        join(count, port, path, 0, true);
    }

    private void join(int count, int port, String path, int last, boolean latest) {
        for (int i = 0; i < count; i++) {
            var subscriber = new Subscriber(port, path, latest);
            subscriber.last = last;
            subscribers.add(subscriber);
            subscriber.connect();
        }
    }

    /** Closes the connections of random subscribers, which then reconnect. */
    public void cut(int count, RandomGenerator random) {
        some(count, random, response -> response.request().connection().close());
    }

    /** Has random subscribers read nothing for a time. */
    public void stall(int count, RandomGenerator random, Duration time) {
        some(count, random, response -> {
            response.pause();
            vertx.setTimer(time.toMillis(), id -> response.resume());
        });
    }

    private void some(int count, RandomGenerator random, Consumer<HttpClientResponse> action) {
        random.ints(count, 0, subscribers.size())
                .mapToObj(i -> subscribers.get(i).stream)
                .filter(Objects::nonNull)
                .forEach(action);
    }

    /** Returns the number of open streams. */
    public int open() {
        return open.get();
    }

    public List<End> ends() {
        return List.copyOf(ends);
    }

    /** Returns what went wrong: rejected requests, and numbers out of order. */
    public List<String> failures() {
        return List.copyOf(failures);
    }

    /** Returns whether every subscriber has an event id to resume after. */
    public boolean allHaveEventIds() {
        return subscribers.stream().noneMatch(subscriber -> subscriber.lastEventId.isEmpty());
    }

    /** Returns whether every subscriber has received all numbers up to this one. */
    public boolean allHave(int number) {
        return subscribers.stream().allMatch(subscriber -> subscriber.last >= number);
    }

    private final class Subscriber {

        private final int port;
        private final String path;
        private final boolean latest;
        private volatile HttpClientResponse stream;
        private volatile int last;
        private volatile String lastEventId = "";
        private int retryMillis = 1_000;
        private String unread = "";

        /** Whether the current block has a type: then it is an event of Crier itself, without a number. */
        private boolean typed;

        Subscriber(int port, String path, boolean latest) {
            this.port = port;
            this.path = path;
            this.latest = latest;
        }

        void connect() {
            if (closed) {
                return;
            }
            var to = new RequestOptions()
                    .setMethod(HttpMethod.GET)
                    .setHost("127.0.0.1")
                    .setPort(port)
                    .setURI(path)
                    .putHeader("Accept", "text/event-stream");
            if (!lastEventId.isEmpty()) {
                to.putHeader("Last-Event-ID", lastEventId);
            }
            http.request(to)
                    .compose(HttpClientRequest::send)
                    .onSuccess(this::read)
                    .onFailure(failure -> reconnect());
        }

        private void read(HttpClientResponse response) {
            if (response.statusCode() != 200) {
                failures.add("status " + response.statusCode());
                return;
            }
            if (!response.headers().get("Content-Type").startsWith("text/event-stream")) {
                failures.add("content type " + response.headers().get("Content-Type"));
                return;
            }
            stream = response;
            open.incrementAndGet();
            unread = "";
            response.handler(bytes -> {
                        // bytes of a stream that ended while it was paused come after the next stream has begun
                        if (stream == response) {
                            receive(bytes);
                        }
                    })
                    .exceptionHandler(failure -> {
                        // the stream ends
                    });
            response.end().onComplete(ended -> {
                stream = null;
                open.decrementAndGet();
                ends.add(new End(System.nanoTime(), retryMillis));
                reconnect();
            });
        }

        private void reconnect() {
            vertx.setTimer(Math.max(1, retryMillis), id -> connect());
        }

        private void receive(Buffer bytes) {
            unread += bytes;
            for (int end = unread.indexOf("\n\n"); end >= 0; end = unread.indexOf("\n\n")) {
                String block = unread.substring(0, end);
                unread = unread.substring(end + 2);
                typed = false;
                block.lines().forEach(this::line);
            }
        }

        private void line(String line) {
            if (line.startsWith("id: ")) {
                lastEventId = line.substring("id: ".length());
            } else if (line.startsWith("retry: ")) {
                retryMillis = Integer.parseInt(line.substring("retry: ".length()));
            } else if (line.startsWith("event: ")) {
                if (!line.equals("event: crier.start") && !line.equals("event: crier.end")) {
                    failures.add(line + " after " + last);
                }
                typed = true;
            } else if (line.startsWith("data: ") && !typed) {
                int number = Integer.parseInt(line.substring("data: ".length()).split(" ", 2)[0]);
                if (latest ? number < last : number != last + 1) {
                    failures.add(number + " after " + last);
                }
                last = number;
            }
        }
    }

    @Override
    public void close() throws TimeoutException {
        closed = true;
        RunningCrier.await(vertx.close());
    }
}
