package dev.crier.failures;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.testing.CrierProcess;
import dev.crier.testing.Eventually;
import dev.crier.testing.FaultyLink;
import dev.crier.testing.RawClient;
import dev.crier.testing.RedisServer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The start of a node whose Redis cannot be reached, or cannot be used at all. */
class RedisStartIT {

    @TempDir
    private Path folder;

    private CrierProcess crier(String url) throws IOException {
        String log = "{\"store\": \"redis\", \"redis\": {\"url\": \"%s\"}}".formatted(url);
        return CrierProcess.start(folder, "-conf", Cluster.configuration(log));
    }

    @Test
    void anUnreachableRedisIsWaitedFor() throws Exception {
        try (var redis = RedisServer.start(folder);
                var link = new FaultyLink(redis.port())) {
            link.refuse();
            try (var crier = crier(link.url())) {
                Eventually.until(() -> "Crier listens: " + crier.output(), () -> listens(crier));
                int management = port(crier, "/health");
                int port = port(crier, ": http");
                assertEquals("HTTP/1.1 200 OK", status(management, "/health/live"));
                assertEquals("HTTP/1.1 503 Service Unavailable", status(management, "/health/ready"));
                assertRefused(port);
                link.accept();
                Eventually.until(
                        () -> "ready: " + crier.output(),
                        () -> status(management, "/health/ready").equals("HTTP/1.1 200 OK"));
                try (var publisher = RawClient.publish(port, "/a", Cluster.TOKEN, "hello")) {
                    assertEquals("HTTP/1.1 201 Created", publisher.head().get(0));
                }
                assertEquals(
                        1,
                        crier.lines().stream()
                                .filter(line -> line.startsWith("ERROR"))
                                .count(),
                        crier.output());
                assertTrue(crier.output().contains("Redis at 127.0.0.1:" + link.port()), crier.output());
                assertFalse(crier.output().contains("\tat "), crier.output());
            }
        }
    }

    private static boolean listens(CrierProcess crier) {
        return crier.lines().stream().anyMatch(line -> line.startsWith("WARN  Crier listens but is not ready"));
    }

    /** Returns the last port in the line with this text. */
    private static int port(CrierProcess crier, String text) {
        String line = crier.lines().stream()
                .filter(found -> found.contains(text))
                .reduce((first, last) -> last)
                .orElseThrow();
        return Integer.parseInt(line.replaceFirst(".*:(\\d+)/.*", "$1"));
    }

    private static String status(int port, String path) throws IOException {
        try (var client = RawClient.request(port, "GET " + path, "Connection: close")) {
            return client.head().get(0);
        }
    }

    private static void assertRefused(int port) throws IOException {
        try (var publisher = RawClient.publish(port, "/a", Cluster.TOKEN, "hello")) {
            List<String> head = publisher.head();
            assertEquals("HTTP/1.1 503 Service Unavailable", head.get(0));
            assertTrue(publisher.header(head, "Retry-After").isPresent(), head::toString);
        }
    }

    /** Asserts that the start fails with one line that begins with this problem and does not have the password. */
    private void assertEnds(String problem, int port, String user) throws Exception {
        try (var crier = crier("redis://" + user + "127.0.0.1:" + port)) {
            assertEquals(2, crier.exitStatus());
            var problems = crier.lines().stream()
                    .filter(line -> !line.startsWith("INFO"))
                    .toList();
            assertEquals(1, problems.size(), crier.output());
            String line = problems.get(0);
            assertTrue(line.startsWith("ERROR -conf: log.redis.url: Redis at 127.0.0.1:" + port + " " + problem), line);
            assertTrue(line.contains(" (expected: "), line);
            assertFalse(line.contains("a-secret"), line);
        }
    }

    @Test
    void aWrongPasswordEndsTheStart() throws Exception {
        try (var redis = RedisServer.start(folder, "requirepass the-right-one")) {
            assertEnds("refuses Crier: WRONGPASS ", redis.port(), ":a-secret@");
        }
    }

    @Test
    void aMissingPasswordEndsTheStart() throws Exception {
        try (var redis = RedisServer.start(folder, "requirepass the-right-one")) {
            assertEnds("refuses Crier: NOAUTH ", redis.port(), "");
        }
    }

    @Test
    void aUserThatMayNotRunTheCommandsEndsTheStart() throws Exception {
        try (var redis = RedisServer.start(folder, "user crier on >a-secret ~* +@all -@scripting")) {
            assertEnds("refuses Crier: NOPERM ", redis.port(), "crier:a-secret@");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"6.2.0", "5.0.14"})
    void anOldRedisEndsTheStart(String version) throws Exception {
        try (var redis = new FakeRedis(version)) {
            assertEnds("has version " + version + " (expected: 7.0 or later)", redis.port(), "");
        }
    }

    @Test
    void aRedisThatMayDeleteEventsEndsTheStart() throws Exception {
        try (var redis = RedisServer.start(folder, "maxmemory 100mb", "maxmemory-policy allkeys-lru")) {
            assertEnds("has maxmemory-policy allkeys-lru", redis.port(), "");
        }
    }
}
