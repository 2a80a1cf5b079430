package dev.crier.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.auth.Decision;
import dev.crier.config.ChannelConf;
import dev.crier.config.Conf;
import dev.crier.event.ChannelName;
import dev.crier.event.EndReason;
import dev.crier.event.Event;
import dev.crier.event.Retention;
import dev.crier.http.request.MediaType;
import dev.crier.http.request.PublishRequest;
import dev.crier.limit.Limits;
import dev.crier.log.EventLog;
import dev.crier.log.ManualStore;
import dev.crier.metrics.Metrics;
import dev.crier.testing.Eventually;
import dev.crier.testing.RawClient;
import dev.crier.testing.RunningCrier;
import dev.crier.transport.ConnectionTracker;
import dev.crier.transport.strict.StrictHttpHandler;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Threat: a producer is faster than the store. The test answers each append. */
class PublishBackPressureTest {

    private static final ChannelName NEWS = new ChannelName("/news");
    private static final Retention ALL = new Retention.Events(Retention.Events.ANY_NUMBER, Retention.Events.ANY_AGE);

    /** The declaration that the handler has. The log has one without an end, so it stores an append that is older than the end. */
    private static final Retention ENDING =
            new Retention.Events(Retention.Events.ANY_NUMBER, Retention.Events.ANY_AGE, true);

    /** More than the kernel's buffers and Vert.x take from a client that is not read. */
    private static final int MUCH = 24_000_000;

    private static final long LONGER_THAN_TIMEOUTS = 1_500_000_000;

    private volatile Retention kept = ALL;
    private volatile HttpServerResponse lastResponse;
    private final Vertx vertx = Vertx.vertx();
    private final Context context = vertx.getOrCreateContext();
    private final ManualStore store = new ManualStore();
    private final EventLog log = new EventLog(
            channel -> Optional.of(kept), store, InstantSource.system(), this::notified, Duration.ofMinutes(10));
    private PublishStreamHandler handler;
    private Limits limits;
    private int port;

    /** The number of appends that the test has answered. */
    private int completed;

    @BeforeEach
    void listen() throws Exception {
        Conf conf = Conf.read(new JsonObject().put("publish", new JsonObject().put("idleTimeout", "PT1S")), Map.of());
        limits = new Limits(conf.limits(), conf.trustedProxies(), false, System::nanoTime);
        port = onEventLoop(() -> {
                    var tracker = new ConnectionTracker(
                            context,
                            limits.connections(),
                            (ctx, why) -> ctx.fail(503),
                            Metrics.NONE,
                            Duration.ofHours(1),
                            Duration.ofMillis(200));
                    tracker.start();
                    var bodies = new BodyChecks();
                    vertx.setPeriodic(100, id -> bodies.run(System.nanoTime()));
                    handler = new PublishStreamHandler(log, conf.publish(), limits, bodies);
                    Router router = Router.router(vertx);
                    Problem.mount(router, Metrics.NONE);
                    router.route().handler(tracker::admit);
                    router.post().handler(ctx -> {
                        lastResponse = ctx.response();
                        handler.handle(
                                ctx,
                                NEWS,
                                new ChannelConf(ENDING, true, false, true, List.of()),
                                new Decision.Granted(Decision.UNLIMITED, "bearer"),
                                PublishRequest.of(MediaType.TEXT, ctx.request().query(), null));
                    });
                    return log.open()
                            .compose(opened -> vertx.createHttpServer()
                                    .connectionHandler(connection -> {
                                        StrictHttpHandler.addTo(connection);
                                        tracker.add(connection);
                                    })
                                    .requestHandler(router)
                                    .listen(0, "127.0.0.1"));
                })
                .actualPort();
    }

    private void notified(Set<ChannelName> channels) {
        channels.forEach(handler::notified);
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
        return RunningCrier.await(result.future());
    }

    /** A client that sends as much as the socket takes, without waiting. */
    private final class Producer implements AutoCloseable {

        private final SocketChannel socket = SocketChannel.open();
        private final ByteBuffer body;

