package dev.crier.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.testing.RawClient;
import dev.crier.testing.RedisServer;
import dev.crier.testing.RunningCrier;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two nodes on one Redis: stopping a channel at one of them reaches its producer at the other. */
class StopOtherNodeTest extends EndFixture {

    private static final int STOPS = 20;

    @TempDir
    static Path folder;

    private static RedisServer redis;
    private RunningCrier other;

    @BeforeAll
    static void startRedis() throws Exception {
        redis = RedisServer.start(folder);
    }

    @AfterAll
    static void stopRedis() throws Exception {
        redis.close();
    }

    /** The event loops check all subscribers and producers only four times an hour. */
    @Override
    JsonObject conf() {
        return super.conf()
                .put("heartbeat", "PT1H")
                .put("subscriber", new JsonObject().put("stallTimeout", "PT1H"))
                .put(
                        "log",
                        new JsonObject()
                                .put("store", "redis")
                                .put("redis", new JsonObject().put("url", "redis://127.0.0.1:" + redis.port())));
    }

    @BeforeEach
    void startOther() throws Exception {
        other = new RunningCrier(conf());
    }

    @AfterEach
    void stopOther() throws Exception {
        other.close();
    }

    @Test
    void stoppingReachesTheProducerWithoutATimer() throws Exception {
        var millis = new ArrayList<Long>();
        for (int i = 0; i < STOPS; i++) {
            String channel = "/runs/" + i;
            try (var producer = open(channel + "?lines");
                    var subscriber = RawClient.request(other.port(), "GET " + channel + "?lastEventId=earliest")) {
                sendChunk(producer, "one\ntwo");
                subscriber.head();
                subscriber.readThrough("data: one\n");
                long begin = System.nanoTime();
                var answer = RunningCrier.await(web.request(HttpMethod.DELETE, other.port(), "127.0.0.1", channel)
                        .bearerTokenAuthentication(TOKEN)
                        .send());
                assertEquals(200, answer.statusCode());
                assertEquals(
                        1,
                        assertStopped(answer.bodyAsJsonObject().getString("id"), producer)
                                .getInteger("count"));
                millis.add(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begin));
            }
        }
        millis.sort(null);
        assertTrue(millis.get(STOPS / 2) < 100, "milliseconds: " + millis);
    }

    @Test
    void anEndAtOneNodeIsTheEndAtTheOther() throws Exception {
        String end = post("/runs/ended?end", "one").bodyAsJsonObject().getString("id");
        var publishing = web.request(HttpMethod.POST, other.port(), "127.0.0.1", "/runs/ended?lines")
                .bearerTokenAuthentication(TOKEN);
        assertConflict(end, RunningCrier.await(publishing.sendBuffer(Buffer.buffer("never"))));
        var stopping = web.request(HttpMethod.DELETE, other.port(), "127.0.0.1", "/runs/ended")
                .bearerTokenAuthentication(TOKEN);
        assertEquals(end, RunningCrier.await(stopping.send()).bodyAsJsonObject().getString("id"));
    }
}
