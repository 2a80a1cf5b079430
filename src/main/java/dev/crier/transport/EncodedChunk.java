package dev.crier.transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.internal.buffer.BufferInternal;
import java.nio.charset.StandardCharsets;

/**
 * Bytes as they go over a connection, in memory that the kernel reads from: a chunk of HTTP/1.1 (RFC 9112, 7.1), or bare,
 * for HTTP/1.0.
 *
 * <p>All readers at one place are given the same bytes, one after the other: so the last ones are kept, and made once for
 * all of them. One for each event loop.
 */
final class EncodedChunk {

    private static final byte[] CRLF = {'\r', '\n'};

    private final boolean chunked;
    private final QueuedBytes queued;
    private Buffer source;
    private ByteBuf wire = Unpooled.EMPTY_BUFFER;

    /** @param queued allocates and counts the bytes */
    EncodedChunk(boolean chunked, QueuedBytes queued) {
        this.chunked = chunked;
        this.queued = queued;
    }

    /** Returns the bytes, which are valid until the next call with other bytes. A caller that needs them longer retains them. */
    ByteBuf of(Buffer bytes) {
        if (bytes != source) {
            release();
            wire = chunked ? chunk(bytes) : queued.allocate(bytes.length()).writeBytes(content(bytes));
            source = bytes;
        }
        return wire;
    }

    /** What stands behind the last of a body. */
    ByteBuf end() {
        return chunked ? Unpooled.copiedBuffer("0\r\n\r\n", StandardCharsets.US_ASCII) : Unpooled.EMPTY_BUFFER;
    }

    private ByteBuf chunk(Buffer bytes) {
        byte[] length = Integer.toHexString(bytes.length()).getBytes(StandardCharsets.US_ASCII);
        return queued.allocate(length.length + CRLF.length + bytes.length() + CRLF.length)
                .writeBytes(length)
                .writeBytes(CRLF)
                .writeBytes(content(bytes))
                .writeBytes(CRLF);
    }

    /** A view of its own: reading it moves no one else's place. */
    private static ByteBuf content(Buffer bytes) {
        return ((BufferInternal) bytes).getByteBuf();
    }

    void release() {
        wire.release();
        wire = Unpooled.EMPTY_BUFFER;
        source = null;
    }
}
