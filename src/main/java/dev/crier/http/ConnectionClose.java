package dev.crier.http;

import dev.crier.transport.NettyConnection;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.ext.web.RoutingContext;

/**
 * Closes the connection of a request after the response, and announces that in the response. Does nothing over HTTP/2, where a
 * connection may be a proxy's and carry other clients' streams.
 */
public final class ConnectionClose {

    private ConnectionClose() {}

    /** Closes the connection without waiting for the rest of the request body, which may never arrive. */
    static void afterResponse(RoutingContext ctx) {
        HttpServerRequest request = ctx.request();
        if (request.version() != HttpVersion.HTTP_2) {
            announce(ctx);
            ctx.addEndHandler(ended -> request.connection().close());
        }
    }

    /**
     * Closes the connection after the response and the whole request body. Closing a socket with unread bytes resets it, so the
     * client could lose the response.
     */
    public static void afterResponseAndBody(RoutingContext ctx) {
        HttpServerRequest request = ctx.request();
        if (request.version() != HttpVersion.HTTP_2) {
            announce(ctx);
            ctx.addEndHandler(ended -> {
                if (request.isEnded()) {
                    request.connection().close();
                } else {
                    request.endHandler(read -> request.connection().close());
                }
            });
        }
    }

    /**
     * Ends the connection after the response, so that a client that still sends its body notices at once. Drops what arrives
     * until the body ends, because closing a socket with unread bytes resets it.
     */
    static void atOnce(RoutingContext ctx) {
        afterResponseAndBody(ctx);
        HttpServerRequest request = ctx.request();
        if (request.version() != HttpVersion.HTTP_2) {
            ctx.addEndHandler(ended -> NettyConnection.endOutput(request.connection()));
        }
    }

    private static void announce(RoutingContext ctx) {
        ctx.response().putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
    }
}
