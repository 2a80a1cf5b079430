package dev.crier.transport;

import dev.crier.limit.ConnectionLimit;
import dev.crier.metrics.Metrics;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.ext.web.Router;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A server with a tracker of its connections. The test sets the time. */
abstract class ConnectionTrackerFixture {

    static final Duration HEAD_TIMEOUT = Duration.ofHours(1);
    static final Duration RESPONSE_TIMEOUT = Duration.ofSeconds(10);
    static final int LARGE = 8 << 20;
    private static final int SEND_BUFFER = 64 << 10;

    private final boolean http2;
    private final Vertx vertx = Vertx.vertx(new VertxOptions().setPreferNativeTransport(true));
    final AtomicLong now = new AtomicLong();
    final List<HttpConnection> opened = new CopyOnWriteArrayList<>();
    private Context context;
    ConnectionTracker tracker;
    int port;
    private Path file;

    ConnectionTrackerFixture(boolean http2) {
        this.http2 = http2;
    }

    @BeforeEach
    void listen(@TempDir Path folder) throws Exception {
        file = Files.write(folder.resolve("large"), new byte[LARGE]);
        context = vertx.getOrCreateContext();
        tracker = new ConnectionTracker(
                context,
                new ConnectionLimit(1_000),
                (ctx, reason) -> ctx.fail(503),
                Metrics.NONE,
                HEAD_TIMEOUT,
                RESPONSE_TIMEOUT,
                now::get);
        port = onEventLoop(this::serve).actualPort();
    }

    /**
     * Serves the number of bytes in the path, after the request's body. Over HTTP/1, serves a file, because Vert.x would report
     * the end of a response from memory at once; over HTTP/2, serves from memory. With HTTP/2, Vert.x reports a connection when
     * it has sent something.
     */
    private Future<HttpServer> serve() {
        Router router = Router.router(vertx);
        router.route().handler(tracker::admit);
        router.route("/:bytes")
                .handler(ctx -> ctx.request().body().onSuccess(body -> {
                    int bytes = Integer.parseInt(ctx.pathParam("bytes"));
                    if (http2) {
                        ctx.response().end(Buffer.buffer(new byte[bytes]));
                    } else {
                        ctx.response().sendFile(file.toString(), 0, bytes);
                    }
                }));
        return vertx.createHttpServer(
                        new HttpServerOptions().setHttp2ClearTextEnabled(http2).setSendBufferSize(SEND_BUFFER))
                .connectionHandler(connection -> {
                    opened.add(connection);
                    tracker.add(connection);
                })
                .requestHandler(router)
                .listen(0, "127.0.0.1");
    }

    @AfterEach
    void close() throws Exception {
        vertx.close().await(30, TimeUnit.SECONDS);
    }

    <T> T onEventLoop(Callable<Future<T>> action) throws Exception {
        Promise<T> result = Promise.promise();
        context.runOnContext(turn -> {
            try {
                action.call().onComplete(result);
            } catch (Exception e) {
                result.fail(e);
            }
        });
        return result.future().await(30, TimeUnit.SECONDS);
    }

    void check() throws Exception {
        onEventLoop(() -> {
            tracker.check();
            return Future.succeededFuture();
        });
    }

    void checkAfter(Duration time) throws Exception {
        now.addAndGet(time.toNanos());
        check();
    }
}
