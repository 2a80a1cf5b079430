package dev.crier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.bus.Bus;
import dev.crier.testing.Eventually;
import dev.crier.testing.Ports;
import dev.crier.testing.RawClient;
import dev.crier.testing.RunningCrier;
import dev.crier.testing.SmallDisk;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A start that fails leaves nothing open, whatever fails. A start with a store that fails for now succeeds. */
class StartTest {

    private static final String TOKEN = "a-token-of-the-tests";

    @TempDir
    private Path folder;

    private final Vertx vertx = Vertx.vertx();

    /** The id of the last deployment. */
    private String deployment;

    @AfterEach
    void close() throws Exception {
        RunningCrier.await(vertx.close());
    }

    /** A source whose start fails. */
    public static final class FailingSource extends VerticleBase {
        @Override
        public Future<?> start() {
            return Future.failedFuture("no such sensor");
        }
    }

    /** A source whose start ends when its first event is stored. */
    public static final class EagerSource extends VerticleBase {
        @Override
        public Future<?> start() {
            return vertx.eventBus()
                    .request(
                            Bus.PUBLISH,
                            new JsonObject()
                                    .put("channel", config().getString("channel"))
                                    .put("data", "first"));
        }
    }

    private static JsonObject configuration(Path file) {
        return new JsonObject("""
                {
                  "host": "127.0.0.1",
                  "port": 0,
                  "shutdown": {"drain": "PT0S"},
                  "management": {"port": 0},
                  "publish": {"tokens": ["%s"]},
                  "channels": {
                    "/news": {"keep": {"events": 100}, "publish": true},
                    "/time": {"keep": "latest", "source": {"verticle": "dev.crier.source.ClockVerticle"}}
                  },
                  "log": {"store": "sqlite", "file": "%s"}
                }""".formatted(TOKEN, file));
    }

    private JsonObject configuration() {
        return configuration(folder.resolve("crier.db"));
    }

    private MainVerticle deploy(JsonObject configuration) throws Exception {
        var main = new MainVerticle();
        deployment = RunningCrier.await(vertx.deployVerticle(main, new DeploymentOptions().setConfig(configuration)));
        return main;
    }

    /** Asserts that the start fails, and that a corrected one succeeds with the same Vert.x, management port and log file. */
    private void assertFailsUntilCorrected(String key, JsonObject wrong) throws Exception {
        var ports = new JsonObject().put("management", new JsonObject().put("port", Ports.free()));
        var failure = assertThrows(
                Exception.class,
                () -> deploy(configuration().mergeIn(ports, true).mergeIn(wrong, true)));
        assertTrue(failure.getMessage().startsWith(key), failure.getMessage());
        assertEquals(Set.of(), vertx.deploymentIDs());
        var main = deploy(configuration().mergeIn(ports, true));
        assertEquals("HTTP/1.1 201 Created", publish(main.port(), "corrected"));
        RunningCrier.await(vertx.undeploy(deployment));
        assertEquals(Set.of(), vertx.deploymentIDs());
    }

    private static String publish(int port, String data) throws Exception {
        try (var client = RawClient.publish(port, "/news", TOKEN, data, "Connection: close")) {
            return client.head().get(0);
        }
    }

    private static String get(int port, String path) throws Exception {
        try (var client = RawClient.request(port, "GET " + path, "Connection: close")) {
            return client.rest();
        }
    }

    @Test
    void aManagementPortInUseLeavesNothingOpen() throws Exception {
        try (var taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            assertFailsUntilCorrected(
                    "management.port: ",
                    new JsonObject().put("management", new JsonObject().put("port", taken.getLocalPort())));
        }
    }

    @Test
    void aLogFileOfAnotherFormatLeavesNothingOpen() throws Exception {
        Path notes = Files.writeString(folder.resolve("notes.txt"), "some notes\n");
        assertFailsUntilCorrected(
                "log.file: ", new JsonObject().put("log", new JsonObject().put("file", notes.toString())));
    }