        Producer(String line, int bytes) throws IOException {
            socket.setOption(StandardSocketOptions.SO_SNDBUF, 1 << 16);
            socket.connect(new InetSocketAddress("127.0.0.1", port));
            String lines = line.repeat(bytes / line.length());
            String head = "POST /news?lines HTTP/1.1\r\nHost: a\r\nContent-Length: " + lines.length() + "\r\n\r\n";
            body = ByteBuffer.wrap((head + lines).getBytes(StandardCharsets.US_ASCII));
            socket.configureBlocking(false);
        }

        /** Sends until the server has read nothing for longer than the timeouts. */
        void sendUntilBlocked() throws Exception {
            long[] since = {System.nanoTime()};
            Eventually.until("the server does not read", () -> {
                if (socket.write(body) > 0) {
                    since[0] = System.nanoTime();
                }
                return System.nanoTime() - since[0] > LONGER_THAN_TIMEOUTS;
            });
            assertTrue(body.hasRemaining(), "the server does not read everything");
        }

        /** Sends the rest while the store answers. */
        void sendRest() throws Exception {
            Eventually.until("everything is sent", () -> {
                socket.write(body);
                completeAll();
                return !body.hasRemaining();
            });
        }

        /** Returns the response, while the store answers. */
        String response() throws Exception {
            ByteBuffer response = ByteBuffer.allocate(1 << 12);
            Eventually.until("the response", () -> {
                completeAll();
                socket.read(response);
                return new String(response.array(), 0, response.position(), StandardCharsets.US_ASCII).contains("}");
            });
            return new String(response.array(), 0, response.position(), StandardCharsets.US_ASCII);
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }

    private int appends() throws Exception {
        return onEventLoop(() -> Future.succeededFuture(store.batches.size()));
    }

    private int events(int append) throws Exception {
        return onEventLoop(
                () -> Future.succeededFuture(store.batches.get(append).events()));
    }

    private void completeAll() throws Exception {
        onEventLoop(() -> {
            while (completed < store.batches.size()) {
                store.batches.get(completed++).complete();
            }
            return Future.succeededFuture();
        });
    }

    private void completeNext() throws Exception {
        onEventLoop(() -> {
            store.batches.get(completed++).complete();
            return Future.succeededFuture();
        });
    }

    /** Returns whether nothing counts towards the limit of all bodies. */
    private boolean isReleased() {
        int all = (int) (Runtime.getRuntime().maxMemory() / 8);
        boolean released = limits.bodies().tryAdd(all);
        limits.bodies().remove(released ? all : 0);
        return released;
    }

    private void assertReleased() throws Exception {
        Eventually.until("all bytes of bodies are released", this::isReleased);
    }

    private static String field(String response, String name) {
        return String.valueOf(new JsonObject(response.substring(response.indexOf('{'))).getValue(name));
    }

    /** The second append also has events that had arrived with the thousandth one. */
    private static void assertAThousandWaited(int first, int second) {
        assertTrue(second <= 1_000, second + " events");
        assertTrue(first + second >= 1_000 && first + second < 1_100, first + " and " + second + " events");
    }

    /** While the store does not answer, no timeout ends the request. */
    @Test
    void atMostAThousandEventsWaitForTheStore() throws Exception {
        String line = "x".repeat(99) + "\n";
        try (var producer = new Producer(line, MUCH)) {
            producer.sendUntilBlocked();
            assertEquals(1, appends(), "one append is in progress");
            completeNext();
            Eventually.until("what arrived meanwhile is the next append", () -> appends() == 2);
            assertAThousandWaited(events(0), events(1));
            producer.sendRest();
            String response = producer.response();
            assertTrue(response.startsWith("HTTP/1.1 201 Created\r\n"), response);
            assertEquals(String.valueOf(MUCH / line.length()), field(response, "count"));
        }
        assertReleased();
    }

