package dev.crier.transport.stream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.fanout.StreamWriter;
import dev.crier.testing.Eventually;
import dev.crier.testing.RawClient;
import dev.crier.transport.NettyConnection;
import dev.crier.transport.strict.StrictHttpHandler;
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
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/** Both writers on connections of a real server, with the native transport and without. */
@ParameterizedClass
@ValueSource(booleans = {true, false})
class StreamWritersTest {

    private static final int QUEUE_BYTES = 65_536;
    private static final int MORE_THAN_SOCKETS_TAKE = 16 << 20;

    private static final List<Buffer> BLOCKS = List.of(
            Buffer.buffer("retry: 2000\nevent: crier.start\ndata: {}\nid: 1-0\n\n"),
            Buffer.buffer("data: é\n\n"),
            Buffer.buffer(":\n"),
            Buffer.buffer("data: " + "x".repeat(70_000) + "\n\n"));

    private final Vertx vertx;
    private final QueuedBytes queued = new QueuedBytes(0);
    private final StreamWriters writers;
    private final CompletableFuture<StreamWriter> writer = new CompletableFuture<>();
    private HttpServer server;

    StreamWritersTest(boolean nativeTransport) {
        vertx = Vertx.vertx(new VertxOptions().setPreferNativeTransport(nativeTransport));
        writers = new StreamWriters(vertx, queued, QUEUE_BYTES, connection -> {});
    }

    @AfterEach
    void close() throws Exception {
        vertx.close().toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
    }

    private int serve(Function<HttpServerRequest, StreamWriter> factory, Consumer<StreamWriter> use) throws Exception {
        server = vertx.createHttpServer(new HttpServerOptions().setStrictThreadMode(true))
                .requestHandler(request -> {
                    request.response()
                            .setChunked(true)
                            .setWriteQueueMaxSize(QUEUE_BYTES)
                            .write(Buffer.buffer());
                    StreamWriter opened = factory.apply(request);
                    use.accept(opened);
                    writer.complete(opened);
                });
        return server.listen(0, "127.0.0.1")
                .toCompletionStage()
                .toCompletableFuture()
                .get(30, TimeUnit.SECONDS)
                .actualPort();
    }

    private StreamWriter responseWriter(HttpServerRequest request) {
        return new ResponseWriter(vertx, request, queued, QUEUE_BYTES, connection -> {});
    }

    private static void writeBlocks(StreamWriter writer) {
        for (Buffer block : BLOCKS) {
            writer.write(block);
            writer.write(block); // as for the next subscriber at the same position
        }
        writer.flush();
    }

    private String received(Function<HttpServerRequest, StreamWriter> factory, String version) throws Exception {
        int port = serve(factory, StreamWritersTest::writeBlocks);
        try (var client = new RawClient(port)) {
            client.send("GET / HTTP/" + version + "\r\nHost: a\r\n\r\n");
            String last = "x".repeat(70_000) + "\n\n";
            return client.readThrough(last) + client.readThrough(last);
        } finally {
            server.close().toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
        }
    }

    @Test
    void bothWritersSendTheSameBytes() throws Exception {
        for (String version : List.of("1.1", "1.0")) {
            String plain = received(this::responseWriter, version);
            assertEquals(plain, received(writers::of, version), "HTTP/" + version);
            assertTrue(plain.contains("data: é\n\n"));
        }
    }

