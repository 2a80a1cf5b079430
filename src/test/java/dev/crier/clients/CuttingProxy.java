package dev.crier.clients;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/** Relays TCP connections to a local port and cuts event streams at a byte that a test chooses. */
final class CuttingProxy implements AutoCloseable {

    /** Decides at which byte a stream is cut. */
    @FunctionalInterface
    interface Cut {

        Cut NEVER = (bytes, last) -> false;

        /**
         * @param bytes the number of relayed bytes of the stream
         * @param last the last of these bytes, as Latin-1
         */
        boolean here(int bytes, CharSequence last);
    }

    private static final int LAST_BYTES = 64;

    private static final byte[] END_OF_CHUNKS = "\r\n0\r\n\r\n".getBytes(StandardCharsets.ISO_8859_1);

    private final ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final int server;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final List<String> requests = new CopyOnWriteArrayList<>();
    private final AtomicInteger cuts = new AtomicInteger();
    private volatile Supplier<Cut> next = () -> Cut.NEVER;
    private volatile boolean atChunkEnd;
    private volatile boolean away;

    CuttingProxy(int server) throws IOException {
        this.server = server;
        start("proxy", this::accept);
    }

    int port() {
        return listener.getLocalPort();
    }

    /** Cuts each new stream where the supplier says. */
    void cut(Supplier<Cut> next) {
        this.next = next;
    }

    /**
     * Ends each new stream where the supplier says, by the last chunk of HTTP (RFC 9112, 7.1). After a cut, a client may drop
     * bytes that it has not yet read. After such an end, it reads all of them.
     */
    void end(Supplier<Cut> next) {
        atChunkEnd = true;
        this.next = next;
    }

    /** Returns the number of streams that have been cut. */
    int cuts() {
        return cuts.get();
    }

    /** Returns the methods of the requests in order. */
    List<String> requests() {
        return List.copyOf(requests);
    }

    /** Closes new connections at once, as if the server were away. Returns true. */
    boolean goAway() {
        away = true;
        return true;
    }

    /** Closes every connection. */
    void cutAll() throws IOException {
        for (Socket socket : open) {
            socket.close();
        }
    }

    /** Accepts connections again. */
    void comeBack() {
        away = false;
    }

    private static void start(String name, Relay relay) {
        var thread = new Thread(
                () -> {
                    try {
                        relay.run();
                    } catch (IOException e) {
                        // the connection or the proxy is closed
                    }
                },
                name);
        thread.setDaemon(true);
        thread.start();
    }

    @FunctionalInterface
    private interface Relay {
        void run() throws IOException;
    }

    private void accept() throws IOException {
        while (true) {
            Socket client = listener.accept();
            open.add(client);
            if (away) {
                close(client);
                continue;
            }
            try {
                var upstream = new Socket(InetAddress.getLoopbackAddress(), server);
                open.add(upstream);
                if (away) {
                    close(client, upstream);
                }
                start("proxy up", () -> relayRequests(client, upstream));
                start("proxy down", () -> relayStream(upstream, client));
            } catch (IOException e) {
                close(client); // the server is away
            }
        }
    }

    private void close(Socket... sockets) throws IOException {
        for (Socket socket : sockets) {
            open.remove(socket);
            socket.close();
        }
    }

    private void relayRequests(Socket client, Socket upstream) throws IOException {
        try {
            InputStream in = client.getInputStream();
            OutputStream out = upstream.getOutputStream();
            var buffer = new byte[16_384];
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                requests.add(new String(buffer, 0, read, StandardCharsets.ISO_8859_1).split(" ", 2)[0]);
                out.write(buffer, 0, read);
            }
        } finally {
            close(client, upstream);
        }
    }

    private void relayStream(Socket upstream, Socket client) throws IOException {
        try {
            InputStream in = upstream.getInputStream();
            OutputStream out = client.getOutputStream();
            var head = new StringBuilder();
            var last = new StringBuilder();
            Cut cut = null;
            int bytes = 0;
            var buffer = new byte[16_384];
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                for (int i = 0; i < read; i++) {
                    char next = (char) (buffer[i] & 0xFF);
                    if (cut == null) {
                        head.append(next);
                        cut = isWholeHead(head) ? this.next.get() : null;
                        continue;
                    }
                    bytes++;
                    last.append(next).delete(0, Math.max(0, last.length() - LAST_BYTES));
                    if (cut.here(bytes, last)) {
                        out.write(buffer, 0, i + 1);
                        if (atChunkEnd) {
                            out.write(END_OF_CHUNKS);
                        }
                        // every second cut resets the connection
                        client.setSoLinger(cuts.incrementAndGet() % 2 == 0, 0);
                        return;
                    }
                }
                out.write(buffer, 0, read);
            }
        } finally {
            close(client, upstream);
        }
    }

    /** Returns whether the head is complete. The response to a preflight may come before it on the same connection. */
    private static boolean isWholeHead(StringBuilder head) {
        int type = head.indexOf("text/event-stream");
        return type >= 0 && head.indexOf("\r\n\r\n", type) >= 0;
    }

    @Override
    public void close() throws IOException {
        listener.close();
        cutAll();
    }
}
