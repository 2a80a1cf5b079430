package dev.crier.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.testing.Eventually;
import dev.crier.testing.RawClient;
import io.vertx.core.Future;
import io.vertx.core.http.HttpConnection;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/** Threat: clients that send no request, or do not take their responses, hold connections and memory. */
class Http1ConnectionTrackerTest extends ConnectionTrackerFixture {

    Http1ConnectionTrackerTest() {
        super(false);
    }

    private void awaitConnections(int count) throws Exception {
        Eventually.until(() -> "connections: " + opened.size(), () -> opened.size() == count);
    }

    private void awaitIdle(int count) throws Exception {
        Eventually.until("the requests have ended", () -> tracker.idle() == count);
    }

    private long outboundMark(HttpConnection connection) throws Exception {
        return onEventLoop(() -> Future.succeededFuture(NettyConnection.outboundMark(connection)));
    }

    /** Waits until bytes for this client wait in the server. */
    private void awaitWaitingBytes(HttpConnection connection) throws Exception {
        Eventually.until("bytes wait", () -> outboundMark(connection) != Progress.NOTHING_WAITS);
    }

    /** Waits until the client's kernel and the server's have taken what they can. */
    private void awaitStall(HttpConnection connection) throws Exception {
        awaitWaitingBytes(connection);
        for (int same = 0; same < 20; ) {
            long mark = outboundMark(connection);
            LockSupport.parkNanos(1_000_000);
            same = outboundMark(connection) == mark ? same + 1 : 0;
        }
    }

    private static void requestHttp1(RawClient client, int bytes) throws IOException {
        client.send("GET /" + bytes + " HTTP/1.1\r\nHost: a\r\n\r\n");
    }

    private static void readHttp1(RawClient client, int bytes) throws IOException {
        client.head();
        client.read(bytes);
    }

    @Test
    void aConnectionWithoutARequestIsClosedAfterTheHeadTimeout() throws Exception {
        try (var silent = new RawClient(port);
                var half = new RawClient(port)) {
            half.send("GET / HTTP/1.1\r\n");
            awaitConnections(2);
            checkAfter(HEAD_TIMEOUT.minusNanos(1));
            half.send("Host: a\r\n");
            assertTrue(isOpen(0) && isOpen(1));
            checkAfter(Duration.ofNanos(1));
            assertEquals("", silent.rest());
            assertTrue(!isOpen(0) && !isOpen(1));
        }
    }

    private boolean isOpen(int connection) {
        return NettyConnection.channel(opened.get(connection)).orElseThrow().isOpen();
    }

    @Test
    void aRequestRestartsTheHeadTimeout() throws Exception {
        try (var client = new RawClient(port)) {
            awaitConnections(1);
            checkAfter(HEAD_TIMEOUT.minusNanos(1));
            for (int i = 0; i < 3; i++) {
                requestHttp1(client, 5);
                readHttp1(client, 5);
                awaitIdle(1);
                checkAfter(HEAD_TIMEOUT.minusNanos(1));
            }
            checkAfter(Duration.ofNanos(1));
            assertEquals("", client.rest());
        }
    }

    @Test
    void anHttp1ClientThatTakesNothingIsClosedAfterTheTimeout() throws Exception {
        try (var client = RawClient.slow(port)) {
            requestHttp1(client, LARGE);
            awaitConnections(1);
            awaitWaitingBytes(opened.get(0));
            check();
            int checks = 0;
            while (isOpen(0)) {
                assertTrue(checks++ < 100, "the connection is still open");
                checkAfter(RESPONSE_TIMEOUT);
            }
        }
    }

    /** With the smallest buffer, the client's kernel reports each kilobyte that is read. */
    @Test
    void aFewBytesAtATimeAreNoProgressOverHttp1() throws Exception {
        try (var client = new Socket()) {
            client.setReceiveBufferSize(1);
            client.connect(new InetSocketAddress("127.0.0.1", port));
            client.getOutputStream()
                    .write(("GET /" + LARGE + " HTTP/1.1\r\nHost: a\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
            awaitConnections(1);
            awaitWaitingBytes(opened.get(0));
            int read = 0;
            while (isOpen(0)) {
                assertTrue(read++ < 10_000, "the connection is still open");
                client.getInputStream().readNBytes(1);
                checkAfter(RESPONSE_TIMEOUT.dividedBy(100));
            }
        }
    }

    @Test
    void aSlowHttp1ClientGetsItsWholeResponse() throws Exception {
        try (var client = RawClient.slow(port)) {
            requestHttp1(client, LARGE);
            client.head();
            awaitConnections(1);
            for (int read = 0; read < LARGE; ) {
                long mark = outboundMark(opened.get(0));
                do {
                    client.read(Math.min(16 << 10, LARGE - read));
                    read += Math.min(16 << 10, LARGE - read);
                } while (read < LARGE && outboundMark(opened.get(0)) == mark);
                checkAfter(RESPONSE_TIMEOUT.minusNanos(1));
            }
            assertTrue(isOpen(0));
        }
    }

    /** The second response stalls at the same point as the first, so its mark may be the same. */
    @Test
    void theTimeWithoutARequestIsNoStall() throws Exception {
        var clients = new ArrayList<RawClient>();
        int bytes = 600_000;
        for (int i = 0; i < 6; i++) {
            clients.add(RawClient.slow(port));
            awaitConnections(i + 1);
        }
        for (int round = 0; round < 3; round++) {
            for (int i = 0; i < clients.size(); i++) {
                requestHttp1(clients.get(i), bytes);
                awaitStall(opened.get(i));
            }
            check();
            for (RawClient client : clients) {
                readHttp1(client, bytes);
            }
            awaitIdle(clients.size());
            now.addAndGet(RESPONSE_TIMEOUT.toNanos());
        }
        for (RawClient client : clients) {
            client.close();
        }
    }
}
