package dev.crier.http;

import dev.crier.channel.Link;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerRequest;
import java.util.function.Consumer;

/** Gives each stream the fastest link that its connection allows. One for each event loop. */
final class Links {

    /** For how long the end of a stream waits for its reader to take it. */
    static final long PATIENCE_MILLIS = 5_000;

    private final Vertx vertx;
    private final int queueBytes;
    private final Consumer<HttpConnection> dismiss;
    private final QueuedBytes queued;
    private final WireBytes chunks;
    private final WireBytes bare;

    /**
     * @param queued counts the bytes that wait in all links
     * @param queueBytes how many bytes may wait in a link before it is full
     * @param dismiss has a connection of many streams take no new ones
     */
    Links(Vertx vertx, QueuedBytes queued, int queueBytes, Consumer<HttpConnection> dismiss) {
        this.vertx = vertx;
        this.queued = queued;
        this.chunks = new WireBytes(true, queued);
        this.bare = new WireBytes(false, queued);
        this.dismiss = dismiss;
        this.queueBytes = queueBytes;
    }

    Link of(HttpServerRequest request) {
        return DirectLink.under(request, chunks, bare, queued)
                .orElseGet(() -> new PlainLink(vertx, request, queued, queueBytes, dismiss));
    }

    /** Releases the encoded bytes that are kept for the next subscriber. They are encoded again when needed. */
    void release() {
        chunks.release();
        bare.release();
    }
}
