package dev.crier.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.testing.FaultyLink.Flow;
import java.io.IOException;
import java.net.ConnectException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The servers and the faulty link behave as the tests with Redis require. Without these tests, a link that does not fail would
 * let every test of a failure pass.
 */
class RedisKitTest {

    /** A time in which a reply would arrive. */
    private static final int SILENCE_MILLIS = 200;

    @TempDir
    private Path folder;

    @Test
    void everyKindOfReplyIsRead() throws Exception {
        try (var redis = RedisServer.start(folder);
                var client = new RespClient(redis.port())) {
            assertEquals("OK", client.command("SET", "text", "größer\r\n"));
            assertEquals("größer\r\n", client.command("GET", "text"));
            assertEquals(null, client.command("GET", "none"));
            assertEquals(3L, client.command("RPUSH", "list", "a", "b", ""));
            assertEquals(List.of("a", "b", ""), client.command("LRANGE", "list", "0", "-1"));
            assertEquals(
                    Arrays.asList(1L, null, List.of("x")), client.command("EVAL", "return {1, false, {'x'}}", "0"));
            var error = assertThrows(RespClient.ErrorReply.class, () -> client.command("GET", "list"));
            assertTrue(error.getMessage().startsWith("WRONGTYPE "), error.getMessage());
            assertEquals("PONG", client.command("PING"));
            assertEquals("master", redis.info("role"));
        }
    }

    @Test
    void withAnAppendOnlyFileAKilledServerKeepsAcknowledgedWrites() throws Exception {
        try (var redis = RedisServer.start(folder, "appendonly yes", "appendfsync always")) {
            redis.command("SET", "key", "kept");
            String run = redis.info("run_id");
            redis.kill();
            assertThrows(ConnectException.class, () -> redis.command("PING"));
            redis.restart();
            assertEquals("kept", redis.command("GET", "key"));
            assertFalse(redis.info("run_id").equals(run));
        }
    }

    @Test
    void withoutPersistenceAKilledServerLosesEverything() throws Exception {
        try (var redis = RedisServer.start(folder)) {
            redis.command("SET", "key", "lost");
            redis.kill();
            redis.restart();
            assertEquals(null, redis.command("GET", "key"));
        }
    }

    @Test
    void theUrlHasThePassword() throws Exception {
        try (var redis = RedisServer.start(folder, "requirepass a-password")) {
            assertEquals("redis://:a-password@127.0.0.1:" + redis.port(), redis.url());
            assertEquals("PONG", redis.command("PING"));
            try (var client = new RespClient(redis.port())) {
                var error = assertThrows(RespClient.ErrorReply.class, () -> client.command("PING"));
                assertTrue(error.getMessage().startsWith("NOAUTH "), error.getMessage());
            }
        }
    }

    @Test
    void aServerWithTlsAnswersOnBothPorts() throws Exception {
        Pem pem = Pem.in(folder).write(Pem.certificate("localhost"));
        try (var redis = RedisServer.withTls(folder, pem.cert(), pem.key())) {
            String port = redis.tlsUrl().replaceFirst("rediss://localhost:", "");
            var client = new ProcessBuilder(
                            "redis-cli",
                            "-p",
                            port,
                            "-h",
                            "localhost",
                            "--tls",
                            "--cacert",
                            pem.cert().toString(),
                            "PING")
                    .redirectErrorStream(true)
                    .start();
            assertEquals("PONG\n", new String(client.getInputStream().readAllBytes()));
        }
    }

    @Test
    void theClockOfAServerCanBeSetBack() throws Exception {
        try (var redis = RedisServer.withClock(folder)) {
            long before = redis.millis();
            redis.setClock(Duration.ofHours(-1));
            assertEquals(before - 3_600_000, redis.millis(), 30_000);
            redis.setClock(Duration.ZERO);
            assertEquals(before, redis.millis(), 30_000);
        }
    }

    @Test
    void aKilledServerLeavesNoClockToAnotherProcessWithItsPid() throws Exception {
        Path shared;
        try (var redis = RedisServer.withClock(folder)) {
            shared = Path.of("/dev/shm/faketime_shm_" + redis.pid());
            assertTrue(Files.exists(shared));
        }
        assertFalse(Files.exists(shared));
    }

    @Test
    void aSentinelPromotesTheReplicaOfAKilledPrimary() throws Exception {
        try (var primary = RedisServer.start(folder);
                var replica = RedisServer.start(folder)) {
            replica.replicate(primary);
            try (var sentinel = RedisSentinel.start(folder, "crier", primary.port(), 1)) {
                assertEquals(primary.port(), sentinel.primaryPort());
                try (var client = new RespClient(primary.port())) {
                    client.command("SET", "key", "replicated");
                    assertEquals(1L, client.command("WAIT", "1", "10000"));
                }
                primary.kill();
                Eventually.until(
                        () -> "failover: " + sentinel.output(), () -> sentinel.primaryPort() == replica.port());
                Eventually.until("promotion", () -> replica.info("role").equals("master"));
                assertEquals("replicated", replica.command("GET", "key"));
            }
        }
    }

