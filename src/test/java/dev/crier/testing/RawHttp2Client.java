package dev.crier.testing;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.DefaultHttp2HeadersEncoder;
import io.netty.handler.codec.http2.Http2Exception;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** A plain socket that speaks HTTP/2 without TLS. It sends no acknowledgement and no window update by itself. */
public final class RawHttp2Client implements AutoCloseable {

    public static final int DATA = 0;
    public static final int HEADERS = 1;
    public static final int RST_STREAM = 3;
    public static final int SETTINGS = 4;
    public static final int PING = 6;
    public static final int GO_AWAY = 7;
    public static final int WINDOW_UPDATE = 8;

    public static final int PING_BYTES = 8;

    public static final int HEADER_TABLE_SIZE = 1;
    public static final int INITIAL_WINDOW_SIZE = 4;

    private static final int END_STREAM = 1;
    private static final int END_HEADERS = 4;
    private static final int PRIORITY = 0x20;
    private static final int PRIORITY_BYTES = 5;
    private static final int BUFFER_BYTES = 1 << 16;
    private static final int TIMEOUT_MILLIS = 30_000;
    private static final byte[] PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    private final Socket socket = new Socket();
    private final DataInputStream in;
    private final OutputStream out;
    private final String authority;
    private final DefaultHttp2HeadersEncoder encoder = new DefaultHttp2HeadersEncoder();
    private final DefaultHttp2HeadersDecoder decoder = new DefaultHttp2HeadersDecoder(false);
    private int nextStream = 1;

    /** Whether frames stay in the buffer, to be sent with the next ones. */
    private boolean buffering;

    /** One received frame. */
    public record Frame(int type, int flags, int stream, byte[] payload) {

        public boolean endsStream() {
            return (type == DATA || type == HEADERS) && (flags & END_STREAM) != 0;
        }
    }

    /** Connects and sends nothing. */
    public RawHttp2Client(int port) throws IOException {
        authority = "127.0.0.1:" + port;
        socket.connect(new InetSocketAddress("127.0.0.1", port));
        socket.setSoTimeout(TIMEOUT_MILLIS);
        in = new DataInputStream(socket.getInputStream());
        out = new BufferedOutputStream(socket.getOutputStream(), BUFFER_BYTES);
    }

    /** Connects and gives every stream a window of this size. */
    public static RawHttp2Client withWindow(int port, int bytes) throws IOException {
        var client = new RawHttp2Client(port);
        client.preface();
        client.settings(INITIAL_WINDOW_SIZE, bytes);
        return client;
    }

    public void preface() throws IOException {
        out.write(PREFACE);
        out.flush();
    }

    public void settings(int key, long value) throws IOException {
        ByteBuf payload = Unpooled.buffer().writeShort(key).writeInt((int) value);
        send(SETTINGS, 0, 0, payload);
    }

    /** Opens a stream with this request without a body, and returns the stream's number. */
    public int request(String method, String path, String... headers) throws IOException {
        return request(true, method, path, headers);
    }

    /** Opens this many streams with one write, and returns the number of the last one. */
    public int requests(int count, String method, String path) throws IOException {
        buffering = true;
        for (int i = 1; i < count; i++) {
            request(method, path);
        }
        buffering = false;
        return request(method, path);
    }

    /** Opens a stream with this request without ending it, so that a body can follow. */
    public int open(String method, String path, String... headers) throws IOException {
        return request(false, method, path, headers);
    }

    private int request(boolean ends, String method, String path, String... headers) throws IOException {
        var all = new DefaultHttp2Headers()
                .method(method)
                .path(path)
                .scheme("http")
                .authority(authority);
        for (String header : headers) {
            String[] parts = header.split(": ", 2);
            all.add(parts[0].toLowerCase(), parts[1]);
        }
        int stream = nextStream;
        nextStream += 2;
        ByteBuf block = Unpooled.buffer();
        try {
            encoder.encodeHeaders(stream, all, block);
        } catch (Http2Exception e) {
            throw new IOException(e);
        }
        send(HEADERS, END_HEADERS | (ends ? END_STREAM : 0), stream, block);
        return stream;
    }

    public void data(int stream, String text, boolean ends) throws IOException {
        send(DATA, ends ? END_STREAM : 0, stream, Unpooled.copiedBuffer(text, StandardCharsets.UTF_8));
    }

    public void openWindow(int stream, int bytes) throws IOException {
        send(WINDOW_UPDATE, 0, stream, Unpooled.buffer().writeInt(bytes));
    }

    public void send(int type, int flags, int stream, ByteBuf payload) throws IOException {
        ByteBuf frame = Unpooled.buffer()
                .writeMedium(payload.readableBytes())
                .writeByte(type)
                .writeByte(flags)
                .writeInt(stream)
                .writeBytes(payload);
        out.write(ByteBufUtil.getBytes(frame));
        if (!buffering) {
            out.flush();
        }
    }

    public Frame frame() throws IOException {
        int length = in.readUnsignedByte() << 16 | in.readUnsignedShort();
        int type = in.readUnsignedByte();
        int flags = in.readUnsignedByte();
        int stream = in.readInt();
        return new Frame(type, flags, stream, in.readNBytes(length));
    }

    /** Returns the next frame of this type on this stream. Drops the frames before it, but decodes their headers. */
    public Frame next(int type, int stream) throws IOException {
        while (true) {
            Frame frame = frame();
            if (frame.type() == type && frame.stream() == stream) {
                return frame;
            }
            if (frame.type() == HEADERS) {
                headers(frame);
            }
        }
    }

    /** Returns the status of the response on the stream. */
    public String status(int stream) throws IOException {
        return headers(next(HEADERS, stream)).split("\n")[0];
    }

    /** Returns the status, followed by a line for each header. */
    public String headers(Frame frame) throws IOException {
        try {
            int skipped = (frame.flags() & PRIORITY) == 0 ? 0 : PRIORITY_BYTES;
            ByteBuf block = Unpooled.wrappedBuffer(frame.payload()).skipBytes(skipped);
            var headers = decoder.decodeHeaders(frame.stream(), block);
            var lines = new StringBuilder(headers.status());
            headers.forEach(header ->
                    lines.append('\n').append(header.getKey()).append(": ").append(header.getValue()));
            return lines.toString();
        } catch (Http2Exception e) {
            throw new IOException(e);
        }
    }

    /** Reads until the server closes the connection, and drops everything. */
    public void awaitClose() throws IOException {
        try {
            while (in.read() >= 0) {}
        } catch (java.net.SocketException reset) {
            // closed too
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
