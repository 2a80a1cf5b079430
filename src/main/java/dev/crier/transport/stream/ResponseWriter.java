package dev.crier.transport.stream;

import dev.crier.fanout.StreamWriter;
import dev.crier.transport.NettyConnection;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import java.util.function.Consumer;

/**
 * Writes a stream with Vert.x's public API, over any protocol. Vert.x flushes by itself. The bytes that wait are counted here,
 * because over HTTP/2 each stream waits for its client to open a window, while the others of the connection continue.
 */
final class ResponseWriter implements StreamWriter {

    private final Vertx vertx;
    private final HttpServerResponse response;
    private final HttpConnection connection;
    private final boolean hasOwnConnection;
    private final Consumer<HttpConnection> goAway;
    private final QueuedBytes queued;
    private final int queueBytes;
    private Runnable drained = () -> {};
    private long waiting;
    private boolean writing;

    /**
     * Does not keep the request, which refers to the whole context of its response.
     *
     * @param queued counts the bytes that wait in all connections
     * @param queueBytes how many bytes may wait for this stream before the writer is full
     * @param goAway stops accepting requests on an HTTP/2 connection
     */
    ResponseWriter(
            Vertx vertx,
            HttpServerRequest request,
            QueuedBytes queued,
            int queueBytes,
            Consumer<HttpConnection> goAway) {
        this.vertx = vertx;
        this.response = request.response();
        this.connection = request.connection();
        this.hasOwnConnection = request.version() != HttpVersion.HTTP_2;
        this.queued = queued;
        this.queueBytes = queueBytes;
        this.goAway = goAway;
    }

    @Override
    public void write(Buffer bytes) {
        var written = response.write(bytes);
        waiting += bytes.length();
        queued.addUnshared(bytes.length());
        writing = true;
        written.onComplete(done -> {
            removeWaiting(bytes.length());
            if (done.failed()) {
                abort(); // the stream lacks these bytes
            }
        });
        writing = false;
    }

    /** Does not report a drain during a write, because the caller of the write continues anyway. */
    private void removeWaiting(int bytes) {
        boolean wasFull = isFull();
        waiting -= bytes;
        queued.addUnshared(-bytes);
        if (wasFull && !isFull() && !writing) {
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
    public long waitingBytes() {
        return waiting;
    }

    @Override
    public void whenSent(Runnable sent) {
        response.write(Buffer.buffer()).onSuccess(done -> sent.run());
    }

    /** Tells an HTTP/2 client to open another connection first if it shall reconnect to a server that stays. */
    @Override
    public void end(boolean goesAway) {
        if (goesAway && !hasOwnConnection) {
            goAway.accept(connection);
        }
        long timeout = vertx.setTimer(NettyConnection.END_TIMEOUT_MILLIS, late -> forceEnd());
        response.end().onComplete(ended -> {
            vertx.cancelTimer(timeout);
            if (hasOwnConnection) {
                connection.close();
            }
        });
    }

    /** Over HTTP/2, ends only this stream, because the connection may have others. */
    private void forceEnd() {
        if (hasOwnConnection) {
            NettyConnection.abort(connection);
        } else {
            response.reset();
        }
    }

    @Override
    public void abort() {
        response.reset();
    }
}
