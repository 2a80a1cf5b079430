package dev.crier.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;

import dev.crier.testing.Eventually;
import dev.crier.testing.RunningCrier;
import io.vertx.core.Future;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Many event streams over one HTTP/2 connection. */
class Http2Test {

    private static final int STREAMS = 100;
    private static final int CONNECTIONS = 10;

    /** The window of a connection. Each stream has a smaller one. */
    private static final int CONNECTION_WINDOW = 16 << 20;

    private static final String TOKEN = "a-token-of-the-tests";
    private static final String MUCH = "x".repeat(10_000);

    private static JsonObject conf() {
        return new JsonObject()
                .put("http", new JsonObject().put("h2c", true))
                .put("limits", new JsonObject().put("subscribersPerAddress", STREAMS * CONNECTIONS))
                .put(
                        "channels",
                        new JsonObject()
                                .put("/news/:id", new JsonObject().put("keep", new JsonObject().put("events", 1000))));
    }

    private static HttpClient client(RunningCrier crier, int connections) {
        return crier.vertx()
                .createHttpClient(
                        new HttpClientOptions()
                                .setProtocolVersion(HttpVersion.HTTP_2)
                                .setHttp2ClearTextUpgrade(false)
                                .setHttp2MultiplexingLimit(STREAMS)
                                .setHttp2ConnectionWindowSize(CONNECTION_WINDOW),
                        new PoolOptions().setHttp2MaxSize(connections));
    }

    /** One stream: what it has received, and whether it has ended. */
    private static final class Stream {

        final HttpClientResponse response;
        final StringBuffer text = new StringBuffer();
        volatile boolean ended;
        volatile boolean broken;

        Stream(HttpClientResponse response) {
            this.response = response;
            response.handler(bytes -> text.append(bytes.toString()))
                    .endHandler(end -> ended = true)
                    .exceptionHandler(failure -> broken = true);
        }

        HttpConnection connection() {
            return response.request().connection();
        }

        List<String> data() {
            return text.toString()
                    .lines()
                    .filter(line -> line.startsWith("data: "))
                    .map(line -> line.substring("data: ".length()))
                    .filter(data -> !data.equals("{}")) // of crier.start
                    .toList();
        }
    }

    private static Stream read(HttpClient client, int port, String channel) throws TimeoutException {
        return RunningCrier.await(open(client, port, channel));
    }

    /** Sets the handlers in the turn in which the response arrives, so that no byte is missed. */
    private static Future<Stream> open(HttpClient client, int port, String channel) {
        return client.request(options(port, HttpMethod.GET, channel)).compose(request -> {
            Future<Stream> stream = request.response().map(Stream::new);
            return request.end().compose(sent -> stream);
        });
    }

    private static RequestOptions options(int port, HttpMethod method, String channel) {
        return new RequestOptions()
                .setMethod(method)
                .setHost("127.0.0.1")
                .setPort(port)
                .setURI(channel);
    }

    @Test
    void eachOfAHundredStreamsOnAConnectionReceivesItsOwnChannel() throws Exception {
        try (var crier = new RunningCrier(conf())) {
            HttpClient client = client(crier, CONNECTIONS);
            var streams = new ArrayList<Stream>();
            for (int i = 0; i < STREAMS * CONNECTIONS; i++) {
                streams.add(read(client, crier.port(), "/news/" + i % STREAMS));
            }
            Eventually.until("all have joined", () -> crier.subscribers() == STREAMS * CONNECTIONS);
            Set<HttpConnection> connections = new HashSet<>();
            streams.forEach(stream -> connections.add(stream.connection()));
            assertEquals(CONNECTIONS, connections.size());
            for (int channel = 0; channel < STREAMS; channel++) {
                crier.publish("/news/" + channel, "first of " + channel);
                crier.publish("/news/" + channel, "second of " + channel);
            }
            for (int i = 0; i < streams.size(); i++) {
                Stream stream = streams.get(i);
                List<String> own = List.of("first of " + i % STREAMS, "second of " + i % STREAMS);
                Eventually.until(
                        () -> "two events: " + stream.data(),
                        () -> stream.data().size() >= 2);
                assertEquals(own, stream.data());
            }
            for (HttpConnection connection : connections) {
                RunningCrier.await(connection.close());
            }
            Eventually.until("all have left", () -> crier.subscribers() == 0);
        }
    }

    @Test
    void aStreamThatIsNotReadDoesNotStallTheOthersOfItsConnection() throws Exception {
        try (var crier = new RunningCrier(conf())) {
            HttpClient client = client(crier, 1);
            Stream unread = read(client, crier.port(), "/news/1");
            unread.response.pause();
            Stream read = read(client, crier.port(), "/news/1");
            assertSame(unread.connection(), read.connection());
            Eventually.until("both have joined", () -> crier.subscribers() == 2);
            List<String> all = IntStream.range(0, 300).mapToObj(i -> i + MUCH).toList();
            for (String data : all) {
                crier.publish("/news/1", data);
            }
            Eventually.until(
                    "the other stream has everything", () -> read.data().size() == all.size());
            assertEquals(all, read.data());
            assertEquals(List.of(), unread.data());
            unread.response.resume();
            Eventually.until(
                    "the stream continues when it is read", () -> unread.data().size() == all.size());
            assertEquals(all, unread.data());
        }
    }

