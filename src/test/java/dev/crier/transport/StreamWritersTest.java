package dev.crier.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.fanout.StreamWriter;
import dev.crier.testing.Eventually;
import dev.crier.testing.RawClient;
import io.netty.channel.Channel;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/** The two links side by side, on connections of a real server, with the native transport and without. */
@ParameterizedClass
@ValueSource(booleans = {true, false})
class StreamWritersTest {

    private static final int QUEUE_BYTES = 65_536;
    private static final int MORE_THAN_SOCKETS_TAKE = 64 << 20;

    private static final List<Buffer> BLOCKS = List.of(
            Buffer.buffer("retry: 2000\nevent: crier.start\ndata: {}\nid: 1-0\n\n"),
            Buffer.buffer("data: é\n\n"),
            Buffer.buffer(":\n"),
            Buffer.buffer("data: " + "x".repeat(70_000) + "\n\n"));

    private final Vertx vertx;
    private final QueuedBytes queued = new QueuedBytes(0);
    private final StreamWriters links;
    private final CompletableFuture<StreamWriter> link = new CompletableFuture<>();
    private HttpServer server;

    StreamWritersTest(boolean nativeTransport) {
        vertx = Vertx.vertx(new VertxOptions().setPreferNativeTransport(nativeTransport));
        links = new StreamWriters(vertx, queued, QUEUE_BYTES, connection -> {});
    }

    @AfterEach
    void close() throws Exception {
        vertx.close().toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
    }

    private int serve(Function<HttpServerRequest, StreamWriter> linked, Consumer<StreamWriter> use) throws Exception {
        server = vertx.createHttpServer(new HttpServerOptions().setStrictThreadMode(true))
                .requestHandler(request -> {
                    request.response()
                            .setChunked(true)
                            .setWriteQueueMaxSize(QUEUE_BYTES)
                            .write(Buffer.buffer());
                    StreamWriter opened = linked.apply(request);
                    use.accept(opened);
                    link.complete(opened);
                });
        return server.listen(0, "127.0.0.1")
                .toCompletionStage()
                .toCompletableFuture()
                .get(30, TimeUnit.SECONDS)
                .actualPort();
    }

    private StreamWriter plain(HttpServerRequest request) {
        return new ResponseWriter(vertx, request, queued, QUEUE_BYTES, connection -> {});
    }

    private static void writeBlocks(StreamWriter link) {
        for (Buffer block : BLOCKS) {
            link.write(block);
            link.write(block); // as for the next reader at the same place
        }
        link.flush();
    }

    private String received(Function<HttpServerRequest, StreamWriter> linked, String version) throws Exception {
        int port = serve(linked, StreamWritersTest::writeBlocks);
        try (var client = new RawClient(port)) {
            client.send("GET / HTTP/" + version + "\r\nHost: a\r\n\r\n");
            String last = "x".repeat(70_000) + "\n\n";
            return client.readThrough(last) + client.readThrough(last);
        } finally {
            server.close().toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
        }
    }

    @Test
    void bothPutTheSameBytesOnTheWire() throws Exception {
        for (String version : List.of("1.1", "1.0")) {
            String plain = received(this::plain, version);
            assertEquals(plain, received(links::of, version), "HTTP/" + version);
            assertTrue(plain.contains("data: é\n\n"));
        }
    }

    @Test
    void bothEndTheStreamAndItsConnectionBehindWhatWasWritten() throws Exception {
        for (Function<HttpServerRequest, StreamWriter> linked :
                List.<Function<HttpServerRequest, StreamWriter>>of(this::plain, links::of)) {
            int port = serve(linked, link -> {
                writeBlocks(link);
                link.end();
            });
            try (var client = new RawClient(port)) {
                client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
                client.head();
                for (Buffer block : BLOCKS) {
                    assertEquals(block.toString(), client.chunk());
                    assertEquals(block.toString(), client.chunk());
                }
                assertEquals("0\r\n\r\n", client.rest());
            }
        }
    }

