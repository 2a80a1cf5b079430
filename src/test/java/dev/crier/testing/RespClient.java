package dev.crier.testing;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Sends commands to Redis over a plain socket, in version 2 of its protocol. */
public final class RespClient implements AutoCloseable {

    private static final int TIMEOUT_MILLIS = 30_000;

    private final Socket socket = new Socket();
    private final InputStream in;

    /** An error reply of Redis. The message begins with the code, such as {@code READONLY}. */
    public static final class ErrorReply extends IOException {

        private static final long serialVersionUID = 1;

        private ErrorReply(String message) {
            super(message);
        }
    }

    public RespClient(int port) throws IOException {
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), TIMEOUT_MILLIS);
        socket.setSoTimeout(TIMEOUT_MILLIS);
        in = new BufferedInputStream(socket.getInputStream());
    }

    /**
     * Sends a command and returns its reply: a string, a {@code Long}, a list of replies, or null.
     *
     * @throws ErrorReply if the reply is an error
     */
    public Object command(String... words) throws IOException {
        send(words);
        return reply();
    }

    /** Sends a command without waiting for its reply. */
    public void send(String... words) throws IOException {
        var request = new ByteArrayOutputStream();
        request.writeBytes(ascii("*" + words.length + "\r\n"));
        for (String word : words) {
            byte[] bytes = word.getBytes(StandardCharsets.UTF_8);
            request.writeBytes(ascii("$" + bytes.length + "\r\n"));
            request.writeBytes(bytes);
            request.writeBytes(ascii("\r\n"));
        }
        socket.getOutputStream().write(request.toByteArray());
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /** Reads the next reply, as {@link #command} returns it. */
    public Object reply() throws IOException {
        String line = line();
        String rest = line.substring(1);
        return switch (line.charAt(0)) {
            case '+' -> rest;
            case ':' -> Long.valueOf(rest);
            case '-' -> throw new ErrorReply(rest);
            case '$' -> bulk(Integer.parseInt(rest));
            case '*' -> list(Integer.parseInt(rest));
            default -> throw new IOException("not a reply: " + line);
        };
    }

    private String line() throws IOException {
        var line = new ByteArrayOutputStream();
        for (int next = in.read(); next != '\r'; next = in.read()) {
            if (next < 0) {
                throw new IOException("the connection is closed");
            }
            line.write(next);
        }
        in.skipNBytes(1);
        return line.toString(StandardCharsets.UTF_8);
    }

    private String bulk(int length) throws IOException {
        if (length < 0) {
            return null;
        }
        byte[] bytes = in.readNBytes(length);
        in.skipNBytes(2);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    /** Reads all replies of a list, and then throws the first error among them. */
    private List<Object> list(int length) throws IOException {
        if (length < 0) {
            return null;
        }
        var replies = new ArrayList<>();
        ErrorReply error = null;
        for (int i = 0; i < length; i++) {
            try {
                replies.add(reply());
            } catch (ErrorReply e) {
                error = e;
            }
        }
        if (error != null) {
            throw error;
        }
        return replies;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
