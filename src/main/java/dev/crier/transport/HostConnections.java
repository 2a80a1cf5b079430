package dev.crier.transport;

import io.vertx.core.http.HttpConnection;
import io.vertx.ext.web.RoutingContext;

/**
 * The connections of an application in which Crier runs. The application's own server has accepted and limits them, so Crier
 * leaves them and the handlers of their requests as they are.
 */
public final class HostConnections implements StreamConnections {

    @Override
    public void eventStreamBegan(RoutingContext ctx) {}

    @Override
    public void onEventStreamEnd(RoutingContext ctx, Runnable action) {
        ctx.addEndHandler(ended -> action.run());
    }

    @Override
    public void eventStreamEnded(HttpConnection connection) {}

    @Override
    public void goAway(HttpConnection connection) {}
}
