package dev.crier.transport;

import dev.crier.fanout.StreamWriter;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerRequest;
import java.util.function.Consumer;

/** Gives each stream the fastest link that its connection allows. One for each event loop. */
public final class StreamWriters {

    /** For how long the end of a stream waits for its reader to take it. */
    static final long PATIENCE_MILLIS = 5_000;

    private final Vertx vertx;
    private final int queueBytes;
    private final Consumer<HttpConnection> dismiss;
    private final QueuedBytes queued;
    private final EncodedChunk chunks;
    private final EncodedChunk bare;

    /**
     * @param queued counts the bytes that wait in all links
     * @param queueBytes how many bytes may wait in a link before it is full
     * @param dismiss has a connection of many streams take no new ones
     */
    public StreamWriters(Vertx vertx, QueuedBytes queued, int queueBytes, Consumer<HttpConnection> dismiss) {
        this.vertx = vertx;
        this.queued = queued;
        this.chunks = new EncodedChunk(true, queued);
        this.bare = new EncodedChunk(false, queued);
        this.dismiss = dismiss;
        this.queueBytes = queueBytes;
    }

    public StreamWriter of(HttpServerRequest request) {
        return SocketWriter.under(request, chunks, bare, queued)
                .orElseGet(() -> new ResponseWriter(vertx, request, queued, queueBytes, dismiss));
    }

    /** Releases the encoded bytes that are kept for the next subscriber. They are encoded again when needed. */
    public void release() {
        chunks.release();
        bare.release();
    }
}