    @Test
    void aFailedSourceLeavesNothingOpen() throws Exception {
        var source = new JsonObject().put("verticle", FailingSource.class.getName());
        var channel = new JsonObject().put("keep", "latest").put("source", source);
        assertFailsUntilCorrected(
                "channels./sensor.source: ",
                new JsonObject().put("channels", new JsonObject().put("/sensor", channel)));
    }

    @Test
    void aMissingKeySetLeavesNothingOpen() throws Exception {
        assertFailsUntilCorrected("jwt.jwks: ", new JsonObject().put("jwt", new JsonObject().put("jwks", "none.json")));
    }

    @Test
    void aMissingCertificateLeavesNothingOpen() throws Exception {
        var tls = new JsonObject().put("cert", "none.pem").put("key", "none.pem");
        assertFailsUntilCorrected("tls.", new JsonObject().put("tls", tls));
    }

    @Test
    void aPortInUseLeavesNothingOpen() throws Exception {
        try (var taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            assertFailsUntilCorrected("port: ", new JsonObject().put("port", taken.getLocalPort()));
        }
    }

    @Test
    void onAFullDiskCrierServesSubscribersAndIsReadyOnceThereIsSpace() throws Exception {
        try (var disk = SmallDisk.mount()) {
            Path file = disk.folder().resolve("crier.db");
            var before = deploy(configuration(file));
            assertEquals("HTTP/1.1 201 Created", publish(before.port(), "before"));
            RunningCrier.await(vertx.undeploy(deployment));
            disk.fill();
            var main = deploy(configuration(file));
            assertTrue(get(main.managementPort(), "/health/ready").startsWith("HTTP/1.1 503 "));
            assertEquals("HTTP/1.1 503 Service Unavailable", publish(main.port(), "rejected"));
            try (var subscriber = RawClient.request(main.port(), "GET /news?lastEventId=earliest")) {
                assertEquals("HTTP/1.1 200 OK", subscriber.head().get(0));
                while (!subscriber.chunk().contains("data: before\n")) {}
                disk.empty();
                awaitReady(main);
                assertEquals("HTTP/1.1 201 Created", publish(main.port(), "after"));
                while (!subscriber.chunk().contains("data: after\n")) {}
            }
            RunningCrier.await(vertx.close());
        }
    }

    private static void awaitReady(MainVerticle main) throws Exception {
        Eventually.until(
                "ready", () -> get(main.managementPort(), "/health/ready").startsWith("HTTP/1.1 200 "));
    }

    @Test
    void whileTheLogCannotBeReadSubscribersGetAStreamWithARetryTime() throws Exception {
        var eager = new JsonObject().put("verticle", EagerSource.class.getName());
        var channels = new JsonObject()
                .put("/eager", new JsonObject().put("keep", "latest").put("source", eager));
        JsonObject configuration = configuration().mergeIn(new JsonObject().put("channels", channels), true);
        deploy(configuration);
        RunningCrier.await(vertx.undeploy(deployment));
        MainVerticle main;
        try (var tool = DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("crier.db"));
                var statement = tool.createStatement()) {
            statement.execute("PRAGMA locking_mode = EXCLUSIVE");
            statement.execute("BEGIN EXCLUSIVE");
            main = deploy(configuration);
            try (var rejected =
                    RawClient.request(main.port(), "GET /news", "Last-Event-ID: 1-0", "Connection: close")) {
                var head = rejected.head();
                assertEquals("HTTP/1.1 200 OK", head.get(0));
                assertTrue(rejected.rest().matches(": The log cannot be read at present\\.\nretry: \\d+\n"));
            }
            assertTrue(get(main.managementPort(), "/health/ready").startsWith("HTTP/1.1 503 "));
            assertEquals(0, main.subscribers());
        }
        awaitReady(main);
        try (var subscriber = RawClient.request(main.port(), "GET /time")) {
            assertEquals("HTTP/1.1 200 OK", subscriber.head().get(0));
            assertFalse(subscriber.chunk().isEmpty());
        }
        try (var subscriber = RawClient.request(main.port(), "GET /eager")) {
            subscriber.head();
            while (!subscriber.chunk().contains("data: first\n")) {} // its source starts after the log is readable
        }
    }
}