    @Test
    void aboutOneMebibyteWaitsForTheStore() throws Exception {
        String line = "x".repeat(59_999) + "\n";
        try (var producer = new Producer(line, MUCH)) {
            producer.sendUntilBlocked();
            completeNext();
            Eventually.until("what arrived meanwhile is the next append", () -> appends() == 2);
            int bytes = (events(0) + events(1)) * line.length();
            assertTrue(bytes >= 1 << 20 && bytes < (1 << 20) + line.length(), bytes + " bytes");
            producer.sendRest();
            assertEquals(String.valueOf(MUCH / line.length()), field(producer.response(), "count"));
        }
        assertReleased();
    }

    @Test
    void aStoreThatFailsEndsTheRequestWithTheCount() throws Exception {
        try (var producer = new Producer("x\n", 10)) {
            producer.sendRest();
            Eventually.until("the first append", () -> appends() >= 1);
            assertEquals("5", field(producer.response(), "count"));
        }
        try (var producer = new Producer("x".repeat(99) + "\n", MUCH)) {
            int before = appends();
            producer.sendUntilBlocked();
            int first = events(before);
            completeNext();
            Eventually.until("the second append", () -> appends() == before + 2);
            onEventLoop(() -> {
                store.batches.get(completed++).fail("disk full");
                return Future.succeededFuture();
            });
            String response = producer.response();
            assertTrue(response.startsWith("HTTP/1.1 503 Service Unavailable\r\n"), response);
            assertEquals("No more was published: the log cannot store at present.", field(response, "detail"));
            assertEquals(String.valueOf(first), field(response, "count"));
        }
        assertReleased();
    }

    /** The response has the count, so it waits for the append in progress, and for nothing else. */
    @Test
    void aProducerThatIsNotReadIsStoppedWhenItsChannelEnds() throws Exception {
        try (var producer = new Producer("x".repeat(99) + "\n", MUCH)) {
            producer.sendUntilBlocked();
            int first = events(0);
            onEventLoop(() -> {
                store.batches.get(completed++).complete();
                return Future.succeededFuture();
            });
            Eventually.until("what arrived meanwhile is the next append", () -> appends() == 2);
            int second = events(1);
            onEventLoop(() -> {
                store.show(NEWS, Event.end(EndReason.STOPPED));
                return Future.succeededFuture();
            });
            String response = producer.response();
            assertTrue(response.startsWith("HTTP/1.1 409 Conflict\r\n"), response);
            assertTrue(response.contains("\r\nconnection: close\r\n"), response);
            assertEquals(String.valueOf(first + second), field(response, "count"));
            assertEquals(2, appends());
        }
        assertReleased();
    }

    @Test
    void whatHasArrivedIsStoredEvenIfTheClientLeavesMeanwhile() throws Exception {
        try (var producer = new Producer("x".repeat(99) + "\n", MUCH)) {
            producer.sendUntilBlocked();
        }
        completeNext();
        Eventually.until("the second append", () -> appends() == 2);
        assertAThousandWaited(events(0), events(1));
        Eventually.until("all bytes of bodies are released", () -> {
            completeAll();
            return isReleased();
        });
    }

    /** Threat: nobody ends the channel of a client that left while the log could not store its last events. */
    @Test
    void aClientThatLeavesWhileTheStoreFailsEndsItsChannelWhenTheStoreHasRecovered() throws Exception {
        kept = ENDING;
        try (var publisher = RawClient.request(port, "POST /news?lines", "Transfer-Encoding: chunked")) {
            publisher.send("4\r\none\n\r\n");
            Eventually.until("the first append", () -> appends() == 1);
        }
        Eventually.until("the server has noticed that the client has left", () -> lastResponse.closed());
        onEventLoop(() -> {
            store.batches.get(completed++).fail("disk full");
            return Future.succeededFuture();
        });
        Eventually.until(
                "the store is tried again",
                () -> onEventLoop(() -> {
                    log.trim();
                    handler.check();
                    return Future.succeededFuture(store.batches.size() == 2);
                }));
        completeNext();
        assertTrue(log.recentEnd(NEWS).isPresent());
    }

