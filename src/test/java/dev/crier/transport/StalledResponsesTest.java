package dev.crier.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.limit.OpenFiles;
import dev.crier.testing.Eventually;
import dev.crier.testing.RawClient;
import dev.crier.testing.RawHttp2Client;
import dev.crier.testing.RunningCrier;
import io.netty.buffer.Unpooled;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Threat: clients that do not take their responses hold files, connections and memory of the whole server. {@link
 * Http1ConnectionTrackerTest} and {@link Http2ConnectionTrackerTest} set the time.
 */
@Timeout(60)
class StalledResponsesTest {

    private static final int FILE_BYTES = 8 << 20;
    private static final int ZERO_WINDOW = 0;
    private static final int DOWNLOADS_PER_CONNECTION = 6;
    private static final int CANCEL = 8;

    @TempDir
    private Path folder;

    private Path webroot;

    @BeforeEach
    void writeFiles() throws IOException {
        webroot = Files.createDirectories(folder.resolve("webroot")).toRealPath();
        Files.writeString(webroot.resolve("index.html"), "small");
        Files.writeString(webroot.resolve("large.txt"), "x".repeat(FILE_BYTES));
    }

    private RunningCrier crier(String limits) throws Exception {
        return new RunningCrier(
                new JsonObject("""
                        {
                          "channels": {"/news": {"keep": "latest"}},
                          "http": {"h2c": true},
                          "cors": {"origins": ["*"]}
                        }""").put("limits", new JsonObject(limits)).put("webroot", webroot.toString()));
    }

