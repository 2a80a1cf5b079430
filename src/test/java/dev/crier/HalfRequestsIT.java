package dev.crier;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.crier.testing.CrierProcess;
import dev.crier.testing.NumberPublisher;
import dev.crier.testing.RawClient;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Threat: thousands of connections send an incomplete request. Subscribers and publishers must not notice. */
class HalfRequestsIT {

    private static final int CONNECTIONS = 5_000;
    private static final String TOKEN = "a-token-of-the-tests";
    private static final byte[] HALF = "GET /news HTTP/1.1\r\nHost: a\r\n".getBytes(StandardCharsets.US_ASCII);

    private static String configuration(String limits) {
        return """
                {
                  "port": 0,
                  "limits": %s,
                  "publish": {"tokens": ["%s"]},
                  "channels": {"/news": {"keep": {"events": 100000}, "publish": true}}
                }""".formatted(limits, TOKEN);
    }

    /** Netty keeps a head while it arrives. These heads have the largest size and would together fill the heap. */
    @Test
    void incompleteLongHeadsTakeOnlyAPartOfTheHeap(@TempDir Path folder) throws Exception {
        String head = "GET /" + "x".repeat(4_000) + " HTTP/1.1\r\nHost: a\r\nX: " + "y".repeat(8_000);
        byte[] half = head.getBytes(StandardCharsets.US_ASCII);
        var clients = new ArrayList<SocketChannel>();
        try (var crier = CrierProcess.start(folder, CrierProcess.jarWith("-Xmx64m"), "-conf", configuration("{}"));
                var subscriber = RawClient.request(crier.port(), "GET /news");
                var publisher = new NumberPublisher(crier.port(), "/news", TOKEN, Duration.ofMillis(20))) {
            subscriber.head();
            publisher.start();
            for (int i = 0; i < CONNECTIONS; i++) {
                SocketChannel client = SocketChannel.open(new InetSocketAddress("127.0.0.1", crier.port()));
                clients.add(client);
                write(client, half);
            }
            try (var another = RawClient.request(crier.port(), "GET /news?lastEventId=earliest")) {
                assertEquals("HTTP/1.1 200 OK", another.head().get(0));
            }
            int last = publisher.finish();
            for (int number = 1; number <= last; number++) {
                subscriber.readThrough("data: " + number + "\n");
            }
        } finally {
            for (SocketChannel client : clients) {
                client.close();
            }
        }
    }

    /** The connection may already be closed. */
    private static void write(SocketChannel client, byte[] bytes) {
        try {
            client.write(ByteBuffer.wrap(bytes));
        } catch (IOException closed) {
            // expected
        }
    }

    @Test
    void connectionsWithAnIncompleteRequestAreClosedAndSubscribersMissNothing(@TempDir Path folder) throws Exception {
        var half = new ArrayList<SocketChannel>();
        try (var crier = CrierProcess.start(
                        folder, "-conf", configuration("{\"connections\": 1000, \"headTimeout\": \"PT2S\"}"));
                var subscriber = RawClient.request(crier.port(), "GET /news");
                var publisher = new NumberPublisher(crier.port(), "/news", TOKEN, Duration.ofMillis(20))) {
            subscriber.head();
            publisher.start();
            for (int i = 0; i < CONNECTIONS; i++) {
                SocketChannel client = SocketChannel.open(new InetSocketAddress("127.0.0.1", crier.port()));
                half.add(client);
                client.write(ByteBuffer.wrap(HALF));
            }
            try (var another = RawClient.request(crier.port(), "GET /news?lastEventId=earliest")) {
                assertEquals("HTTP/1.1 200 OK", another.head().get(0));
            }
            for (SocketChannel client : half) {
                assertEquals(-1, read(client), "the connection is closed");
            }
            int last = publisher.finish();
            for (int number = 1; number <= last; number++) {
                subscriber.readThrough("data: " + number + "\n");
            }
            assertEquals(List.of("INFO  Crier is ready: http://localhost:" + crier.port() + "/"), crier.lines());
        } finally {
            for (SocketChannel client : half) {
                client.close();
            }
        }
    }

    /** Returns -1 if the connection is closed or reset. */
    private static int read(SocketChannel client) {
        try {
            return client.read(ByteBuffer.allocate(1));
        } catch (IOException reset) {
            return -1;
        }
    }
}
