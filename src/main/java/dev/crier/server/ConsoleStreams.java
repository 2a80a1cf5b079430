package dev.crier.server;

import dev.crier.http.Problem;
import dev.crier.limit.OpenFiles;
import dev.crier.transport.StreamConnections;
import io.vertx.core.http.HttpConnection;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;

/**
 * The event streams of the console on the connections of the management listener. They may take half of its connections, so
 * that health checks and scrapes always get one.
 */
final class ConsoleStreams implements StreamConnections {

    private final StreamConnections connections;
    private final int max = Math.max(1, OpenFiles.forManagement() / 2);
    private int open;

    /** @param router gets a route that refuses further streams */
    ConsoleStreams(StreamConnections connections, Router router) {
        this.connections = connections;
        router.get("/console/*").handler(this::admit);
    }

    private void admit(RoutingContext ctx) {
        if (open < max) {
            ctx.next();
        } else {
            Problem.UNAVAILABLE.failWithRetry(
                    ctx, max + " event streams of the console are open already (expected: fewer open consoles).");
        }
    }

    @Override
    public void eventStreamBegan(RoutingContext ctx) {
        connections.eventStreamBegan(ctx);
    }

    @Override
    public void onEventStreamEnd(RoutingContext ctx, Runnable action) {
        open++; // called once for each stream, and always followed by its end
        connections.onEventStreamEnd(ctx, action);
    }

    @Override
    public void eventStreamEnded(HttpConnection connection) {
        open--;
        connections.eventStreamEnded(connection);
    }

    @Override
    public void goAway(HttpConnection connection) {
        connections.goAway(connection);
    }
}
