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
    private final WireBytes chunks = new WireBytes(true);
    private final WireBytes bare = new WireBytes(false);

    /**
     * @param queueBytes how many bytes may wait in a link before it is full
     * @param dismiss has a connection of many streams take no new ones
     */
    Links(Vertx vertx, int queueBytes, Consumer<HttpConnection> dismiss) {
        this.vertx = vertx;
        this.dismiss = dismiss;
        this.queueBytes = queueBytes;
    }

    Link of(HttpServerRequest request) {
        return DirectLink.under(request, chunks, bare)
                .orElseGet(() -> new PlainLink(vertx, request, queueBytes, dismiss));
    }

    /** The event loop goes. */
    void close() {
        chunks.release();
        bare.release();
    }
}
