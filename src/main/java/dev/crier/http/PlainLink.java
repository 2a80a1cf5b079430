package dev.crier.http;

import dev.crier.channel.Link;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;

/** A link by what Vert.x offers for every stream, whatever it goes over. It flushes by itself. */
record PlainLink(HttpServerResponse response) implements Link {

    @Override
    public void write(Buffer bytes) {
        response.write(bytes);
    }

    @Override
    public void flush() {}

    @Override
    public boolean isFull() {
        return response.writeQueueFull();
    }

    @Override
    public void onDrain(Runnable drained) {
        response.drainHandler(drain -> drained.run());
    }

    /** Vert.x does not tell how much. */
    @Override
    public long waiting() {
        return response.writeQueueFull() ? 1 : 0;
    }

    @Override
    public void cut() {
        response.reset();
    }
}
