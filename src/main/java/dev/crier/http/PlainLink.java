package dev.crier.http;

import dev.crier.channel.Link;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;

/** A link by what Vert.x offers for every stream, whatever it goes over. It flushes by itself. */
record PlainLink(HttpServerRequest request) implements Link {

    @Override
    public void write(Buffer bytes) {
        request.response().write(bytes);
    }

    @Override
    public void flush() {}

    @Override
    public boolean isFull() {
        return request.response().writeQueueFull();
    }

    @Override
    public void onDrain(Runnable drained) {
        request.response().drainHandler(drain -> drained.run());
    }

    /** Vert.x does not tell how much. */
    @Override
    public long waiting() {
        return request.response().writeQueueFull() ? 1 : 0;
    }

    @Override
    public void end() {
        request.response().end().onComplete(ended -> {
            if (request.version() != HttpVersion.HTTP_2) {
                request.connection().close();
            }
        });
    }

    @Override
    public void cut() {
        request.response().reset();
    }
}
