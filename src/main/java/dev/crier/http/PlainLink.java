package dev.crier.http;

import dev.crier.channel.Link;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import java.time.Duration;

/**
 * A link by what Vert.x offers for every stream, whatever it goes over. It flushes by itself, and counts what waits: a
 * stream of HTTP/2 waits for its reader to open its window, while the others of its connection go on.
 */
final class PlainLink implements Link {

    /** Longer than a stream lasts. */
    private static final Duration UNTIL_ALL_STREAMS_END = Duration.ofDays(365);

    private final Vertx vertx;
    private final HttpServerRequest request;
    private final int queueBytes;
    private Runnable drained = () -> {};
    private long waiting;
    private boolean writing;

    /** @param queueBytes how many bytes may wait before it is full */
    PlainLink(Vertx vertx, HttpServerRequest request, int queueBytes) {
        this.vertx = vertx;
        this.request = request;
        this.queueBytes = queueBytes;
    }

    @Override
    public void write(Buffer bytes) {
        waiting += bytes.length();
        writing = true;
        request.response().write(bytes).onComplete(done -> taken(bytes.length()));
        writing = false;
    }

    /** What is taken while it is being written has drained nothing: its writer goes on by itself. */
    private void taken(int bytes) {
        boolean full = isFull();
        waiting -= bytes;
        if (full && !isFull() && !writing) {
            drained.run();
        }
    }

    @Override
    public void flush() {}

    @Override
    public boolean isFull() {
        return waiting >= queueBytes;
    }

    @Override
    public void onDrain(Runnable drained) {
        this.drained = drained;
    }

    @Override
    public long waiting() {
        return waiting;
    }

    /** A connection of HTTP/2 takes nothing new first: so who comes back does so by another, and to another server. */
    @Override
    public void end() {
        boolean shared = request.version() == HttpVersion.HTTP_2;
        if (shared) {
            request.connection().shutdown(UNTIL_ALL_STREAMS_END);
        }
        long patience = vertx.setTimer(Links.PATIENCE_MILLIS, late -> cut());
        request.response().end().onComplete(ended -> {
            vertx.cancelTimer(patience);
            if (!shared) {
                request.connection().close();
            }
        });
    }

    @Override
    public void cut() {
        request.response().reset();
    }
}