    /** Returns how often this process has the large file open. */
    private long openFiles() throws IOException {
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

    private static List<RawHttp2Client> requestFiles(RunningCrier crier, int connections, int requests)
            throws IOException {
        var clients = new ArrayList<RawHttp2Client>();
        for (int i = 0; i < connections; i++) {
            var client = RawHttp2Client.withWindow(crier.port(), ZERO_WINDOW);
            clients.add(client);
            for (int request = 0; request < requests; request++) {
                client.request("GET", "/large.txt");
            }
        }
        return clients;
    }

    @Test
    void clientsWithAWindowOfZeroHoldFewFilesAndNotForLong() throws Exception {
        // so many that far more files than allowed would be open if only the downloads of each connection were limited
        int connections = 4 * OpenFiles.forDownloads() / DOWNLOADS_PER_CONNECTION;
        // a file is closed a moment after its download has ended, when the next one may have opened its own
        int most = 2 * OpenFiles.forDownloads();
        try (var crier = crier("{\"answerTimeout\": \"PT0.3S\"}")) {
            List<RawHttp2Client> clients = requestFiles(crier, connections, 2 * DOWNLOADS_PER_CONNECTION);
            Eventually.until("files are open", () -> openFiles() > 0);
            for (int i = 0; i < 5; i++) {
                long open = openFiles();
                assertTrue(open <= most, "open: " + open + " (expected: at most " + most + ")");
                assertServes(crier);
            }
            for (RawHttp2Client client : clients) {
                client.awaitClose();
                client.close();
            }
            Eventually.until("all files are closed", () -> openFiles() == 0);
        }
    }

    @Test
    void aStalledDownloadEndsBeforeItsTimeoutIfAnotherWaitsForAFile() throws Exception {
        int connections = OpenFiles.forDownloads() / DOWNLOADS_PER_CONNECTION + 2;
        try (var crier = crier("{\"answerTimeout\": \"PT1H\"}")) {
            List<RawHttp2Client> clients = requestFiles(crier, connections, DOWNLOADS_PER_CONNECTION);
            Eventually.until("many files are open", () -> openFiles() >= OpenFiles.forDownloads() / 2);
            assertServes(crier);
            for (RawHttp2Client client : clients) {
                client.close();
            }
        }
    }

    @Test
    void aConnectionHasFewDownloadsAndFewThatWaitForTheirTurn() throws Exception {
        try (var crier = crier("{\"answerTimeout\": \"PT1H\"}");
                var client = RawHttp2Client.withWindow(crier.port(), ZERO_WINDOW)) {
            int first = client.request("GET", "/large.txt");
            for (int i = 1; i < DOWNLOADS_PER_CONNECTION + 32; i++) {
                client.request("GET", "/large.txt");
            }
            assertEquals("503", client.status(client.request("GET", "/large.txt")));
            assertServes(crier);
            client.send(RawHttp2Client.RST_STREAM, 0, first, Unpooled.buffer().writeInt(CANCEL));
            int firstThatWaits = first + 2 * DOWNLOADS_PER_CONNECTION;
            assertEquals("200", client.status(firstThatWaits));
        }
    }

    @Test
    void anHttp2ConnectionStaysOpenWhileItHasAnEventStream() throws Exception {
        try (var crier = crier("{\"headTimeout\": \"PT0.3S\"}");
                var client = RawHttp2Client.withWindow(crier.port(), 1 << 16);
                var idle = RawHttp2Client.withWindow(crier.port(), 1 << 16)) {
            int stream = client.request("GET", "/news");
            assertEquals("200", client.status(client.request("GET", "/")));
            assertEquals("200", idle.status(idle.request("GET", "/")));
            idle.awaitClose(); // after the timeout
            crier.publish("/news", "still");
            String read = "";
            while (!read.contains("data: still")) {
                read += new String(client.next(RawHttp2Client.DATA, stream).payload(), StandardCharsets.UTF_8);
            }
            client.send(RawHttp2Client.RST_STREAM, 0, stream, Unpooled.buffer().writeInt(CANCEL));
            client.awaitClose();
        }
    }

    @Test
    void asManyResponsesMayBeOpenAsTheSettingsAnnounce() throws Exception {
        try (var crier = crier("{\"answerTimeout\": \"PT1H\"}");
                var client = RawHttp2Client.withWindow(crier.port(), ZERO_WINDOW)) {
            for (int i = 1; i < 250; i++) {
                client.request("GET", "/nothing");
            }
            assertEquals("404", client.status(client.request("GET", "/nothing")));
        }
    }

    @Test
    void pipelinedDownloadsThatAreNeverReadHoldNoFiles() throws Exception {
        try (var crier = crier("{\"connections\": 4, \"answerTimeout\": \"PT0.5S\"}")) {
            var clients = new ArrayList<RawClient>();
            for (int i = 0; i < 4; i++) {
                var client = RawClient.slow(crier.port());
                client.send("GET /large.txt HTTP/1.1\r\nHost: a\r\n\r\n".repeat(20));
                clients.add(client);
            }
            Eventually.until("files are open", () -> openFiles() > 0);
            Eventually.until("all files are closed", () -> openFiles() == 0);
            assertServes(crier);
            for (RawClient client : clients) {
                client.close();
            }
        }
    }

    @Test
    void aStalledConnectionIsClosedForANewOneIfAllAreInUse() throws Exception {
        try (var crier = crier("{\"connections\": 2, \"answerTimeout\": \"PT1H\"}")) {
            var clients = new ArrayList<RawClient>();
            for (int i = 0; i < 2; i++) {
                var client = RawClient.slow(crier.port());
                client.send("GET /large.txt HTTP/1.1\r\nHost: a\r\n\r\n");
                clients.add(client);
            }
            Eventually.until("both files are open", () -> openFiles() == 2);
            Eventually.until("a connection is closed for the subscriber", () -> {
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
    void anHttp2ResponseEndsItsStreamEvenIfTheRequestBodyIsIncomplete() throws Exception {
        try (var crier = crier("{}");
                var client = RawHttp2Client.withWindow(crier.port(), 1 << 16)) {
            int stream = client.open("POST", "/nothing");
            assertEquals("404", client.status(stream));
            byte[] error = client.next(RawHttp2Client.RST_STREAM, stream).payload();
            assertEquals(0, error[3], "NO_ERROR");
        }
    }
}
