package dev.crier.bus;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.eventbus.MessageCodec;

/** Hands an immutable object on as it is, within the process. */
record LocalCodec<T>(String name) implements MessageCodec<T, T> {

    @Override
    public T transform(T body) {
        return body;
    }

    @Override
    public void encodeToWire(Buffer buffer, T body) {
        throw new UnsupportedOperationException(name + " stays in its process");
    }

    @Override
    public T decodeFromWire(int position, Buffer buffer) {
        throw new UnsupportedOperationException(name + " stays in its process");
    }

    @Override
    public byte systemCodecID() {
        return -1;
    }
}
