package dev.crier.transport;

import dev.crier.limit.ConnectionLimit;
import dev.crier.metrics.Metrics;
import io.vertx.core.Context;
import java.util.Optional;
import java.util.function.IntPredicate;

/**
 * Closes connections of one event loop: those whose client is too slow, and the longest-waiting when no connection is free for
 * a new client. A connection that the limit has no room for may belong to any event loop, so the event loops ask each other.
 */
final class ConnectionCloser {

    private final Context context;
    private final ConnectionLimit limit;
    private final IdleConnections idle;
    private final BusyConnections busy;
    private final Metrics metrics;
    private final IntPredicate makeRoomForOthers = this::makeRoomForOthers;

    ConnectionCloser(
            Context context, ConnectionLimit limit, IdleConnections idle, BusyConnections busy, Metrics metrics) {
        this.context = context;
        this.limit = limit;
        this.idle = idle;
        this.busy = busy;
        this.metrics = metrics;
    }

    /** Begins to make room for other event loops. */
    void register() {
        limit.register(makeRoomForOthers);
    }

    void unregister() {
        limit.unregister(makeRoomForOthers);
    }

    /** Closes a connection of this event loop, or else of another one. Returns whether there seems to be one. */
    boolean makeRoom() {
        return closeLongestWaiting() || limit.makeRoomElsewhere(makeRoomForOthers);
    }

    private boolean makeRoomForOthers(int connections) {
        boolean hasSome = idle.size() + busy.stalled() > 0;
        if (hasSome) {
            context.runOnContext(turn -> {
                for (int i = 0; i < connections && closeLongestWaiting(); i++) {}
            });
        }
        return hasSome;
    }

    private boolean closeLongestWaiting() {
        Optional<TrackedConnection> longest = idle.longestWaiting().or(busy::pollSlowest);
        longest.ifPresent(this::close);
        return longest.isPresent();
    }

    /** Closes the connection at once. */
    void close(TrackedConnection connection) {
        idle.remove(connection);
        busy.remove(connection);
        if (!connection.aborted) {
            connection.aborted = true;
            metrics.idleConnectionClosed();
            NettyConnection.abort(connection.connection);
        }
    }
}
