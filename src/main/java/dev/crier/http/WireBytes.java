package dev.crier.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.internal.buffer.BufferInternal;
import java.nio.charset.StandardCharsets;

/**
 * Bytes as they go over a connection: a chunk of HTTP/1.1 (RFC 9112, 7.1), in memory that the kernel reads from.
 *
 * <p>All readers at one place are given the same bytes, one after the other: so the last chunk is kept, and made once
 * for all of them. One for each event loop.
 */
final class WireBytes {

    private static final byte[] CRLF = {'\r', '\n'};

    private Buffer source;
    private ByteBuf chunk = Unpooled.EMPTY_BUFFER;

    /** The bytes as one chunk; whoever is given it releases it. */
    ByteBuf chunk(Buffer bytes, ByteBufAllocator memory) {
        if (bytes != source) {
            release();
            chunk = encode(bytes, memory);
            source = bytes;
        }
        return chunk.retainedDuplicate();
    }

    private static ByteBuf encode(Buffer bytes, ByteBufAllocator memory) {
        byte[] length = Integer.toHexString(bytes.length()).getBytes(StandardCharsets.US_ASCII);
        return memory.directBuffer(length.length + CRLF.length + bytes.length() + CRLF.length)
                .writeBytes(length)
                .writeBytes(CRLF)
                .writeBytes(content(bytes))
                .writeBytes(CRLF);
    }

    /** The bytes as they are, for HTTP/1.0, which has no chunks. */
    static ByteBuf bare(Buffer bytes, ByteBufAllocator memory) {
        return memory.directBuffer(bytes.length()).writeBytes(content(bytes));
    }

    /** A view of its own: reading it moves no one else's place. */
    private static ByteBuf content(Buffer bytes) {
        return ((BufferInternal) bytes).getByteBuf();
    }

    void release() {
        chunk.release();
        chunk = Unpooled.EMPTY_BUFFER;
        source = null;
    }
}
