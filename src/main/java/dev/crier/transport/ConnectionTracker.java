package dev.crier.transport;

import dev.crier.limit.ConnectionLimit;
import dev.crier.metrics.Metrics;
import io.vertx.core.Context;
import io.vertx.core.http.HttpConnection;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * Tracks the connections and requests of one event loop. A connection without a request has a
 * timeout, and so has a response that its client does not take. When no connection is free, those that
 * have waited longest are closed.
 *
 * <p>The class is long because each event in the life of a connection changes the same sets of connections. Which connection is
 * closed first is decided in other classes.
 */
public final class ConnectionTracker implements StreamConnections {

    private static final long CHECK_MILLIS = 100;

    private static final long NO_ERROR = 0;

    private final Context context;
    private final ConnectionLimit limit;
    private final BiConsumer<RoutingContext, String> reject;
    private final Metrics metrics;
    private final long headNanos;
    private final LongSupplier nowNanos;
    private final Map<HttpConnection, TrackedConnection> connections = new HashMap<>();
    private final IdleConnections idle = new IdleConnections();
    private final BusyConnections busy;
    private final ConnectionCloser closer;

    // fields, so that they are not created for each connection
    private final Consumer<TrackedConnection> onActive = this::requestsBegan;
    private final Consumer<TrackedConnection> onIdle = this::http2RequestsEnded;
    private final Consumer<TrackedConnection> onHeadIncomplete = this::headIncomplete;

    private long checks;

    /**
     * @param reject rejects a request whose connection exceeds the limit, for the given reason
     * @param headTimeout how long a connection may be without a complete request head
     * @param responseTimeout how long a client may take nothing of a response
     */
    public ConnectionTracker(
            Context context,
            ConnectionLimit limit,
            BiConsumer<RoutingContext, String> reject,
            Metrics metrics,
            Duration headTimeout,
            Duration responseTimeout) {
        this(context, limit, reject, metrics, headTimeout, responseTimeout, System::nanoTime);
    }

    /** @param nowNanos a clock that never goes back */
    ConnectionTracker(
            Context context,
            ConnectionLimit limit,
            BiConsumer<RoutingContext, String> reject,
            Metrics metrics,
            Duration headTimeout,
            Duration responseTimeout,
            LongSupplier nowNanos) {
        this.context = context;
        this.limit = limit;
        this.reject = reject;
        this.metrics = metrics;
        this.headNanos = headTimeout.toNanos();
        this.nowNanos = nowNanos;
        this.busy = new BusyConnections(limit, responseTimeout.toNanos());
        this.closer = new ConnectionCloser(context, limit, idle, busy, metrics);
    }

    /** Begins to check the timeouts. {@link #stop} undoes this. */
    public void start() {
        closer.register();
        checks = context.owner().setPeriodic(CHECK_MILLIS, id -> check());
    }

    public void stop() {
        context.owner().cancelTimer(checks);
        closer.unregister();
    }

    /** Closes connections and ends responses and bodies that have waited too long. */
    void check() {
        long now = nowNanos.getAsLong();
        idle.waitingFor(headNanos, now).forEach(closer::close);
        busy.endTimedOut(now, closer::close);
        busy.endSlowest(closer::close);
    }

    /** Tracks a connection until it is closed. Called when Vert.x reports it. */
    public void add(HttpConnection connection) {
        NettyConnection.channel(connection).ifPresent(channel -> ConnectionGate.reported(channel, limit));
        NettyConnection.limitHeaderTable(connection);
        var tracked = new TrackedConnection(connection, limit.heads(), onActive, onIdle, onHeadIncomplete);
        connections.put(connection, tracked);
        metrics.connectionOpened();
        connection.closeHandler(closed -> remove(tracked));
        tracked.exceedsLimit = limit.isExceeded() && !closer.makeRoom();
        awaitRequest(tracked);
    }

    private void remove(TrackedConnection tracked) {
        metrics.connectionClosed();
        connections.remove(tracked.connection);
        tracked.forgetHead();
        idle.remove(tracked);
        busy.remove(tracked);
    }

    private void awaitRequest(TrackedConnection tracked) {
        busy.remove(tracked);
        if (connections.containsKey(tracked.connection)) {
            idle.add(tracked, nowNanos.getAsLong());
        }
    }

    /** Returns how many connections wait for a request. Thread-safe. */
    int idle() {
        return idle.size();
    }

