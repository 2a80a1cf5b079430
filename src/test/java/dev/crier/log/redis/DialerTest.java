package dev.crier.log.redis;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.config.RedisConf;
import dev.crier.config.file.ConfException;
import dev.crier.testing.FaultyLink;
import dev.crier.testing.Pem;
import dev.crier.testing.RedisSentinel;
import dev.crier.testing.RedisServer;
import dev.crier.testing.RunningCrier;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Connections to servers of each kind, and the errors for unusable servers. */
class DialerTest {

    @TempDir
    Path folder;

    private final Vertx vertx = Vertx.vertx();

    @AfterEach
    void close() throws Exception {
        RunningCrier.await(vertx.close());
    }

    private static RedisConf conf(int port, boolean tls, Optional<Path> ca, String user, String password) {
        var endpoint = new RedisConf.Endpoint("localhost", port);
        return new RedisConf(List.of(endpoint), Optional.empty(), tls, ca, user, password, 0, 0, "test");
    }

    private ServerInfo dial(RedisConf conf) throws Exception {
        RedisLink link = RunningCrier.await(new Dialer(vertx, conf).dial());
        ServerInfo info = link.server();
        link.close();
        return info;
    }

    private String refusal(Class<? extends Exception> type, RedisConf conf) {
        String message = assertThrows(type, () -> dial(conf)).getMessage();
        assertFalse(message.contains("sesame"), message);
        return message;
    }

    @Test
    void theRunIdIsThatOfTheServer() throws Exception {
        try (var redis = RedisServer.start(folder)) {
            assertEquals(
                    redis.info("run_id"),
                    dial(Redises.conf(redis.port(), "test")).run());
        }
    }

    @Test
    void aPasswordIsSentAndAWrongOneIsAMistakeInTheConfiguration() throws Exception {
        try (var redis = RedisServer.start(folder, "requirepass sesame")) {
            dial(conf(redis.port(), false, Optional.empty(), "", "sesame"));
            String wrong = refusal(ConfException.class, conf(redis.port(), false, Optional.empty(), "", "sesame?"));
            assertTrue(wrong.startsWith(
                    "log.redis.url: Redis at localhost:" + redis.port() + " refuses Crier: WRONGPASS"));
            String none = refusal(ConfException.class, conf(redis.port(), false, Optional.empty(), "", ""));
            assertTrue(none.contains("NOAUTH"), none);
        }
    }

    @Test
    void aUserWithoutPermissionsIsAMistakeInTheConfiguration() throws Exception {
        try (var redis = RedisServer.start(folder, "user reader on >sesame ~* +@read +info")) {
            String refused =
                    refusal(ConfException.class, conf(redis.port(), false, Optional.empty(), "reader", "sesame"));
            assertTrue(refused.contains("NOPERM"), refused);
        }
    }

    @Test
    void theDocumentedPermissionsOfAUserSuffice() throws Exception {
        try (var redis = RedisServer.start(folder, "user crier on >sesame ~{test}:* +@all -@dangerous +info +role")) {
            dial(conf(redis.port(), false, Optional.empty(), "crier", "sesame"));
        }
    }

    @Test
    void tlsIsUsedWithACertificateThatIsTrusted() throws Exception {
        Pem pem = Pem.in(folder).write(Pem.certificate("localhost"));
        try (var redis = RedisServer.withTls(folder, pem.cert(), pem.key())) {
            int port = Integer.parseInt(redis.tlsUrl().replaceAll(".*:", ""));
            dial(conf(port, true, Optional.of(pem.cert()), "", ""));
            refusal(RedisUnavailableException.class, conf(port, true, Optional.empty(), "", ""));
        }
    }

    @Test
    void aPolicyThatEvictsIsAMistakeInTheConfiguration() throws Exception {
        try (var redis = RedisServer.start(folder, "maxmemory-policy allkeys-lru")) {
            assertEquals(
                    "log.redis.url: Redis at 127.0.0.1:" + redis.port()
                            + " has maxmemory-policy allkeys-lru, and may delete events at any time (expected: noeviction)",
                    refusal(ConfException.class, Redises.conf(redis.port(), "test")));
        }
    }

