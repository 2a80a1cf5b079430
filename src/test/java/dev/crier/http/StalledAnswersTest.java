package dev.crier.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.testing.Eventually;
import dev.crier.testing.RawClient;
import dev.crier.testing.RawHttp2Client;
import dev.crier.testing.RunningCrier;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Threat: clients that do not take their responses hold files, connections and memory. */
@Timeout(60)
class StalledAnswersTest {

    private static final int FILE_BYTES = 8 << 20;
    private static final int ZERO = 0;

    @TempDir
    private Path folder;

    private Path webroot;

    @BeforeEach
    void write() throws IOException {
        webroot = Files.createDirectories(folder.resolve("webroot")).toRealPath();
        Files.writeString(webroot.resolve("index.html"), "small");
        Files.writeString(webroot.resolve("large.txt"), "x".repeat(FILE_BYTES));
    }

    private RunningCrier crier(JsonObject limits) throws Exception {
        return new RunningCrier(RunningCrier.channels("/news")
                .put("http", new JsonObject().put("h2c", true))
                .put("limits", limits)
                .put("cors", new JsonObject().put("origins", new JsonArray().add("*")))
                .put("webroot", webroot.toString()));
    }

    /** Returns how often the process has the large file open. */
    private long open() throws IOException {
        Path large = webroot.resolve("large.txt");
        long open = 0;
        try (DirectoryStream<Path> files = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
            for (Path file : files) {
                try {
                    open += Files.readSymbolicLink(file).equals(large) ? 1 : 0;
                } catch (IOException closed) {
                    // it was closed after it was listed
                }
            }
        }
        return open;
    }

    private static void assertServes(RunningCrier crier) throws Exception {
        try (var page = RawClient.request(crier.port(), "GET /", "Connection: close")) {
            assertTrue(page.rest().endsWith("small"));
        }
        try (var subscriber = RawClient.request(crier.port(), "GET /news")) {
            subscriber.head();
            crier.publish("/news", "still");
            assertTrue(subscriber.readThrough("\n\n").contains("data: still\n"));
        }
    }

    @Test
    void zeroWindowsHoldFewFilesAndReleaseThem() throws Exception {
        try (var crier = crier(new JsonObject().put("answerTimeout", "PT1S"))) {
            var clients = new ArrayList<RawHttp2Client>();
            for (int i = 0; i < 20; i++) {
                var client = RawHttp2Client.withWindow(crier.port(), ZERO);
                clients.add(client);
                for (int stream = 0; stream < 100; stream++) {
                    client.request("GET", "/large.txt");
                }
            }
            Eventually.until("files are open", () -> open() > 0);
            for (int i = 0; i < 10; i++) {
                assertTrue(open() <= OpenFiles.forDownloads(), "open: " + open());
                assertServes(crier);
            }
            for (RawHttp2Client client : clients) {
                client.awaitClose();
                client.close();
            }
            Eventually.until("all files are closed", () -> open() == 0);
        }
    }

    @Test
    void aSlowDownloadIsEndedForOthersLongBeforeItsTimeout() throws Exception {
        try (var crier = crier(new JsonObject().put("answerTimeout", "PT1H"))) {
            var clients = new ArrayList<RawHttp2Client>();
            for (int i = 0; i <= OpenFiles.forDownloads() / 6 + 1; i++) {
                var client = RawHttp2Client.withWindow(crier.port(), ZERO);
                clients.add(client);
                for (int stream = 0; stream < 6; stream++) {
                    client.request("GET", "/large.txt");
                }
            }
            Eventually.until("all are taken", () -> open() >= OpenFiles.forDownloads() / 2);
            assertServes(crier);
            for (RawHttp2Client client : clients) {
                client.close();
            }
        }
    }

    @Test
    void aSlowClientGetsItsWholeResponse() throws Exception {
        try (var crier = crier(new JsonObject().put("answerTimeout", "PT1S"));
                var client = RawHttp2Client.withWindow(crier.port(), ZERO)) {
            int stream = client.request("GET", "/large.txt");
            assertEquals("200", client.status(stream));
            int part = 20_000;
            long begin = System.nanoTime();
            for (int taken = 0; taken < 10 * part; taken += part) {
                client.openWindow(0, part);
                client.openWindow(stream, part);
                for (int bytes = 0; bytes < part; ) {
                    bytes += client.next(RawHttp2Client.DATA, stream).payload().length;
                }
                long pause = begin + (taken / part + 1) * 300_000_000L;
                Eventually.until("a while", () -> System.nanoTime() > pause);
            }
        }
    }

    @Test
    void pipelinedPagesThatAreNeverReadHoldNothing() throws Exception {
        try (var crier = crier(new JsonObject().put("connections", 4).put("answerTimeout", "PT0.5S"))) {
            var clients = new ArrayList<RawClient>();
            for (int i = 0; i < 4; i++) {
                var client = RawClient.slow(crier.port());
                client.send("GET /large.txt HTTP/1.1\r\nHost: a\r\n\r\n".repeat(20));
                clients.add(client);
            }
            Eventually.until("files are open", () -> open() > 0);
            Eventually.until("all files are closed", () -> open() == 0);
            assertServes(crier);
            for (RawClient client : clients) {
                client.close();
            }
        }
    }

    @Test
    void whenAllConnectionsAreInUseAClientThatTakesNothingIsClosed() throws Exception {
        try (var crier = crier(new JsonObject().put("connections", 2).put("answerTimeout", "PT1H"))) {
            var clients = new ArrayList<RawClient>();
            for (int i = 0; i < 2; i++) {
                var client = RawClient.slow(crier.port());
                client.send("GET /large.txt HTTP/1.1\r\nHost: a\r\n\r\n");
                clients.add(client);
            }
            Eventually.until("files are open", () -> open() == 2);
            Eventually.until("one gives way", () -> {
                try (var subscriber = RawClient.request(crier.port(), "GET /news", "Connection: close")) {
                    return subscriber.head().get(0).endsWith("200 OK");
                }
            });
            for (RawClient client : clients) {
                client.close();
            }
        }
    }

    @Test
    void anHttp2ResponseEndsItsStreamEvenIfTheRequestBodyIsOpen() throws Exception {
        try (var crier = crier(new JsonObject());
                var client = RawHttp2Client.withWindow(crier.port(), 1 << 16)) {
            int stream = client.open("POST", "/nothing");
            assertEquals("404", client.status(stream));
            assertEquals(
                    List.of((byte) 0),
                    List.of(client.next(RawHttp2Client.RST_STREAM, stream).payload()[3]),
                    "NO_ERROR");
        }
    }

    @Test
    void anHttp2ConnectionThatTakesNothingOfItsResponsesIsClosedInTime() throws Exception {
        try (var crier = crier(new JsonObject().put("answerTimeout", "PT0.5S").put("headTimeout", "PT0.5S"));
                var client = RawHttp2Client.withWindow(crier.port(), ZERO)) {
            for (int i = 0; i < 200; i++) {
                client.request("GET", "/nothing/" + i);
            }
            client.awaitClose();
        }
    }
}
