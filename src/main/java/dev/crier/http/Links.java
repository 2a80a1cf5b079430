package dev.crier.http;

import dev.crier.channel.Link;
import io.vertx.core.http.HttpServerRequest;

/** Gives each stream the fastest link that its connection allows. One for each event loop. */
final class Links {

    private final WireBytes wireBytes = new WireBytes();

    Link of(HttpServerRequest request) {
        return DirectLink.under(request, wireBytes).orElseGet(() -> new PlainLink(request.response()));
    }

    /** The event loop goes. */
    void close() {
        wireBytes.release();
    }
}
