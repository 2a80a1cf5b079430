package dev.crier.transport;

import io.vertx.core.http.HttpConnection;
import io.vertx.ext.web.RoutingContext;

/** The connections that carry event streams: those of a listener of Crier, or of an application in which Crier runs. */
public interface StreamConnections {

    /** Called when the request is answered by an event stream whose head has been written. */
    void eventStreamBegan(RoutingContext ctx);

    /** Runs the action once or more when the event stream has ended in any way. Called before its head is written. */
    void onEventStreamEnd(RoutingContext ctx, Runnable action);

    /** Called once when an event stream has ended. */
    void eventStreamEnded(HttpConnection connection);

    /** Accepts no more requests on an HTTP/2 connection, if Crier may decide that. */
    void goAway(HttpConnection connection);
}
