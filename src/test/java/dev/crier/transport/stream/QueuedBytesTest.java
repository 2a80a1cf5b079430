package dev.crier.transport.stream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.testing.Eventually;
import dev.crier.testing.Pem;
import dev.crier.testing.RawClient;
import dev.crier.testing.RunningCrier;
import dev.crier.testing.Scrape;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Threat: subscribers that take nothing fill Crier's memory, whatever their number and positions. */
class QueuedBytesTest {

    private static final int LIMIT = 2 << 20;

    /** Together, four times the limit could wait for these subscribers. */
    private static final int SLOW = 4 * LIMIT / (64 << 10);

    private static final int EVENTS = 200;
    private static final String FILLER = "x".repeat(15_000);
    private static final String EVICTED = "crier_streams_ended_total{reason=\"evicted\"}";

    @TempDir
    private Path folder;

    /** The transport of a stream. */
    enum Transport {
        PLAIN,
        TLS,
        HTTP_2
    }

    @ParameterizedTest
    @EnumSource
    void theSlowestSubscribersAreClosedAndTheOthersMissNothing(Transport transport) throws Exception {
        try (var crier = new RunningCrier(conf(transport))) {
            var positions = new ArrayList<String>();
            for (int i = 0; i < EVENTS; i++) {
                positions.add(crier.publish("/big", i + " " + FILLER));
            }
            HttpClient client = client(crier, transport);
            HttpClientResponse fast = subscribe(client, crier, transport, "/small", "");
            var read = new StringBuffer();
            fast.handler(part -> read.append(part.toString())).resume();
            for (int i = 0; i < SLOW; i++) {
                // each at a position of its own, so that no two share bytes
                subscribe(client, crier, transport, "/big", positions.get(i % EVENTS))
                        .pause();
            }
            var numbers = new StringBuilder();
            for (int i = 0; i < 100; i++) {
                crier.publish("/small", String.valueOf(i));
                crier.publish("/big", i + " " + FILLER);
                numbers.append(i).append(' ');
            }
            Eventually.until(
                    () -> "slow subscribers are closed\n" + scrape(crier),
                    () -> Scrape.of(crier).value(EVICTED) > 0);
            Eventually.until(
                    () -> "less waits\n" + scrape(crier), () -> Scrape.of(crier).value("crier_queued_bytes") <= LIMIT);
            Eventually.until(
                    "the fast subscriber has everything", () -> data(read).equals(numbers.toString()));
            assertEquals(1, Scrape.of(crier).value("crier_subscribers{channel=\"/small\"}"));
            client.close();
            Eventually.until("all have left", () -> crier.subscribers() == 0);
            Eventually.until(
                    () -> "nothing waits\n" + scrape(crier),
                    () -> Scrape.of(crier).value("crier_queued_bytes") < LIMIT / 4);
        }
    }

    private static String data(StringBuffer read) {
        return read.toString()
                .lines()
                .filter(line -> line.matches("data: \\d+"))
                .map(line -> line.substring("data: ".length()) + " ")
                .reduce("", String::concat);
    }

    private static String scrape(RunningCrier crier) {
        try {
            return Scrape.of(crier).text();
        } catch (Exception e) {
            return e.toString();
        }
    }

    private JsonObject conf(Transport transport) throws Exception {
        var channel = new JsonObject().put("keep", new JsonObject().put("events", 10_000));
        var conf = new JsonObject()
                .put("management", new JsonObject().put("port", 0))
                .put("http", new JsonObject().put("h2c", transport == Transport.HTTP_2))
                .put("limits", new JsonObject().put("queueBytes", LIMIT))
                .put("channels", new JsonObject().put("/big", channel).put("/small", channel));
        if (transport == Transport.TLS) {
            conf.mergeIn(Pem.in(folder).write(Pem.certificate("localhost")).conf());
        }
        return conf;
    }

    private static HttpClient client(RunningCrier crier, Transport transport) {
        var options = new HttpClientOptions()
                .setReceiveBufferSize(16 << 10)
                .setSsl(transport == Transport.TLS)
                .setTrustAll(true)
                .setVerifyHost(false);
        if (transport == Transport.HTTP_2) {
            options.setProtocolVersion(HttpVersion.HTTP_2)
                    .setHttp2ClearTextUpgrade(false)
                    .setHttp2MultiplexingLimit(1);
        }
        return crier.vertx()
                .createHttpClient(
                        options, new PoolOptions().setHttp1MaxSize(SLOW + 1).setHttp2MaxSize(SLOW + 1));
    }

    private static HttpClientResponse subscribe(
            HttpClient client, RunningCrier crier, Transport transport, String channel, String position)
            throws Exception {
        var options = new RequestOptions()
                .setMethod(HttpMethod.GET)
                .setHost("127.0.0.1")
                .setPort(crier.port())
                .setURI(channel);
        if (!position.isEmpty()) {
            options.putHeader("Last-Event-ID", position);
        }
        // set in the turn in which the response arrives, because later it may have ended
        return RunningCrier.await(client.request(options)
                .compose(HttpClientRequest::send)
                .map(response -> response.exceptionHandler(closed -> {}).pause()));
    }

    @Test
    void sharedBytesCountOnce() throws Exception {
        try (var crier = new RunningCrier(conf(Transport.PLAIN))) {
            var slow = new ArrayList<RawClient>();
            for (int i = 0; i < SLOW; i++) {
                var client = RawClient.slow(crier.port());
                client.send("GET /big HTTP/1.1\r\nHost: a\r\n\r\n");
                client.head();
                slow.add(client);
            }
            Eventually.until("all have joined", () -> crier.subscribers() == SLOW);
            for (int i = 0; i < EVENTS; i++) {
                crier.publish("/big", i + " " + FILLER);
            }
            Eventually.until(
                    () -> "bytes wait\n" + scrape(crier), () -> Scrape.of(crier).value("crier_queued_bytes") > 0);
            assertEquals(SLOW, crier.subscribers());
            assertEquals(0, Scrape.of(crier).value(EVICTED));
            for (RawClient client : slow) {
                client.close();
            }
        }
    }

    @Test
    void theQueueIsFullAboveTheLimitUntilAQuarterIsFree() {
        var queued = new QueuedBytes(1_000);
        var changes = new ArrayList<Boolean>();
        queued.register(() -> changes.add(queued.isFull()));
        BooleanSupplier full = queued::isFull;
        queued.addUnshared(1_000);
        assertEquals(false, full.getAsBoolean());
        var shared = queued.allocate(1);
        assertEquals(true, full.getAsBoolean());
        queued.addUnshared(-200);
        queued.recheck();
        assertEquals(true, full.getAsBoolean());
        queued.addUnshared(-100);
        shared.release();
        queued.recheck();
        assertEquals(false, full.getAsBoolean());
        assertEquals(700, queued.sum());
        assertEquals(List.of(true, false), changes);
        assertTrue(queued.sum() <= 750);
    }
}
