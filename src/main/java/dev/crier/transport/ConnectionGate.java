package dev.crier.transport;

import dev.crier.limit.ConnectionLimit;
import dev.crier.metrics.Metrics;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.AttributeKey;
import io.netty.util.concurrent.ScheduledFuture;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts the connections of a listener from the moment they are accepted. Stops accepting while there is no room; further
 * connections then wait in the kernel's queue. Vert.x reports a connection only after its TLS handshake and, with HTTP/2, after
 * the client's settings, so a client that sends neither would be neither counted nor closed.
 *
 * <p>Runs on the event loop that accepts.
 */
public final class ConnectionGate extends ChannelInboundHandlerAdapter {

    private static final AttributeKey<Boolean> KNOWN = AttributeKey.valueOf(ConnectionGate.class, "known");

    private static final String NAME = ConnectionGate.class.getName();

    private static final long TICK_MILLIS = 20;

    /**
     * How long a handshake may take while others wait for their turn. A burst of honest clients also takes time: a thousand
     * handshakes keep a processor busy for at least a second.
     */
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(5);

    /** Approximate memory of a TLS handshake. */
    private static final int HANDSHAKE_BYTES = 64 << 10;

    /** The part of the heap that handshakes may take. */
    private static final int HANDSHAKES_PART = 8;

    private static final Logger LOG = LoggerFactory.getLogger(ConnectionGate.class);

    private final ConnectionLimit limit;
    private final Metrics metrics;
    private final long timeoutNanos;
    private final long patienceNanos;
    private final int maxUnknown =
            (int) Math.min(10_000, Runtime.getRuntime().maxMemory() / HANDSHAKES_PART / HANDSHAKE_BYTES);

    /** Connections that no event loop knows yet, with the time when they were accepted; the oldest first. */
    private final Map<Channel, Long> unknown = new LinkedHashMap<>();

    private ScheduledFuture<?> ticking;
    private boolean paused;

    private ConnectionGate(ConnectionLimit limit, Metrics metrics, boolean handshakes, Duration timeout) {
        this.limit = limit;
        this.metrics = metrics;
        this.timeoutNanos = timeout.toNanos();
        this.patienceNanos = handshakes ? Math.min(timeoutNanos, PATIENCE_NANOS) : timeoutNanos;
    }

    /**
     * Adds a gate to the listener on this host and port, if it has none yet.
     *
     * @param handshakes whether a connection is known only after a handshake or settings. Otherwise an unknown connection
     *     waits for a busy event loop, not for its client
     * @param timeout how long the handshake and the settings of a connection may take
     */
    public static Future<Void> before(
            Vertx vertx,
            String host,
            int port,
            ConnectionLimit limit,
            Metrics metrics,
            boolean handshakes,
            Duration timeout) {
        Promise<Void> placed = Promise.promise();
        NettyConnection.accepting(vertx, host, port)
                .ifPresentOrElse(
                        listener -> listener.eventLoop().execute(() -> {
                            if (listener.isOpen() && listener.pipeline().get(NAME) == null) {
                                listener.pipeline()
                                        .addFirst(NAME, new ConnectionGate(limit, metrics, handshakes, timeout));
                            }
                            placed.complete();
                        }),
                        placed::complete);
        return placed.future();
    }

    /** Marks a connection as known to an event loop, which limits its time from now on. */
    static void pass(Channel connection) {
        connection.attr(KNOWN).set(true);
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        ticking = context.executor()
                .scheduleWithFixedDelay(() -> tick(context), TICK_MILLIS, TICK_MILLIS, TimeUnit.MILLISECONDS);
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
        ticking.cancel(false);
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        var accepted = (Channel) message;
        limit.count(accepted);
        unknown.put(accepted, System.nanoTime());
        context.fireChannelRead(accepted);
        if (!hasRoom()) {
            pause(context);
        }
    }

    /** Pauses after a failed accept, such as for want of files. Netty would stop accepting for a second. */
    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        LOG.debug("A connection could not be accepted: {}", cause.getMessage());
        pause(context);
    }

    private boolean hasRoom() {
        return !limit.isFull() && unknown.size() < maxUnknown;
    }

    private void pause(ChannelHandlerContext context) {
        paused = true;
        context.channel().config().setAutoRead(false);
    }

    private void tick(ChannelHandlerContext context) {
        unknown.keySet().removeIf(connection -> connection.hasAttr(KNOWN) || !connection.isOpen());
        closeLate(unknown.size() < maxUnknown ? timeoutNanos : patienceNanos);
        if (paused && limit.isFull()) {
            limit.giveWay();
        }
        if (paused && hasRoom()) {
            paused = false;
            context.channel().config().setAutoRead(true);
        }
    }

    private void closeLate(long nanos) {
        long since = System.nanoTime() - nanos;
        unknown.entrySet().removeIf(entry -> {
            boolean late = entry.getValue() - since < 0;
            if (late) {
                metrics.idleConnectionClosed();
                entry.getKey().close();
            }
            return late;
        });
    }
}
