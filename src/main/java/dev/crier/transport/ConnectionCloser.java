package dev.crier.transport;

import dev.crier.limit.ConnectionLimit;
import dev.crier.metrics.Metrics;
import io.vertx.core.Context;
import java.util.Optional;
import java.util.function.IntPredicate;

/**
 * Closes connections of one event loop: slow ones, and the one that has waited longest when a new client needs a connection.
 * All event loops share the limit, so an event loop without idle connections asks the others to close one.
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

    /** Closes a connection of this event loop or of another. Returns false if no event loop knows of an idle or stalled one. */
    boolean makeRoom() {
        return closeLongestWaiting() || limit.makeRoomElsewhere(makeRoomForOthers);
    }

    private boolean makeRoomForOthers(int connections) {
        boolean hasAny = idle.size() + busy.stalled() > 0;
        if (hasAny) {
            context.runOnContext(turn -> {
                for (int i = 0; i < connections && closeLongestWaiting(); i++) {}
            });
        }
        return hasAny;
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
