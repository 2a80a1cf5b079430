package dev.crier.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.limit.OpenFiles;
import dev.crier.testing.Eventually;
import dev.crier.testing.RawClient;
import dev.crier.testing.RawHttp2Client;
import dev.crier.testing.RunningCrier;
import io.netty.buffer.Unpooled;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
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

/** Threat: clients that do not take their responses hold files, connections and memory. */
@Timeout(60)
class StalledResponsesTest {

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
        return new RunningCrier(new JsonObject()
                .put(
                        "channels",
                        new JsonObject()
                                .put("/news", new JsonObject().put("keep", "latest"))
                                .put("/posts", new JsonObject().put("publish", true)))
                .put("publish", new JsonObject().put("tokens", new JsonArray().add("a-token-of-the-tests")))
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
    void aWindowThatIsOpenedByAByteNowAndThenIsNoProgress() throws Exception {
        try (var crier = crier(new JsonObject().put("answerTimeout", "PT1S"));
                var whole = RawHttp2Client.withWindow(crier.port(), ZERO);
                var stream = RawHttp2Client.withWindow(crier.port(), ZERO)) {
            whole.request("GET", "/large.txt");
            int download = stream.request("GET", "/large.txt");
            Eventually.until("files are open", () -> open() == 2);
            Eventually.until("both are closed", () -> {
                openWindow(whole, 0);
                openWindow(stream, download);
                return open() == 0;
            });
        }
    }

    /** It may be closed by then. */
    private static void openWindow(RawHttp2Client client, int stream) {
        try {
            client.openWindow(stream, 1);
        } catch (IOException closed) {
            // as it is meant to be
        }
    }

    /** Handed over whole, it is taken in parts, between which the window is as it was. */
    @Test
    void aWholeAnswerThatIsTakenInPartsIsNotStalled() throws Exception {
        try (var crier = crier(new JsonObject().put("answerTimeout", "PT1S"));
                var client = RawHttp2Client.withWindow(crier.port(), ZERO)) {
            int stream = client.request("GET", "/large.txt");
            for (int part = 0; part < 25; part++) {
                client.openWindow(stream, 2_000);
                for (int bytes = 0; bytes < 2_000; ) {
                    bytes += client.next(RawHttp2Client.DATA, stream).payload().length;
                }
                pause(100);
            }
        }
    }

    /** Over one connection, as that of a proxy: the stalled answer is ended, and the publication beside it is not. */
    @Test
    void aStalledAnswerTakesNoOtherRequestWithIt() throws Exception {
        try (var crier = crier(new JsonObject().put("answerTimeout", "PT0.5S"));
                var client = RawHttp2Client.withWindow(crier.port(), ZERO)) {
            int post = client.open("POST", "/posts", "Authorization: Bearer a-token-of-the-tests");
            int stalled = client.request("GET", "/large.txt");
            client.data(post, "z", false);
            client.next(RawHttp2Client.RST_STREAM, stalled);
            pause(300);
            client.data(post, "z", true);
            assertEquals("201", client.status(post));
        }
    }

    @Test
    void aDownloadThatWaitsGoesOnWhenAnotherOneIsOverAndEachConnectionHasFewThatWait() throws Exception {
        try (var crier = crier(new JsonObject().put("answerTimeout", "PT1H"));
                var client = RawHttp2Client.withWindow(crier.port(), ZERO)) {
            int first = client.request("GET", "/large.txt");
            for (int i = 1; i < 6 + 32; i++) {
                client.request("GET", "/large.txt");
            }
            assertEquals("503", client.status(client.request("GET", "/large.txt")));
            assertServes(crier);
            client.send(RawHttp2Client.RST_STREAM, 0, first, Unpooled.buffer().writeInt(8));
            assertEquals("200", client.status(first + 12));
        }
    }

    @Test
    void anHttp2ConnectionStaysWhileItHasAStreamAndIsClosedWhenItHasNothing() throws Exception {
        try (var crier = crier(new JsonObject().put("headTimeout", "PT0.5S"));
                var client = RawHttp2Client.withWindow(crier.port(), 1 << 16)) {
            int stream = client.request("GET", "/news");
            assertEquals("200", client.status(client.request("GET", "/")));
            pause(1_000);
            crier.publish("/news", "still");
            String read = "";
            while (!read.contains("data: still")) {
                read += new String(client.next(RawHttp2Client.DATA, stream).payload(), StandardCharsets.UTF_8);
            }
            client.send(RawHttp2Client.RST_STREAM, 0, stream, Unpooled.buffer().writeInt(8));
            client.awaitClose();
        }
    }

    @Test
    void asManyAnswersMayBeOpenAsStreamsAreAnnounced() throws Exception {
        try (var crier = crier(new JsonObject().put("answerTimeout", "PT1H"));
                var client = RawHttp2Client.withWindow(crier.port(), ZERO)) {
            for (int i = 1; i < 250; i++) {
                client.request("GET", "/nothing");
            }
            assertEquals("404", client.status(client.request("GET", "/nothing")));
        }
    }

    /** The same answer again, on a connection that waited longer than the timeout: it stands where the last one stood. */
    @Test
    void theTimeWithoutARequestIsNoStall() throws Exception {
        int bytes = 600_000;
        Files.writeString(webroot.resolve("mid.txt"), "x".repeat(bytes));
        try (var crier = crier(new JsonObject().put("answerTimeout", "PT1S"))) {
            var clients = new ArrayList<RawClient>();
            for (int i = 0; i < 6; i++) {
                clients.add(RawClient.slow(crier.port()));
            }
            for (int round = 0; round < 3; round++) {
                for (RawClient client : clients) {
                    client.send("GET /mid.txt HTTP/1.1\r\nHost: a\r\n\r\n");
                }
                pause(250);
                for (RawClient client : clients) {
                    client.head();
                    assertEquals(bytes, client.read(bytes).length());
                }
                pause(1_200);
            }
            for (RawClient client : clients) {
                client.close();
            }
        }
    }

    private static void pause(long millis) throws Exception {
        long end = System.nanoTime() + millis * 1_000_000;
        Eventually.until("a while", () -> System.nanoTime() > end);
    }

    @Test
    void pagesThatAreAskedForInARowAndNeverReadHoldNothing() throws Exception {
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

    /** With the smallest buffer, the client's machine reports each kilobyte that is read. */
    @Test
    void aFewBytesNowAndThenAreNoProgressOverHttp1Either() throws Exception {
        try (var crier = crier(new JsonObject().put("answerTimeout", "PT2S"));
                var client = new Socket()) {
            client.setReceiveBufferSize(1);
            client.connect(new InetSocketAddress("127.0.0.1", crier.port()));
            client.getOutputStream()
                    .write("GET /large.txt HTTP/1.1\r\nHost: a\r\n\r\n".getBytes(StandardCharsets.UTF_8));
            Eventually.until("the file is open", () -> open() == 1);
            long begin = System.nanoTime();
            for (int read = 0; open() > 0; read += 4) {
                assertTrue(read < 400 * 20, "the file is still open after 20 seconds");
                readFour(client);
                long next = begin + read * 2_500_000L; // 400 bytes a second
                Eventually.until("a while", () -> System.nanoTime() > next);
            }
        }
    }

    /** The connection may already be closed. */
    private static void readFour(Socket client) {
        try {
            client.getInputStream().readNBytes(4);
        } catch (IOException closed) {
            // as it is meant to be
        }
    }

    @Test
    void aSlowClientGetsItsWholeResponseOverHttp1Too() throws Exception {
        try (var crier = crier(new JsonObject().put("answerTimeout", "PT1S"));
                var client = RawClient.slow(crier.port())) {
            client.send("GET /large.txt HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
            client.head();
            int part = 100_000;
            long begin = System.nanoTime();
            for (int i = 1; i <= 20; i++) {
                client.read(part);
                long pause = begin + i * 150_000_000L;
                Eventually.until("a while", () -> System.nanoTime() > pause);
            }
            assertEquals(FILE_BYTES - 20 * part, client.rest().length());
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
