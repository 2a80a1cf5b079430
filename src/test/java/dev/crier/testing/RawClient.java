package dev.crier.testing;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** A plain socket that sends and receives the bytes of HTTP/1.1 unchanged. */
public final class RawClient implements AutoCloseable {

    private static final int TIMEOUT_MILLIS = 30_000;
    private static final long READ_NANOS = TimeUnit.MINUTES.toNanos(2);

    private final Socket socket;
    private final InputStream in;

    public RawClient(int port) throws IOException {
        this(port, new Socket());
    }

    private RawClient(int port, Socket socket) throws IOException {
        this.socket = socket;
        socket.connect(new InetSocketAddress("127.0.0.1", port));
        socket.setSoTimeout(TIMEOUT_MILLIS);
        in = new BufferedInputStream(socket.getInputStream());
    }

    /** Connects with a small receive buffer, so that unread bytes soon stall the server. */
    public static RawClient slow(int port) throws IOException {
        var socket = new Socket();
        socket.setReceiveBufferSize(16_384);
        return new RawClient(port, socket);
    }

    /** Connects from this address of the loopback interface, such as 127.0.0.2. */
    public static RawClient from(String address, int port) throws IOException {
        var socket = new Socket();
        socket.bind(new InetSocketAddress(address, 0));
        return new RawClient(port, socket);
    }

    /** Sends a request with this request line, a Host header and these headers. */
    public static RawClient request(int port, String requestLine, String... headers) throws IOException {
        var client = new RawClient(port);
        String lines = headers.length == 0 ? "" : String.join("\r\n", headers) + "\r\n";
        client.send(requestLine + " HTTP/1.1\r\nHost: 127.0.0.1:" + port + "\r\n" + lines + "\r\n");
        return client;
    }

    /** Sends a publication with this bearer token and these headers. */
    public static RawClient publish(int port, String channel, String token, String data, String... headers)
            throws IOException {
        var all = new ArrayList<>(List.of(headers));
        all.add("Authorization: Bearer " + token);
        all.add("Content-Length: " + data.getBytes(StandardCharsets.UTF_8).length);
        var client = request(port, "POST " + channel, all.toArray(String[]::new));
        client.send(data);
        return client;
    }

    public void send(String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
    }

    /** Sends each character as one byte (Latin-1). */
    public void sendBytes(String bytes) throws IOException {
        socket.getOutputStream().write(bytes.getBytes(StandardCharsets.ISO_8859_1));
    }

    /** Reads the head of a response. Returns the status line and the header lines. */
    public List<String> head() throws IOException {
        return readThrough("\r\n\r\n").lines().filter(line -> !line.isEmpty()).toList();
    }

    public Optional<String> header(List<String> head, String name) {
        String prefix = name.toLowerCase() + ": ";
        return head.stream()
                .filter(line -> line.toLowerCase().startsWith(prefix))
                .map(line -> line.substring(prefix.length()))
                .findFirst();
    }

    /** Reads this number of bytes as UTF-8. */
    public String read(int bytes) throws IOException {
        byte[] read = in.readNBytes(bytes);
        if (read.length < bytes) {
            throw new IOException("the stream ended after " + new String(read, StandardCharsets.UTF_8));
        }
        return new String(read, StandardCharsets.UTF_8);
    }

    /** Reads up to and including this ASCII text. Fails after two minutes, because heartbeats may come forever. */
    public String readThrough(String end) throws IOException {
        long deadline = System.nanoTime() + READ_NANOS;
        var read = new StringBuilder();
        // one char a byte; decoded afterwards
        while (read.length() < end.length() || read.indexOf(end, read.length() - end.length()) < 0) {
            int next = in.read();
            if (next < 0) {
                throw new IOException("the stream ended after " + read);
            }
            read.append((char) next);
            if (next == '\n' && System.nanoTime() - deadline > 0) {
                throw new IOException("no \"" + end + "\" in " + read);
            }
        }
        return new String(read.toString().getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
    }

    /** Reads the next chunk and returns its content (RFC 9112, 7.1). */
    public String chunk() throws IOException {
        int size = Integer.parseInt(readThrough("\r\n").trim(), 16);
        String content = read(size);
        if (!read(2).equals("\r\n")) {
            throw new IOException("a chunk without its end");
        }
        return content;
    }

    /** Sets the longest time that a read waits. */
    public void timeout(int millis) throws IOException {
        socket.setSoTimeout(millis);
    }

    /** Returns whether a byte arrives within the timeout. The byte can still be read. */
    public boolean hasMore() throws IOException {
        in.mark(1);
        try {
            boolean more = in.read() >= 0;
            in.reset();
            return more;
        } catch (SocketTimeoutException nothing) {
            return false;
        }
    }

    /** Reads until the server closes the connection. */
    public String rest() throws IOException {
        return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }

    /** Shuts down the sending side only, as {@code nc -N} does. */
    public void shutdownOutput() throws IOException {
        socket.shutdownOutput();
    }

    /** Closes the connection with a TCP reset. */
    public void reset() throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
