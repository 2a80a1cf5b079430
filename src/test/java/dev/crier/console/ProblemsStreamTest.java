package dev.crier.console;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.testing.Pem;
import dev.crier.testing.RawClient;
import dev.crier.testing.RunningCrier;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The sentences about what is wrong, with a Crier in which it is wrong. */
class ProblemsStreamTest {

    private static final String NEWS = """
        "channels": {"/news": {"keep": {"age": "PT1H"}, "publish": true}}\
        """;

    @TempDir
    private Path folder;

    /** Waits for a sentence, and then until nothing is wrong. */
    private static void awaitProblem(ConsoleClient stats, String part) throws Exception {
        stats.await(event -> event.getJsonArray("problems").stream()
                .anyMatch(problem -> problem.toString().contains(part)));
    }

    private static void awaitNone(ConsoleClient stats) throws Exception {
        stats.await(event -> event.getJsonArray("problems").equals(new JsonArray()));
    }

    @Test
    void theLogCannotStoreWhileAnotherProgramLocksItsFile() throws Exception {
        Path file = folder.resolve("crier.db");
        var log = new JsonObject().put("store", "sqlite").put("file", file.toString());
        try (var crier = new RunningCrier(ConsoleClient.conf(NEWS).put("log", log));
                var stats = ConsoleClient.stats(crier)) {
            awaitNone(stats);
            try (var tool = DriverManager.getConnection("jdbc:sqlite:" + file);
                    var statement = tool.createStatement()) {
                statement.execute("BEGIN IMMEDIATE");
                crier.vertx()
                        .eventBus()
                        .send(
                                "crier.publish",
                                new JsonObject().put("channel", "/news").put("data", "lost"));
                awaitProblem(stats, "The log cannot store since ");
            }
            awaitNone(stats);
        }
    }

    @Test
    void theLogIsFull() throws Exception {
        var conf = ConsoleClient.conf(NEWS, "\"log\": {\"memoryBytes\": 1048576}");
        try (var crier = new RunningCrier(conf);
                var stats = ConsoleClient.stats(crier)) {
            for (int i = 0; i < 80; i++) {
                crier.vertx()
                        .eventBus()
                        .send(
                                "crier.publish",
                                new JsonObject().put("channel", "/news").put("data", "x".repeat(20_000)));
            }
            awaitProblem(stats, "Publishing is refused, because the event log is full (log.memoryBytes).");
        }
    }

    @Test
    void theCertificateExpiresInAFewDays() throws Exception {
        Pem pem = Pem.in(folder);
        pem.write(Pem.certificate("soon", Instant.now().plus(Duration.ofHours(30))));
        try (var crier = new RunningCrier(ConsoleClient.conf(NEWS).mergeIn(pem.conf()));
                var stats = ConsoleClient.stats(crier)) {
            awaitProblem(stats, "The certificate expires in 1 day, at ");
            pem.write(Pem.certificate(
                    "later", Instant.now().plus(Duration.ofDays(30)).minus(Duration.ofDays(29))));
            awaitProblem(stats, "The certificate expires in less than a day, at ");
        }
    }

    @Test
    void allConnectionsAreInUse() throws Exception {
        var conf = ConsoleClient.conf(NEWS, "\"limits\": {\"connections\": 10}");
        try (var crier = new RunningCrier(conf);
                var stats = ConsoleClient.stats(crier)) {
            var subscribers = new ArrayList<RawClient>();
            for (int i = 0; i < 10; i++) {
                subscribers.add(RawClient.request(crier.port(), "GET /news"));
                subscribers.get(i).head();
            }
            awaitProblem(stats, "10 of 10 connections are open (expected: ");
            for (RawClient subscriber : subscribers) {
                subscriber.close();
            }
            awaitNone(stats);
        }
    }

    @Test
    void subscribersOfOneAddressAreRefusedAndTheAddressIsNotShown() throws Exception {
        var conf = ConsoleClient.conf(NEWS, "\"limits\": {\"subscribersPerAddress\": 1}");
        try (var crier = new RunningCrier(conf);
                var stats = ConsoleClient.stats(crier);
                var first = RawClient.from("127.0.0.9", crier.port());
                var second = RawClient.from("127.0.0.9", crier.port())) {
            for (RawClient client : new RawClient[] {first, second}) {
                client.send("GET /news HTTP/1.1\r\nHost: localhost\r\n\r\n");
                client.head();
            }
            JsonObject event = stats.await(any -> !any.getJsonArray("problems").isEmpty());
            assertEquals(
                    "1 subscriber was refused in the last minute, because their address has too many"
                            + " (limits.subscribersPerAddress).",
                    event.getJsonArray("problems").getString(0));
            assertTrue(!event.encode().contains("127.0.0.9"), event.encode());
        }
    }

    @Test
    void anEventLoopIsBlocked() throws Exception {
        try (var crier = new RunningCrier(ConsoleClient.conf(NEWS));
                var stats = ConsoleClient.stats(crier)) {
            awaitNone(stats);
            var done = new CountDownLatch(1);
            crier.vertx().runOnContext(blocked -> {
                try {
                    done.await(3, TimeUnit.SECONDS);
                } catch (InterruptedException e) {
                    throw new AssertionError(e);
                }
            });
            awaitProblem(stats, "blocked"); // the console itself may be on that event loop, and then says it later
            done.countDown();
            awaitProblem(stats, "An event loop was blocked for more than 2 s in the last minute");
        }
    }
}
