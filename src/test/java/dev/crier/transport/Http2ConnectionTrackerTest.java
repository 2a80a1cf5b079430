package dev.crier.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.crier.testing.RawHttp2Client;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/** Threat: clients that take no response, or send no request, hold an HTTP/2 connection and its memory. */
class Http2ConnectionTrackerTest extends ConnectionTrackerFixture {

    private static final int ZERO_WINDOW = 0;

    Http2ConnectionTrackerTest() {
        super(true);
    }

    private static void readWindow(RawHttp2Client client, int stream, int bytes) throws IOException {
        client.openWindow(stream, bytes);
        for (int read = 0; read < bytes; ) {
            read += client.next(RawHttp2Client.DATA, stream).payload().length;
        }
    }

    @Test
    void anHttp2WindowThatIsOpenedByteByByteIsNoProgress() throws Exception {
        try (var client = RawHttp2Client.withWindow(port, ZERO_WINDOW)) {
            int stream = client.request("GET", "/" + LARGE);
            assertEquals("200", client.status(stream));
            check();
            for (int i = 0; i < 5; i++) {
                readWindow(client, stream, 1);
                checkAfter(RESPONSE_TIMEOUT.dividedBy(5));
            }
            client.next(RawHttp2Client.RST_STREAM, stream);
        }
    }

    /** The response is passed to Vert.x at once, so only the window says how much has been taken. */
    @Test
    void anHttp2WindowThatIsOpenedByAKilobyteIsProgress() throws Exception {
        try (var client = RawHttp2Client.withWindow(port, ZERO_WINDOW)) {
            int stream = client.request("GET", "/60000");
            assertEquals("200", client.status(stream));
            check();
            for (int i = 0; i < 20; i++) {
                readWindow(client, stream, Progress.MIN_BYTES);
                checkAfter(RESPONSE_TIMEOUT.minusNanos(1));
            }
            readWindow(client, stream, 60_000 - 20 * Progress.MIN_BYTES);
        }
    }

    /** The connection may be that of a proxy, with the requests of many clients. */
    @Test
    void aStalledHttp2ResponseEndsAlone() throws Exception {
        try (var client = RawHttp2Client.withWindow(port, ZERO_WINDOW)) {
            int upload = client.open("POST", "/0");
            int stalled = client.request("GET", "/" + LARGE);
            assertEquals("200", client.status(stalled));
            check();
            checkAfter(RESPONSE_TIMEOUT);
            client.next(RawHttp2Client.RST_STREAM, stalled);
            client.data(upload, "x", true);
            assertEquals("200", client.status(upload));
        }
    }

    @Test
    void anHttp2ConnectionWithOnlyStalledResponsesIsClosed() throws Exception {
        try (var client = RawHttp2Client.withWindow(port, ZERO_WINDOW)) {
            int last = 0;
            for (int i = 0; i < 100; i++) {
                last = client.request("GET", "/" + (1 << 16));
            }
            assertEquals("200", client.status(last));
            check();
            checkAfter(RESPONSE_TIMEOUT);
            client.awaitClose();
        }
    }

    @Test
    void anHttp2ConnectionIsClosedAfterTheHeadTimeoutOnlyWithoutAnOpenRequest() throws Exception {
        try (var client = RawHttp2Client.withWindow(port, 1 << 16)) {
            int upload = client.open("POST", "/0");
            client.data(upload, "x", false);
            assertEquals("200", client.status(client.request("GET", "/0")));
            checkAfter(HEAD_TIMEOUT);
            client.data(upload, "x", true);
            assertEquals("200", client.status(upload));
            checkAfter(HEAD_TIMEOUT);
            client.awaitClose();
        }
    }
}
