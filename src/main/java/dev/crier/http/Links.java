package dev.crier.http;

import dev.crier.channel.Link;
import io.vertx.core.http.HttpServerRequest;

/** Gives each stream the fastest link that its connection allows. One for each event loop. */
final class Links {

    private final WireBytes chunks = new WireBytes(true);
    private final WireBytes bare = new WireBytes(false);

    Link of(HttpServerRequest request) {
        return DirectLink.under(request, chunks, bare).orElseGet(() -> new PlainLink(request));
    }

    /** The event loop goes. */
    void close() {
        chunks.release();
        bare.release();
    }
}
