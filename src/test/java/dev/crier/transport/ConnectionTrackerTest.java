package dev.crier.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.limit.ConnectionLimit;
import dev.crier.metrics.Metrics;
import dev.crier.testing.Eventually;
import dev.crier.testing.RawClient;
import dev.crier.testing.RawHttp2Client;
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
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Threat: clients that send no request, or do not take their responses, hold connections and memory. The test sets the time. */
class ConnectionTrackerTest {

    private static final Duration HEAD_TIMEOUT = Duration.ofHours(1);
    private static final Duration RESPONSE_TIMEOUT = Duration.ofSeconds(10);
    private static final int ZERO_WINDOW = 0;
    private static final int LARGE = 8 << 20;
    private static final int SEND_BUFFER = 64 << 10;

    private final Vertx vertx = Vertx.vertx(new VertxOptions().setPreferNativeTransport(true));
    private final AtomicLong now = new AtomicLong();
    private final List<HttpConnection> opened = new CopyOnWriteArrayList<>();
    private Context context;
    private ConnectionTracker tracker;
    private int port;
    private int http2Port;
    private Path file;

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
        port = onEventLoop(() -> serve(false)).actualPort();
        http2Port = onEventLoop(() -> serve(true)).actualPort();
    }

    /**
     * Serves the number of bytes in the path, after the request's body. Over HTTP/1, serves a file, because Vert.x would report
     * the end of a response from memory at once; over HTTP/2, serves from memory. With HTTP/2, Vert.x reports a connection when
     * it has sent something.
     */
    private Future<HttpServer> serve(boolean http2) {
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

    private <T> T onEventLoop(Callable<Future<T>> action) throws Exception {
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

    private void check() throws Exception {
        onEventLoop(() -> {
            tracker.check();
            return Future.succeededFuture();
        });
    }

    private void checkAfter(Duration time) throws Exception {
        now.addAndGet(time.toNanos());
        check();
    }

    private void awaitConnections(int count) throws Exception {
        Eventually.until(() -> "connections: " + opened.size(), () -> opened.size() == count);
    }

    private void awaitIdle(int count) throws Exception {
        Eventually.until("the requests have ended", () -> tracker.idle() == count);
    }

    private long outboundMark(HttpConnection connection) throws Exception {
        return onEventLoop(() -> Future.succeededFuture(NettyConnection.outboundMark(connection)));
    }

    /** Waits until bytes for this client wait in the server. */
    private void awaitWaitingBytes(HttpConnection connection) throws Exception {
        Eventually.until("bytes wait", () -> outboundMark(connection) != Progress.NOTHING_WAITS);
    }

    /** Waits until the client's kernel and the server's have taken what they can. */
    private void awaitStall(HttpConnection connection) throws Exception {
        awaitWaitingBytes(connection);
        for (int same = 0; same < 20; ) {
            long mark = outboundMark(connection);
            LockSupport.parkNanos(1_000_000);
            same = outboundMark(connection) == mark ? same + 1 : 0;
        }
    }

    private static void requestHttp1(RawClient client, int bytes) throws IOException {
        client.send("GET /" + bytes + " HTTP/1.1\r\nHost: a\r\n\r\n");
    }

    private static void readHttp1(RawClient client, int bytes) throws IOException {
        client.head();
        client.read(bytes);
    }

    private static void readWindow(RawHttp2Client client, int stream, int bytes) throws IOException {
        client.openWindow(stream, bytes);
        for (int read = 0; read < bytes; ) {
            read += client.next(RawHttp2Client.DATA, stream).payload().length;
        }
    }

    @Test
    void aConnectionWithoutARequestIsClosedAfterTheHeadTimeout() throws Exception {
        try (var silent = new RawClient(port);
                var half = new RawClient(port)) {
            half.send("GET / HTTP/1.1\r\n");
            awaitConnections(2);
            checkAfter(HEAD_TIMEOUT.minusNanos(1));
            half.send("Host: a\r\n");
            assertTrue(isOpen(0) && isOpen(1));
            checkAfter(Duration.ofNanos(1));
            assertEquals("", silent.rest());
            assertTrue(!isOpen(0) && !isOpen(1));
        }
    }

    private boolean isOpen(int connection) {
        return NettyConnection.channel(opened.get(connection)).orElseThrow().isOpen();
    }

    @Test
    void aRequestRestartsTheHeadTimeout() throws Exception {
        try (var client = new RawClient(port)) {
            awaitConnections(1);
            checkAfter(HEAD_TIMEOUT.minusNanos(1));
            for (int i = 0; i < 3; i++) {
                requestHttp1(client, 5);
                readHttp1(client, 5);
                awaitIdle(1);
                checkAfter(HEAD_TIMEOUT.minusNanos(1));
            }
            checkAfter(Duration.ofNanos(1));
            assertEquals("", client.rest());
        }
    }

    @Test
    void anHttp1ClientThatTakesNothingIsClosedAfterTheTimeout() throws Exception {
        try (var client = RawClient.slow(port)) {
            requestHttp1(client, LARGE);
            awaitConnections(1);
            awaitWaitingBytes(opened.get(0));
            check();
            int checks = 0;
            while (isOpen(0)) {
                assertTrue(checks++ < 100, "the connection is still open");
                checkAfter(RESPONSE_TIMEOUT);
            }
        }
    }

    /** With the smallest buffer, the client's kernel reports each kilobyte that is read. */
    @Test
    void aFewBytesAtATimeAreNoProgressOverHttp1() throws Exception {
        try (var client = new Socket()) {
            client.setReceiveBufferSize(1);
            client.connect(new InetSocketAddress("127.0.0.1", port));
            client.getOutputStream()
                    .write(("GET /" + LARGE + " HTTP/1.1\r\nHost: a\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
            awaitConnections(1);
            awaitWaitingBytes(opened.get(0));
            int read = 0;
            while (isOpen(0)) {
                assertTrue(read++ < 10_000, "the connection is still open");
                client.getInputStream().readNBytes(1);
                checkAfter(RESPONSE_TIMEOUT.dividedBy(100));
            }
        }
    }

    @Test
    void aSlowHttp1ClientGetsItsWholeResponse() throws Exception {
        try (var client = RawClient.slow(port)) {
            requestHttp1(client, LARGE);
            client.head();
            awaitConnections(1);
            for (int read = 0; read < LARGE; ) {
                long mark = outboundMark(opened.get(0));
                do {
                    client.read(Math.min(16 << 10, LARGE - read));
                    read += Math.min(16 << 10, LARGE - read);
                } while (read < LARGE && outboundMark(opened.get(0)) == mark);
                checkAfter(RESPONSE_TIMEOUT.minusNanos(1));
            }
            assertTrue(isOpen(0));
        }
    }

    /** The second response stalls where the first one stood, so its mark may be the same. */
    @Test
    void theTimeWithoutARequestIsNoStall() throws Exception {
        var clients = new ArrayList<RawClient>();
        int bytes = 600_000;
        for (int i = 0; i < 6; i++) {
            clients.add(RawClient.slow(port));
            awaitConnections(i + 1);
        }
        for (int round = 0; round < 3; round++) {
            for (int i = 0; i < clients.size(); i++) {
                requestHttp1(clients.get(i), bytes);
                awaitStall(opened.get(i));
            }
            check();
            for (RawClient client : clients) {
                readHttp1(client, bytes);
            }
            awaitIdle(clients.size());
            now.addAndGet(RESPONSE_TIMEOUT.toNanos());
        }
        for (RawClient client : clients) {
            client.close();
        }
    }

    @Test
    void anHttp2WindowThatIsOpenedByteByByteIsNoProgress() throws Exception {
        try (var client = RawHttp2Client.withWindow(http2Port, ZERO_WINDOW)) {
            int stream = client.request("GET", "/" + LARGE);
            assertEquals("200", client.status(stream));
            check();
            for (int i = 0; i < 5; i++) {
                readWindow(client, stream, 1);
                checkAfter(RESPONSE_TIMEOUT.dividedBy(5));
            }
            client.next(RawHttp2Client.RST_STREAM, stream);
        }
    }

    /** The response is passed to Vert.x at once, so only the window says how much has been taken. */
    @Test
    void anHttp2WindowThatIsOpenedByAKilobyteIsProgress() throws Exception {
        try (var client = RawHttp2Client.withWindow(http2Port, ZERO_WINDOW)) {
            int stream = client.request("GET", "/60000");
            assertEquals("200", client.status(stream));
            check();
            for (int i = 0; i < 20; i++) {
                readWindow(client, stream, Progress.MIN_BYTES);
                checkAfter(RESPONSE_TIMEOUT.minusNanos(1));
            }
            readWindow(client, stream, 60_000 - 20 * Progress.MIN_BYTES);
        }
    }

    /** The connection may be that of a proxy, with the requests of many clients. */
    @Test
    void aStalledHttp2ResponseEndsAlone() throws Exception {
        try (var client = RawHttp2Client.withWindow(http2Port, ZERO_WINDOW)) {
            int upload = client.open("POST", "/0");
            int stalled = client.request("GET", "/" + LARGE);
            assertEquals("200", client.status(stalled));
            check();
            checkAfter(RESPONSE_TIMEOUT);
            client.next(RawHttp2Client.RST_STREAM, stalled);
            client.data(upload, "x", true);
            assertEquals("200", client.status(upload));
        }
    }

    @Test
    void anHttp2ConnectionWithOnlyStalledResponsesIsClosed() throws Exception {
        try (var client = RawHttp2Client.withWindow(http2Port, ZERO_WINDOW)) {
            int last = 0;
            for (int i = 0; i < 100; i++) {
                last = client.request("GET", "/" + (1 << 16));
            }
            assertEquals("200", client.status(last));
            check();
            checkAfter(RESPONSE_TIMEOUT);
            client.awaitClose();
        }
    }

    @Test
    void anHttp2ConnectionIsClosedAfterTheHeadTimeoutOnlyWithoutAnOpenRequest() throws Exception {
        try (var client = RawHttp2Client.withWindow(http2Port, 1 << 16)) {
            int upload = client.open("POST", "/0");
            client.data(upload, "x", false);
            assertEquals("200", client.status(client.request("GET", "/0")));
            checkAfter(HEAD_TIMEOUT);
            client.data(upload, "x", true);
            assertEquals("200", client.status(upload));
            checkAfter(HEAD_TIMEOUT);
            client.awaitClose();
        }
    }
}