    @Test
    void aStreamThatIsNeverReadEndsWithoutTheOthersOfItsConnection() throws Exception {
        var conf = conf().put(
                        "subscriber",
                        new JsonObject().put("stallTimeout", "PT0.4S").put("queueBytes", 20_000));
        try (var crier = new RunningCrier(conf)) {
            HttpClient client = client(crier, 1);
            Stream unread = read(client, crier.port(), "/news/1");
            unread.response.pause();
            Stream read = read(client, crier.port(), "/news/2");
            Eventually.until("both have joined", () -> crier.subscribers() == 2);
            for (int i = 0; i < 100; i++) {
                crier.publish("/news/1", MUCH);
            }
            Eventually.until("the stream has ended", () -> unread.broken && crier.subscribers() == 1);
            crier.publish("/news/2", "still");
            Eventually.until("the other stream continues", () -> read.data().equals(List.of("still")));
            assertSame(
                    unread.connection(), read(client, crier.port(), "/news/1").connection());
        }
    }

    @Test
    void aClientReconnectsOnAnotherConnectionAfterTheMaximumLifetime() throws Exception {
        var conf = conf().put(
                        "subscriber",
                        new JsonObject().put("maxLifetime", "PT1S").put("stallTimeout", "PT0.4S"));
        try (var crier = new RunningCrier(conf)) {
            HttpClient client = client(crier, 1);
            Stream first = read(client, crier.port(), "/news/1");
            var closed = new CompletableFuture<Void>();
            first.connection().closeHandler(end -> closed.complete(null));
            Eventually.until("the stream has ended", () -> first.ended);
            assertEquals(false, first.broken);
            closed.get(30, TimeUnit.SECONDS); // by Crier, because the connection has no other stream
            assertNotSame(
                    first.connection(), read(client, crier.port(), "/news/1").connection());
        }
    }

    /** One context handles everything, so it sees the order in which the bytes arrive on the connection. */
    @Test
    void aSubscriberHasTheEventBeforeThePublisherHasTheResponse() throws Exception {
        var conf = conf().put("publish", new JsonObject().put("tokens", new JsonArray().add(TOKEN)));
        conf.getJsonObject("channels").getJsonObject("/news/:id").put("publish", true);
        try (var crier = new RunningCrier(conf)) {
            HttpClient client = client(crier, 1);
            var read = new CompletableFuture<List<String>>();
            crier.vertx()
                    .runOnContext(one -> open(client, crier.port(), "/news/1")
                            .compose(stream -> client.request(options(crier.port(), HttpMethod.POST, "/news/1"))
                                    .compose(request -> {
                                        assertSame(stream.connection(), request.connection());
                                        return request.putHeader("Authorization", "Bearer " + TOKEN)
                                                .send("hello");
                                    })
                                    .map(answer -> {
                                        assertEquals(201, answer.statusCode());
                                        return stream.data();
                                    }))
                            .onSuccess(read::complete)
                            .onFailure(read::completeExceptionally));
            assertEquals(List.of("hello"), read.get(30, TimeUnit.SECONDS));
        }
    }

    @Test
    void aPageOfThisServerIsOfTheSameOrigin() throws Exception {
        var conf = conf().put("cors", new JsonObject().put("origins", new JsonArray()));
        try (var crier = new RunningCrier(conf)) {
            HttpClient client = client(crier, 1);
            for (boolean own : List.of(true, false)) {
                int port = own ? crier.port() : 1;
                assertEquals(
                        own ? 200 : 403,
                        RunningCrier.await(client.request(HttpMethod.HEAD, crier.port(), "127.0.0.1", "/news/1")
                                        .compose(request -> request.putHeader("Origin", "http://127.0.0.1:" + port)
                                                .send()))
                                .statusCode());
            }
        }
    }

    @Test
    void onShutdownEachStreamReceivesARetryTimeAndEnds() throws Exception {
        var crier = new RunningCrier(
                conf().put("shutdown", new JsonObject().put("drain", "PT0.5S")).put("retry", "PT0S"));
        var streams = new ArrayList<Stream>();
        // the client belongs to another Vert.x, because Crier closes its own
        try (var other = new RunningCrier(RunningCrier.channels("/none"))) {
            try (crier) {
                HttpClient client = client(other, 1);
                for (int i = 0; i < STREAMS; i++) {
                    streams.add(read(client, crier.port(), "/news/" + i));
                }
                Eventually.until("all have joined", () -> crier.subscribers() == STREAMS);
            }
            for (Stream stream : streams) {
                Eventually.until(() -> "the end of the stream: " + stream.text, () -> stream.ended);
                assertEquals(2, stream.text.toString().split("retry: ", -1).length - 1, stream.text.toString());
            }
        }
    }
}
