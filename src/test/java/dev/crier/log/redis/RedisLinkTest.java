package dev.crier.log.redis;

import static org.junit.jupiter.api.Assertions.assertNull;

import dev.crier.testing.RedisServer;
import dev.crier.testing.RunningCrier;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RedisLinkTest {

    /** Longer than the limit for an answer of Redis. */
    private static final long PAUSE_MILLIS = 2_000;

    @TempDir
    private Path folder;

    private final Vertx vertx = Vertx.vertx();

    @AfterEach
    void close() throws Exception {
        RunningCrier.await(vertx.close());
    }

    /** Pauses the event loop, and sends a request that Redis answers soon after the pause. */
    private static Future<Response> askAndPause(RedisLink link) {
        double seconds = (PAUSE_MILLIS + 300) / 1_000.0;
        Future<Response> answer =
                link.tail().send(Request.cmd(Command.BLPOP).arg("none").arg(seconds));
        try {
            Thread.sleep(PAUSE_MILLIS);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        return answer;
    }

    @Test
    void aPauseOfThisProcessDoesNotCountAsSilenceOfRedis() throws Exception {
        try (var redis = RedisServer.start(folder)) {
            var dialer = new Dialer(vertx, Redises.conf(redis.port(), "test"));
            Promise<Response> answer = Promise.promise();
            vertx.runOnContext(
                    now -> dialer.dial().compose(RedisLinkTest::askAndPause).onComplete(answer));
            assertNull(RunningCrier.await(answer.future()), "no element");
        }
    }
}
