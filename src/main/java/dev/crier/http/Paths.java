package dev.crier.http;

import io.netty.handler.codec.http.QueryStringDecoder;
import io.vertx.ext.web.RoutingContext;

/** The path of a request. */
final class Paths {

    private Paths() {}

    /**
     * Normalized and decoded; a plus is a plus.
     *
     * @throws IllegalArgumentException if it cannot be decoded
     */
    static String decoded(RoutingContext ctx) {
        return QueryStringDecoder.decodeComponent(ctx.normalizedPath().replace("+", "%2B"));
    }
}
