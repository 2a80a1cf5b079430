package dev.crier.http;

import dev.crier.auth.Permission;
import io.vertx.core.Future;
import io.vertx.ext.web.RoutingContext;

/** Decides what the users of an application may do with channels, instead of Crier's tokens. */
@FunctionalInterface
public interface Authorizer {

    /**
     * Returns whether the user of the request has the permission. Called for each request on the event loop, before Crier reads
     * a body. A failed future is answered by its status, if it is Vert.x's {@code HttpException}, and otherwise by 500. If
     * a future does not complete within 30 seconds, a subscriber is refused as {@code limits.refuse} says, and all others by 503.
     *
     * @param channel the name of the channel, or of a family as it is declared, for all of its channels
     */
    Future<Boolean> authorize(RoutingContext ctx, String channel, Permission permission);
}