    @Test
    void bothWritersEndTheStreamAndItsConnectionAfterWhatWasWritten() throws Exception {
        for (Function<HttpServerRequest, StreamWriter> factory :
                List.<Function<HttpServerRequest, StreamWriter>>of(this::responseWriter, writers::of)) {
            int port = serve(factory, writer -> {
                writeBlocks(writer);
                writer.end(true);
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

    /** These handlers take half a kilobyte of memory for each idle subscriber. */
    @Test
    void handlersThatOnlyReadRequestsLeaveThePipelineOfAStream() throws Exception {
        var connection = new CompletableFuture<Channel>();
        int port = serve(
                request -> {
                    StrictHttpHandler.addTo(request.connection());
                    connection.complete(
                            NettyConnection.channel(request.connection()).orElseThrow());
                    return writers.of(request);
                },
                writer -> {});
        try (var client = RawClient.request(port, "GET /")) {
            client.head();
            var pipeline = connection.get(30, TimeUnit.SECONDS).pipeline();
            assertNull(pipeline.get(HttpRequestDecoder.class));
            assertNull(pipeline.get(StrictHttpHandler.class));
            assertNotNull(pipeline.get(SocketWriter.class));
        }
    }

    @Test
    void anHttp1StreamHasASocketWriter() throws Exception {
        int port = serve(writers::of, writer -> {});
        try (var client = RawClient.request(port, "GET /")) {
            client.head();
            assertInstanceOf(SocketWriter.class, writer.get(30, TimeUnit.SECONDS));
        }
    }

    /** Writes numbers in blocks of a fixed size. Stops while the writer is full, and continues when it drains. */
    private static final class Pump {

        private final StreamWriter writer;
        private final int digits;
        private int written;
        private int direct;
        private volatile boolean full;
        private volatile boolean done;

        Pump(StreamWriter writer, int digits) {
            this.writer = writer;
            this.digits = digits;
            writer.onDrain(this::run);
        }

        int blocks() {
            return MORE_THAN_SOCKETS_TAKE / digits;
        }

        String block(int number) {
            return "0".repeat(digits - 8) + "%08d".formatted(number);
        }

        void run() {
            while (written < blocks() && !writer.isFull()) {
                String next = block(written);
                written++; // before the write, which may call back
                writer.write(Buffer.buffer(next));
                direct += writer.waitingBytes() == 0 ? 1 : 0;
                writer.flush();
            }
            full = writer.isFull();
            done = written == blocks();
        }
    }

    private Pump writeToAStalledClient(Function<HttpServerRequest, StreamWriter> factory, int digits) throws Exception {
        var pump = new CompletableFuture<Pump>();
        int port = serve(factory, writer -> {
            writer.flush(); // the head
            var started = new Pump(writer, digits);
            vertx.runOnContext(later -> {
                started.run();
                pump.complete(started);
            });
        });
        try (var client = RawClient.slow(port)) {
            client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
            client.head();
            Pump started = pump.get(30, TimeUnit.SECONDS);
            assertTrue(started.full, "the writer is full if the client takes nothing");
            for (int i = 0; i < started.blocks(); i++) {
                assertTrue(started.block(i).equals(client.chunk()), "block " + i);
            }
            Eventually.until("all is written", () -> started.done);
            return started;
        }
    }

    @Test
    void aSocketWriterIsFullUntilTheClientReads() throws Exception {
        writeToAStalledClient(writers::of, QUEUE_BYTES);
    }

    @Test
    void directWritesAndWritesThroughThePipelineKeepTheirOrder() throws Exception {
        Pump pump = writeToAStalledClient(writers::of, 1_000);
        assertEquals(
                vertx.isNativeTransportEnabled(),
                pump.direct > 0,
                "without the native transport, no write bypasses the pipeline");
        assertTrue(pump.direct < pump.blocks());
    }

    @Test
    void aResponseWriterIsFullUntilTheClientReads() throws Exception {
        writeToAStalledClient(this::responseWriter, QUEUE_BYTES);
    }

    @Test
    void bothWritersReportWhenTheConnectionHasAcceptedEverything() throws Exception {
        for (Function<HttpServerRequest, StreamWriter> factory :
                List.<Function<HttpServerRequest, StreamWriter>>of(this::responseWriter, writers::of)) {
            var sent = new AtomicBoolean();
            var written = new CompletableFuture<Void>();
            int port = serve(factory, writer -> {
                writer.write(Buffer.buffer(new byte[MORE_THAN_SOCKETS_TAKE]));
                writer.flush();
                writer.whenSent(() -> sent.set(true));
                written.complete(null);
            });
            try (var client = RawClient.slow(port)) {
                client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
                client.head();
                written.get(30, TimeUnit.SECONDS);
                assertFalse(sent.get(), "bytes wait");
                assertEquals(MORE_THAN_SOCKETS_TAKE, client.chunk().length());
                Eventually.until("sent", sent::get);
            }
        }
    }

    @Test
    void aSocketWriterIsCutWithoutSendingWhatWaits() throws Exception {
        var closed = new CompletableFuture<Void>();
        int port = serve(
                request -> {
                    request.response().closeHandler(gone -> closed.complete(null));
                    return writers.of(request);
                },
                writer -> {
                    writer.write(Buffer.buffer(new byte[MORE_THAN_SOCKETS_TAKE]));
                    writer.flush();
                    assertTrue(writer.waitingBytes() > 0);
                    writer.abort();
                });
        try (var client = RawClient.slow(port)) {
            client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
            closed.get(30, TimeUnit.SECONDS);
        }
    }
}
