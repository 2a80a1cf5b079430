package dev.crier.testing;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/** A plain socket that speaks as much HTTP/1.1 as a test writes: it hides no byte. */
public final class RawClient implements AutoCloseable {

    private static final int PATIENCE_MILLIS = 30_000;

    private final Socket socket;
    private final InputStream in;

    public RawClient(int port) throws IOException {
        this(port, new Socket());
    }

    private RawClient(int port, Socket socket) throws IOException {
        this.socket = socket;
        socket.connect(new InetSocketAddress("127.0.0.1", port));
        socket.setSoTimeout(PATIENCE_MILLIS);
        in = new BufferedInputStream(socket.getInputStream());
    }

    /** One whose machine takes in little that it has not read. */
    public static RawClient slow(int port) throws IOException {
        var socket = new Socket();
        socket.setReceiveBufferSize(16_384);
        return new RawClient(port, socket);
    }

    /** Connects from this address, which is one of the loopback interface such as 127.0.0.2. */
    public static RawClient from(String address, int port) throws IOException {
        var socket = new Socket();
        socket.bind(new InetSocketAddress(address, 0));
        return new RawClient(port, socket);
    }

    /** Asks with these lines after the request line; Host is among them already. */
    public static RawClient request(int port, String requestLine, String... headers) throws IOException {
        var client = new RawClient(port);
        String lines = headers.length == 0 ? "" : String.join("\r\n", headers) + "\r\n";
        client.send(requestLine + " HTTP/1.1\r\nHost: 127.0.0.1:" + port + "\r\n" + lines + "\r\n");
        return client;
    }

    public void send(String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
    }

    /** Sends each character as one byte (Latin-1). */
    public void sendBytes(String bytes) throws IOException {
        socket.getOutputStream().write(bytes.getBytes(StandardCharsets.ISO_8859_1));
    }

    /** Status line and header lines, without the blank line. */
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

    /** Exactly the next so many bytes, as text. */
    public String read(int bytes) throws IOException {
        byte[] read = in.readNBytes(bytes);
        if (read.length < bytes) {
            throw new IOException("the stream ended after " + new String(read, StandardCharsets.UTF_8));
        }
        return new String(read, StandardCharsets.UTF_8);
    }

    /** Up to and with the text, which is ASCII. */
    public String readThrough(String end) throws IOException {
        var read = new StringBuilder();
        // one byte is one char here, so that the end is found in what is left to decode
        while (read.length() < end.length() || read.indexOf(end, read.length() - end.length()) < 0) {
            int next = in.read();
            if (next < 0) {
                throw new IOException("the stream ended after " + read);
            }
            read.append((char) next);
        }
        return new String(read.toString().getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
    }

    /** The next chunk's content (RFC 9112, 7.1). */
    public String chunk() throws IOException {
        int size = Integer.parseInt(readThrough("\r\n").trim(), 16);
        String content = read(size);
        if (!read(2).equals("\r\n")) {
            throw new IOException("a chunk without its end");
        }
        return content;
    }

    /** Sets how long a read waits at most. */
    public void timeout(int millis) throws IOException {
        socket.setSoTimeout(millis);
    }

    /** Whether anything arrives within the timeout. It can still be read. */
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

    /** All that comes until the server closes. */
    public String rest() throws IOException {
        return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }

    /** Shuts down the sending side and reads on, as {@code nc -N} does. */
    public void shutdownOutput() throws IOException {
        socket.shutdownOutput();
    }

    /** Leaves without a word: the other side gets a reset. */
    public void reset() throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
