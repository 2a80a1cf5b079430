package dev.crier.transport.stream;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.internal.buffer.BufferInternal;
import java.nio.charset.StandardCharsets;

/**
 * Encodes the bytes of a stream for an HTTP/1 connection, in memory that the kernel can read: as a chunk for HTTP/1.1 (RFC
 * 9112, 7.1), or unchanged for HTTP/1.0.
 *
 * <p>Subscribers at the same position receive the same buffer one after another. So the last encoded buffer is kept, and each
 * buffer is encoded once for all of them. One instance for each event loop and version.
 */
final class EncodedChunk {

    private static final byte[] CRLF = {'\r', '\n'};

    private final boolean chunked;
    private final QueuedBytes queued;
    private Buffer source;
    private ByteBuf encoded = Unpooled.EMPTY_BUFFER;

    /** @param queued allocates and counts the encoded bytes */
    EncodedChunk(boolean chunked, QueuedBytes queued) {
        this.chunked = chunked;
        this.queued = queued;
    }

    /**
     * Returns the encoded buffer, which is valid until the next call with another buffer. A caller that needs it longer retains
     * it.
     */
    ByteBuf of(Buffer bytes) {
        if (bytes != source) {
            release();
            encoded = chunked ? chunk(bytes) : queued.allocate(bytes.length()).writeBytes(content(bytes));
            source = bytes;
        }
        return encoded;
    }

    private ByteBuf chunk(Buffer bytes) {
        byte[] length = Integer.toHexString(bytes.length()).getBytes(StandardCharsets.US_ASCII);
        return queued.allocate(length.length + CRLF.length + bytes.length() + CRLF.length)
                .writeBytes(length)
                .writeBytes(CRLF)
                .writeBytes(content(bytes))
                .writeBytes(CRLF);
    }

    /** Returns a view with a reader index of its own. */
    private static ByteBuf content(Buffer bytes) {
        return ((BufferInternal) bytes).getByteBuf();
    }

    /** Returns the bytes that follow the last chunk of a body. */
    ByteBuf end() {
        return chunked ? Unpooled.copiedBuffer("0\r\n\r\n", StandardCharsets.US_ASCII) : Unpooled.EMPTY_BUFFER;
    }

    /** Releases the kept buffer. */
    void release() {
        encoded.release();
        encoded = Unpooled.EMPTY_BUFFER;
        source = null;
    }
}