    /** They take half a kilobyte of each idle subscriber. */
    @Test
    void whatOnlyReadsRequestsLeavesThePipelineOfAStream() throws Exception {
        var connection = new CompletableFuture<Channel>();
        int port = serve(
                request -> {
                    StrictHttpHandler.watch(request.connection());
                    connection.complete(
                            NettyConnection.channel(request.connection()).orElseThrow());
                    return links.of(request);
                },
                link -> {});
        try (var client = RawClient.request(port, "GET /")) {
            client.head();
            var pipeline = connection.get(30, TimeUnit.SECONDS).pipeline();
            assertNull(pipeline.get(HttpRequestDecoder.class));
            assertNull(pipeline.get(StrictHttpHandler.class));
            assertNotNull(pipeline.get(SocketWriter.class));
        }
    }

    @Test
    void aStreamOfHttp1IsGivenTheDirectLink() throws Exception {
        int port = serve(links::of, link -> {});
        try (var client = RawClient.request(port, "GET /")) {
            client.head();
            assertInstanceOf(SocketWriter.class, link.get(30, TimeUnit.SECONDS));
        }
    }

    /** Writes numbers in blocks of so many digits until no more is taken, and goes on when it is, until all are written. */
    private static final class Pump {

        private final StreamWriter link;
        private final int digits;
        private int written;
        private int past;
        private volatile boolean full;
        private volatile boolean done;

        Pump(StreamWriter link, int digits) {
            this.link = link;
            this.digits = digits;
            link.onDrain(this::run);
        }

        int blocks() {
            return MORE_THAN_SOCKETS_TAKE / digits;
        }

        String block(int number) {
            return "0".repeat(digits - 8) + "%08d".formatted(number);
        }

        void run() {
            while (written < blocks() && !link.isFull()) {
                String next = block(written);
                written++; // before it is written, for that may bring a drain
                link.write(Buffer.buffer(next));
                past += link.waiting() == 0 ? 1 : 0;
                link.flush();
            }
            full = link.isFull();
            done = written == blocks();
        }
    }

    private Pump stallsAndGoesOn(Function<HttpServerRequest, StreamWriter> linked, int digits) throws Exception {
        var pump = new CompletableFuture<Pump>();
        int port = serve(linked, link -> {
            link.flush(); // the head
            var started = new Pump(link, digits);
            vertx.runOnContext(later -> {
                started.run();
                pump.complete(started);
            });
        });
        try (var client = RawClient.slow(port)) {
            client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
            client.head();
            Pump started = pump.get(30, TimeUnit.SECONDS);
            assertTrue(started.full, "a reader that takes nothing fills it");
            for (int i = 0; i < started.blocks(); i++) {
                assertTrue(started.block(i).equals(client.chunk()), "block " + i);
            }
            Eventually.until("all is written", () -> started.done);
            return started;
        }
    }

    @Test
    void theDirectLinkIsFullWhileNothingIsTakenAndGoesOnAfterwards() throws Exception {
        stallsAndGoesOn(links::of, QUEUE_BYTES);
    }

    @Test
    void whatGoesPastThePipelineAndWhatGoesThroughItKeepTheirOrder() throws Exception {
        Pump pump = stallsAndGoesOn(links::of, 1_000);
        assertEquals(
                vertx.isNativeTransportEnabled(), pump.past > 0, "without the native transport, none goes past it");
        assertTrue(pump.past < pump.blocks());
    }

    @Test
    void thePlainLinkIsFullWhileNothingIsTakenAndGoesOnAfterwards() throws Exception {
        stallsAndGoesOn(this::plain, QUEUE_BYTES);
    }

    @Test
    void theDirectLinkIsCutAtOnceWhateverWaitsInIt() throws Exception {
        var closed = new CompletableFuture<Void>();
        int port = serve(
                request -> {
                    request.response().closeHandler(gone -> closed.complete(null));
                    return links.of(request);
                },
                link -> {
                    link.write(Buffer.buffer(new byte[MORE_THAN_SOCKETS_TAKE]));
                    link.flush();
                    assertTrue(link.waiting() > 0);
                    link.cut();
                });
        try (var client = RawClient.slow(port)) {
            client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
            closed.get(30, TimeUnit.SECONDS);
        }
    }
}