    /** Called when part of a head has arrived over HTTP/1. */
    private void headIncomplete(TrackedConnection tracked) {
        if (!tracked.aborted && limit.heads().isExceeded()) {
            idle.longestWaitingWithHead().ifPresent(closer::close);
        }
    }

    /** Called when a connection has a first open request besides event streams. */
    private void requestsBegan(TrackedConnection tracked) {
        idle.remove(tracked);
        busy.add(tracked);
    }

    /** Called when an HTTP/2 connection has no open request besides event streams any more. */
    private void http2RequestsEnded(TrackedConnection tracked) {
        busy.remove(tracked);
        if (tracked.hasEventStreams()) {
            return;
        }
        if (tracked.goingAway) {
            tracked.connection.close();
        } else {
            awaitRequest(tracked);
        }
    }

    /** Continues each request, or rejects it if its connection exceeds the limit. Runs before the handlers of all routes. */
    public void admit(RoutingContext ctx) {
        HttpConnection connection = ctx.request().connection();
        TrackedConnection tracked = connections.get(connection);
        if (tracked == null) {
            return; // the connection is closed
        }
        if (NettyConnection.isBacklogged(connection)) {
            closer.close(tracked); // a client that sends requests and reads no response would fill the memory
            return;
        }
        if (tracked.http2.isPresent()) {
            tracked.http2.get().admit(ctx.request());
        } else {
            tracked.headComplete(ctx.request());
            if (tracked.openRequests++ == 0) {
                requestsBegan(tracked);
            }
        }
        tracked.exceedsLimit &= limit.isExceeded();
        if (tracked.exceedsLimit) {
            ctx.addEndHandler(ended -> connection.close());
            reject.accept(ctx, "All connections are in use (limits.connections).");
        } else {
            ctx.addEndHandler(ended -> requestEnded(connection));
            ctx.next();
        }
    }

    /**
     * Called when the request is answered by an event stream, whose timeouts {@link dev.crier.fanout.Subscribers} checks. Clears
     * the headers, because the connection keeps the request in memory as long as the stream.
     */
    @Override
    public void eventStreamBegan(RoutingContext ctx) {
        ctx.request().headers().clear();
        ctx.response().headers().clear();
        TrackedConnection tracked = connections.get(ctx.request().connection());
        if (tracked != null) {
            tracked.http2.ifPresentOrElse(http2 -> http2.eventStreamBegan(ctx.request()), () -> {
                tracked.eventStreamBegan();
                busy.remove(tracked);
            });
        }
    }

    /** Replaces the handlers of the routing context, which would keep the context in memory as long as the stream. */
    @Override
    public void onEventStreamEnd(RoutingContext ctx, Runnable action) {
        ctx.response()
                .closeHandler(closed -> action.run())
                .endHandler(ended -> action.run())
                .exceptionHandler(failure -> action.run());
    }

    @Override
    public void eventStreamEnded(HttpConnection connection) {
        requestEnded(connection);
    }

    /** Called when a request has ended. Over HTTP/2, that only means that Vert.x has the whole response. */
    public void requestEnded(HttpConnection connection) {
        TrackedConnection tracked = connections.get(connection);
        if (tracked == null || tracked.http2.isPresent() || --tracked.openRequests > 0) {
            return;
        }
        tracked.requestsEnded();
        awaitRequest(tracked);
    }

    /** Runs the action when the response, which sends a file, has ended, whether or not its client has received it. */
    public void onFileSent(RoutingContext ctx, Runnable action) {
        TrackedConnection tracked = connections.get(ctx.request().connection());
        if (tracked == null) {
            action.run();
        } else if (tracked.http2.isPresent()) {
            tracked.http2.get().onFileSent(ctx.request(), action);
        } else {
            ctx.addEndHandler(ended -> action.run());
        }
    }

    /** Returns the connection of the request; empty if it is closed. */
    public Optional<TrackedConnection> connectionOf(RoutingContext ctx) {
        return Optional.ofNullable(connections.get(ctx.request().connection()));
    }

    /**
     * Accepts no more requests on an HTTP/2 connection, and closes it when its open ones have ended. Vert.x's own shutdown
     * would keep its resources for the whole timeout, even if the connection breaks.
     */
    @Override
    @SuppressWarnings("deprecation")
    public void goAway(HttpConnection connection) {
        TrackedConnection tracked = connections.get(connection);
        if (tracked != null && !tracked.goingAway) {
            tracked.goingAway = true;
            connection.goAway(NO_ERROR);
        }
    }
}
