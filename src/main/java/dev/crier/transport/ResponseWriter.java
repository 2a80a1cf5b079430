package dev.crier.transport;

import dev.crier.fanout.StreamWriter;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import java.util.function.Consumer;

/**
 * A link by what Vert.x offers for every stream, whatever it goes over. It flushes by itself, and counts what waits: a
 * stream of HTTP/2 waits for its reader to open its window, while the others of its connection go on.
 */
final class ResponseWriter implements StreamWriter {

    private final Vertx vertx;
    private final HttpServerResponse response;
    private final HttpConnection connection;
    private final boolean alone;
    private final Consumer<HttpConnection> dismiss;
    private final QueuedBytes queued;
    private final int queueBytes;
    private Runnable drained = () -> {};
    private long waiting;
    private boolean writing;

    /**
     * The request itself is not kept: it has the whole context of its answer with it.
     *
     * @param queued counts the bytes that wait
     * @param queueBytes how many bytes may wait before it is full
     * @param dismiss has a connection of many streams take no new ones
     */
    ResponseWriter(
            Vertx vertx,
            HttpServerRequest request,
            QueuedBytes queued,
            int queueBytes,
            Consumer<HttpConnection> dismiss) {
        this.vertx = vertx;
        this.response = request.response();
        this.connection = request.connection();
        this.alone = request.version() != HttpVersion.HTTP_2;
        this.queued = queued;
        this.queueBytes = queueBytes;
        this.dismiss = dismiss;
    }

    @Override
    public void write(Buffer bytes) {
        var written = response.write(bytes);
        waiting += bytes.length();
        queued.addUnshared(bytes.length());
        writing = true;
        written.onComplete(done -> {
            taken(bytes.length());
            if (done.failed()) {
                cut(); // the stream lacks these bytes
            }
        });
        writing = false;
    }

    /** What is taken while it is being written has drained nothing: its writer goes on by itself. */
    private void taken(int bytes) {
        boolean full = isFull();
        waiting -= bytes;
        queued.addUnshared(-bytes);
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
        if (!alone) {
            dismiss.accept(connection);
        }
        // over HTTP/2, the connection may have the streams of others
        long patience = vertx.setTimer(StreamWriters.PATIENCE_MILLIS, late -> {
            if (alone) {
                NettyConnection.cut(connection);
            } else {
                response.reset();
            }
        });
        response.end().onComplete(ended -> {
            vertx.cancelTimer(patience);
            if (alone) {
                connection.close();
            }
        });
    }

    @Override
    public void cut() {
        response.reset();
    }
}