    /** Threat: a request goes on after its first events are lost, so that a 201 counts events that the channel does not have. */
    @Test
    void aRequestWhoseStoredEventsAreLostFails() throws Exception {
        try (var publisher = RawClient.request(port, "POST /news?lines", "Transfer-Encoding: chunked")) {
            publisher.send("4\r\none\n\r\n");
            Eventually.until("the first append", () -> appends() == 1);
            completeNext();
            onEventLoop(() -> {
                store.hasLostAll = true;
                return Future.succeededFuture();
            });
            publisher.send("4\r\ntwo\n\r\n");
            assertEquals("HTTP/1.1 503 Service Unavailable", publisher.head().get(0));
            assertEquals(
                    "No more was published: the log may have lost events of the body that were stored"
                            + " (expected: the whole body again).",
                    new JsonObject(publisher.readThrough("}")).getString("detail"));
            assertEquals(1, appends());
        }
        assertReleased();
    }

    @Test
    void whileAllBodiesTakeTooMuchMemoryEventsAreStoredButAnUnfinishedOneEndsTheRequest() throws Exception {
        long much = Long.MAX_VALUE / 2;
        limits.bodies().add(much);
        try (var publisher = RawClient.request(port, "POST /news?lines", "Transfer-Encoding: chunked")) {
            publisher.send("4\r\none\n\r\n");
            Eventually.until("the first append", () -> appends() == 1);
            completeNext();
            publisher.send("4\r\ntwo\n\r\n");
            Eventually.until("the second append", () -> appends() == 2);
            completeNext();
            publisher.send("5\r\nthree\r\n");
            assertEquals("HTTP/1.1 503 Service Unavailable", publisher.head().get(0));
            JsonObject problem = new JsonObject(publisher.readThrough("}"));
            assertEquals("The bodies of all open requests take too much memory.", problem.getString("detail"));
            assertEquals(2, problem.getInteger("count"));
        }
        limits.bodies().remove(much);
        assertReleased();
    }

    @Test
    void aMalformedChunkIsAnsweredWhenTheEventsBeforeItAreStored() throws Exception {
        try (var publisher = RawClient.request(port, "POST /news?lines", "Transfer-Encoding: chunked")) {
            publisher.send("7\r\none\ntwo\r\n");
            Eventually.until("the first append", () -> appends() == 1);
            publisher.send("4\r\nend\n\r\nnot a size\r\n");
            completeNext();
            Eventually.until("the second append", () -> appends() == 2);
            completeNext();
            assertEquals("HTTP/1.1 400 Bad Request", publisher.head().get(0));
            assertTrue(publisher.rest().endsWith("\"count\":2}"));
        }
        assertReleased();
    }

    @Test
    void aMalformedChunkInAPipelinedBodyIsAnsweredWhenTheEventsBeforeItAreStored() throws Exception {
        try (var publisher = RawClient.request(port, "POST /news?lines", "Transfer-Encoding: chunked")) {
            publisher.send("4\r\none\n\r\n0\r\n\r\n");
            publisher.send(
                    "POST /news?lines HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n4\r\ntwo\n\r\n");
            Eventually.until("the append of the first body", () -> appends() == 1);
            completeNext();
            Eventually.until("the append of the second body", () -> appends() == 2);
            publisher.send("not a size\r\n");
            publisher.readThrough("\"count\":1");
            completeNext();
            publisher.readThrough("HTTP/1.1 400 Bad Request");
            assertTrue(publisher.rest().endsWith("\"count\":1}"));
        }
        assertReleased();
    }

    @Test
    void aMalformedChunkIsABadRequestWithTheCount() throws Exception {
        try (var publisher = RawClient.request(port, "POST /news?lines", "Transfer-Encoding: chunked")) {
            publisher.send("7\r\none\ntwo\r\n");
            Eventually.until("the first append", () -> appends() == 1);
            completeNext();
            publisher.send("not a size\r\n");
            assertEquals("HTTP/1.1 400 Bad Request", publisher.head().get(0));
            assertTrue(publisher.rest().endsWith("\"count\":1}"));
        }
        assertReleased();
    }
}
