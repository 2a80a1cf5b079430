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
 * Very many readers of numbers, each of which does what a browser's {@code EventSource} does when its stream ends: it waits
 * as it was told, and comes back with the last id it saw. An answer that is no stream is the end of it, as in a browser.
 */
public final class Swarm implements AutoCloseable {

    /** The end of a stream: when (by {@link System#nanoTime}), and how long the reader was told to wait. */
    public record End(long nanos, int retryMillis) {}

    private final Vertx vertx = Vertx.vertx();
    private final HttpClient http;
    private final List<Reader> readers = new ArrayList<>();
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

    /** Of readers whose machines take in little that they have not read. */
    public static Swarm slow() {
        return new Swarm(new HttpClientOptions().setReceiveBufferSize(16_384));
    }

    /** More readers, of this address; does not wait for them. */
    public void join(int count, int port, String path) {
        join(count, port, path, 0);
    }

    /** More readers, which have the numbers up to this. */
    public void join(int count, int port, String path, int last) {
        join(count, port, path, last, false);
    }

    /** More of a channel that keeps the latest: they may skip numbers, but never go back. */
    public void joinLatest(int count, int port, String path) {
        join(count, port, path, 0, true);
    }

    private void join(int count, int port, String path, int last, boolean latest) {
        for (int i = 0; i < count; i++) {
            var reader = new Reader(port, path, latest);
            reader.last = last;
            readers.add(reader);
            reader.connect();
        }
    }

    /** Some of them, by chance, are cut off, as if by a cable; they come back. */
    public void cut(int count, RandomGenerator random) {
        some(count, random, response -> response.request().connection().close());
    }

    /** Some of them, by chance, take nothing for a time. */
    public void stall(int count, RandomGenerator random, Duration time) {
        some(count, random, response -> {
            response.pause();
            vertx.setTimer(time.toMillis(), id -> response.resume());
        });
    }

    private void some(int count, RandomGenerator random, Consumer<HttpClientResponse> action) {
        random.ints(count, 0, readers.size())
                .mapToObj(i -> readers.get(i).stream)
                .filter(Objects::nonNull)
                .forEach(action);
    }

    /** How many streams are open. */
    public int open() {
        return open.get();
    }

    public List<End> ends() {
        return List.copyOf(ends);
    }

    /** What should not be: refusals, and numbers that do not follow each other. */
    public List<String> failures() {
        return List.copyOf(failures);
    }

    /** Whether each has been given a place, to which it can come back. */
    public boolean allHavePlaces() {
        return readers.stream().noneMatch(reader -> reader.lastEventId.isEmpty());
    }

    /** Whether each has had all numbers up to this. */
    public boolean allHave(int number) {
        return readers.stream().allMatch(reader -> reader.last >= number);
    }

    private final class Reader {

        private final int port;
        private final String path;
        private final boolean latest;
        private volatile HttpClientResponse stream;
        private volatile int last;
        private volatile String lastEventId = "";
        private int retryMillis = 1_000;
        private String unread = "";

        /** The event that is being read is of Crier's own, and its data no number. */
        private boolean typed;

        Reader(int port, String path, boolean latest) {
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
                    .onFailure(failure -> comeBack());
        }

        private void read(HttpClientResponse response) {
            if (response.statusCode() != 200) {
                failures.add("refused: " + response.statusCode());
                return;
            }
            if (!response.headers().get("Content-Type").startsWith("text/event-stream")) {
                failures.add("no stream: " + response.headers().get("Content-Type"));
                return;
            }
            stream = response;
            open.incrementAndGet();
            unread = "";
            response.handler(bytes -> {
                        if (stream
                                == response) { // else it ended while it took nothing, and the reader goes on by another
                            take(bytes);
                        }
                    })
                    .exceptionHandler(failure -> {
                        // that is an end as well
                    });
            response.end().onComplete(ended -> {
                stream = null;
                open.decrementAndGet();
                ends.add(new End(System.nanoTime(), retryMillis));
                comeBack();
            });
        }

        private void comeBack() {
            vertx.setTimer(Math.max(1, retryMillis), id -> connect());
        }

        private void take(Buffer bytes) {
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