    @Test
    void theLinkRelaysAndCutsAndRefuses() throws Exception {
        try (var redis = RedisServer.start(folder);
                var link = new FaultyLink(redis.port());
                var open = new RespClient(link.port())) {
            assertEquals("PONG", open.command("PING"));
            link.refuse();
            assertThrows(ConnectException.class, () -> new RespClient(link.port()));
            assertEquals("PONG", open.command("PING"));
            link.cutAll();
            assertThrows(IOException.class, () -> open.command("PING"));
            link.accept();
            try (var again = new RespClient(link.port())) {
                assertEquals("PONG", again.command("PING"));
                redis.kill();
                assertThrows(IOException.class, again::reply);
                assertThrows(IOException.class, () -> new RespClient(link.port()).command("PING"));
            }
        }
    }

    @Test
    void anOpenConnectionStaysWithAServerThatBecomesAReplica() throws Exception {
        try (var primary = RedisServer.start(folder);
                var replica = RedisServer.start(folder);
                var link = new FaultyLink(primary.port());
                var open = new RespClient(link.port())) {
            replica.replicate(primary);
            assertEquals("OK", open.command("SET", "key", "before"));
            primary.command("FAILOVER", "TO", "127.0.0.1", String.valueOf(replica.port()));
            Eventually.until("promotion", () -> replica.info("role").equals("master"));
            link.leadTo(replica.port());
            var error = assertThrows(RespClient.ErrorReply.class, () -> open.command("SET", "key", "after"));
            assertTrue(error.getMessage().startsWith("READONLY "), error.getMessage());
            try (var next = new RespClient(link.port())) {
                assertEquals("OK", next.command("SET", "key", "after"));
            }
        }
    }

    @Test
    void heldRequestsAndRepliesArriveLater() throws Exception {
        try (var redis = RedisServer.start(folder);
                var link = new FaultyLink(redis.port());
                var client = new RespClient(link.port())) {
            link.requests(Flow.HOLD);
            client.send("INCR", "n");
            var reply = reply(client);
            assertStaysSilent(reply);
            assertEquals(null, redis.command("GET", "n"));
            link.requests(Flow.PASS);
            assertEquals(1L, reply.get(30, TimeUnit.SECONDS));

            link.replies(Flow.HOLD);
            client.send("INCR", "n");
            var later = reply(client);
            Eventually.until("the request has arrived", () -> "2".equals(redis.command("GET", "n")));
            assertStaysSilent(later);
            link.replies(Flow.PASS);
            assertEquals(2L, later.get(30, TimeUnit.SECONDS));
        }
    }

    @Test
    void aConnectionWithDroppedBytesStaysOpenAndEndsWhenBytesPassAgain() throws Exception {
        try (var redis = RedisServer.start(folder);
                var link = new FaultyLink(redis.port());
                var client = new RespClient(link.port());
                var idle = new RespClient(link.port())) {
            idle.command("PING");
            link.both(Flow.DROP);
            client.send("INCR", "n");
            var reply = reply(client);
            assertStaysSilent(reply);
            assertEquals(null, redis.command("GET", "n"));
            assertEquals(2, link.connections());
            link.both(Flow.PASS);
            assertEquals(
                    "the connection is closed",
                    reply.handle((value, failure) -> failure.getCause().getMessage())
                            .get(30, TimeUnit.SECONDS));
            assertEquals(null, redis.command("GET", "n"));
            assertEquals("PONG", idle.command("PING"));

            link.replies(Flow.DROP);
            idle.send("INCR", "n");
            Eventually.until("the request has arrived", () -> "1".equals(redis.command("GET", "n")));
            var dropped = reply(idle);
            assertStaysSilent(dropped);
        }
    }

    @Test
    void aDroppingLinkHidesTheEndOfAServer() throws Exception {
        try (var redis = RedisServer.start(folder);
                var link = new FaultyLink(redis.port());
                var client = new RespClient(link.port())) {
            client.command("PING");
            link.both(Flow.DROP);
            redis.kill();
            var reply = reply(client);
            assertStaysSilent(reply);
            link.both(Flow.PASS);
            Eventually.until("the connection ends", reply::isCompletedExceptionally);
        }
    }

    @Test
    void aReplyIsLostAfterTheServerHasRunTheCommand() throws Exception {
        try (var redis = RedisServer.start(folder);
                var link = new FaultyLink(redis.port());
                var client = new RespClient(link.port())) {
            link.loseReplyTo("a-marker");
            assertEquals(1L, client.command("INCR", "n"));
            client.send("INCR", "n");
            client.send("EVAL", "return redis.call('INCR', 'n')", "0", "a-marker");
            client.send("INCR", "n");
            assertThrows(IOException.class, () -> {
                for (int i = 0; i < 3; i++) {
                    client.reply();
                }
            });
            assertEquals(1, link.lostReplies());
            assertTrue(List.of("3", "4").contains(redis.command("GET", "n")));
            try (var next = new RespClient(link.port())) {
                assertEquals("a-marker", next.command("ECHO", "a-marker"));
            }
        }
    }

    private static CompletableFuture<Object> reply(RespClient client) {
        return CompletableFuture.supplyAsync(() -> {
            try {
                return client.reply();
            } catch (IOException e) {
                throw new CompletionException(e);
            }
        });
    }

    private static void assertStaysSilent(CompletableFuture<Object> reply) throws Exception {
        assertThrows(TimeoutException.class, () -> reply.get(SILENCE_MILLIS, TimeUnit.MILLISECONDS));
    }
}