    @Test
    void aReplicaIsRefused() throws Exception {
        try (var redis = RedisServer.start(folder);
                var replica = RedisServer.start(folder)) {
            replica.replicate(redis);
            assertEquals(
                    "Redis at 127.0.0.1:" + replica.port() + ": it is a replica (expected: the primary)",
                    refusal(RedisUnavailableException.class, Redises.conf(replica.port(), "test")));
        }
    }

    @Test
    void theFirstSentinelThatAnswersNamesThePrimary() throws Exception {
        try (var redis = RedisServer.start(folder);
                var sentinel = RedisSentinel.start(folder, "primary", redis.port(), 0)) {
            var closed = new RedisConf.Endpoint("127.0.0.1", 1);
            var open = new RedisConf.Endpoint("127.0.0.1", sentinel.port());
            assertEquals(
                    redis.info("run_id"),
                    dial(sentinels("primary", closed, open)).run());
            assertEquals(
                    "Redis at " + open + ": the sentinel does not know the primary other",
                    refusal(RedisUnavailableException.class, sentinels("other", open)));
        }
    }

    @Test
    void theSentinelThatAnsweredLastIsAskedFirst() throws Exception {
        try (var redis = RedisServer.start(folder);
                var sentinel = RedisSentinel.start(folder, "primary", redis.port(), 0);
                var silent = new FaultyLink(sentinel.port())) {
            var dialer = new Dialer(
                    vertx,
                    sentinels(
                            "primary",
                            new RedisConf.Endpoint("127.0.0.1", silent.port()),
                            new RedisConf.Endpoint("127.0.0.1", sentinel.port())));
            silent.requests(FaultyLink.Flow.HOLD);
            RunningCrier.await(dialer.dial()).close();
            Future<RedisLink> next = dialer.dial();
            assertDoesNotThrow(
                    () -> RunningCrier.await(next.timeout(2, TimeUnit.SECONDS)).close());
        }
    }

    private static RedisConf sentinels(String primary, RedisConf.Endpoint... sentinels) {
        return new RedisConf(List.of(sentinels), Optional.of(primary), false, Optional.empty(), "", "", 0, 0, "test");
    }

    @Test
    void theErrorNamesAServerThatDoesNotListen() {
        String refused = refusal(RedisUnavailableException.class, Redises.conf(1, "test"));
        assertTrue(refused.startsWith("Redis at 127.0.0.1:1: "), refused);
    }

    /** Returns the context in which the result of a dial arrives. */
    private Context contextOfResult(Context own, RedisConf conf) throws Exception {
        Promise<Context> arrived = Promise.promise();
        own.runOnContext(run -> new Dialer(vertx, conf).dial().onComplete((link, failure) -> {
            if (link != null) {
                link.close();
            }
            arrived.complete(Vertx.currentContext());
        }));
        return RunningCrier.await(arrived.future());
    }

    /** On another thread, the store would race with the thread that owns its state. */
    @Test
    void theResultArrivesOnTheContextOfTheCaller() throws Exception {
        Context own = vertx.getOrCreateContext();
        try (var redis = RedisServer.start(folder);
                var sentinel = RedisSentinel.start(folder, "primary", redis.port(), 0);
                var link = new FaultyLink(redis.port())) {
            assertEquals(own, contextOfResult(own, Redises.conf(redis.port(), "test")));
            assertEquals(own, contextOfResult(own, Redises.conf(1, "test")));
            var open = new RedisConf.Endpoint("127.0.0.1", sentinel.port());
            assertEquals(own, contextOfResult(own, sentinels("primary", open)));
            assertEquals(own, contextOfResult(own, sentinels("other", open)));
            link.both(FaultyLink.Flow.HOLD);
            assertEquals(own, contextOfResult(own, Redises.conf(link.port(), "test")));
        }
    }
}
