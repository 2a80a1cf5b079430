package dev.crier.transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.internal.buffer.BufferInternal;

/** Creates buffers that any number of responses can send at the same time, on any event loop. */
public final class SharedBytes {

    private SharedBytes() {}

    /**
     * Returns a read-only buffer with these bytes. They are outside the heap and are never released, so no waiting response
     * needs a copy.
     */
    public static Buffer of(byte[] bytes) {
        ByteBuf content = Unpooled.directBuffer(bytes.length).writeBytes(bytes).asReadOnly();
        return BufferInternal.buffer(Unpooled.unreleasableBuffer(content));
    }
}
