package dev.crier.transport;

import dev.crier.limit.ConnectionLimit;
import dev.crier.metrics.Metrics;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.AttributeKey;
import io.netty.util.concurrent.ScheduledFuture;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts the connections of a listener from the moment they are accepted. Stops accepting while there is no room; further
 * connections then wait in the kernel's queue.
 *
 * <p>The attack: Vert.x reports a connection only after its TLS handshake and, with HTTP/2, after the client's settings. A
 * client that sends neither would be neither counted nor closed.
 *
 * <p>Runs on the event loop that accepts.
 */
public final class ConnectionGate extends ChannelInboundHandlerAdapter {

    private static final AttributeKey<Boolean> COUNTED = AttributeKey.valueOf(ConnectionGate.class, "counted");

    /** Set when Vert.x has reported the connection to an event loop. */
    private static final AttributeKey<Boolean> REPORTED = AttributeKey.valueOf(ConnectionGate.class, "reported");

    private static final String NAME = ConnectionGate.class.getName();

    private static final long CHECK_MILLIS = 20;

    /**
     * How long a handshake may take while others wait for their turn. A burst of honest clients also takes time: a thousand
     * handshakes keep a processor busy for at least a second.
     */
    private static final long CROWDED_TIMEOUT_NANOS = TimeUnit.SECONDS.toNanos(5);

    /** Approximate memory of a TLS handshake. */
    private static final int HANDSHAKE_BYTES = 64 << 10;

    /** Handshakes may take the heap divided by this. */
    private static final int HANDSHAKES_HEAP_DIVISOR = 8;

    private static final int MAX_HANDSHAKES = 10_000;

    private static final Logger LOG = LoggerFactory.getLogger(ConnectionGate.class);

    private final ConnectionLimit limit;
    private final Metrics metrics;
    private final long timeoutNanos;
    private final long crowdedTimeoutNanos;
    private final int maxPending = (int)
            Math.min(MAX_HANDSHAKES, Runtime.getRuntime().maxMemory() / HANDSHAKES_HEAP_DIVISOR / HANDSHAKE_BYTES);

    /** Connections that Vert.x has not reported yet, with the time when they were accepted; the oldest first. */
    private final Map<Channel, Long> pending = new LinkedHashMap<>();

    private ScheduledFuture<?> checks;
    private boolean paused;

    private ConnectionGate(ConnectionLimit limit, Metrics metrics, boolean handshakes, Duration timeout) {
        this.limit = limit;
        this.metrics = metrics;
        this.timeoutNanos = timeout.toNanos();
        this.crowdedTimeoutNanos = handshakes ? Math.min(timeoutNanos, CROWDED_TIMEOUT_NANOS) : timeoutNanos;
    }

    /**
     * Adds a gate to the listener on this host and port, if it has none yet.
     *
     * @param handshakes whether Vert.x reports a connection only after a handshake or settings. Otherwise, a connection that
     *     is not reported waits for a busy event loop, not for its client
     * @param timeout how long the handshake and the settings of a connection may take
     */
    public static Future<Void> install(
            Vertx vertx,
            String host,
            int port,
            ConnectionLimit limit,
            Metrics metrics,
            boolean handshakes,
            Duration timeout) {
        return ListenerChannel.addFirst(
                vertx, host, port, NAME, () -> new ConnectionGate(limit, metrics, handshakes, timeout));
    }

    /** Records that Vert.x has reported the connection, and counts the connection if there is no gate. */
    static void reported(Channel connection, ConnectionLimit limit) {
        count(connection, limit);
        connection.attr(REPORTED).set(true);
    }

    /** Counts a connection until it is closed, once. */
    private static void count(Channel connection, ConnectionLimit limit) {
        if (connection.attr(COUNTED).setIfAbsent(true) == null) {
            limit.opened();
            connection.closeFuture().addListener(closed -> limit.closed());
        }
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        checks = context.executor()
                .scheduleWithFixedDelay(() -> check(context), CHECK_MILLIS, CHECK_MILLIS, TimeUnit.MILLISECONDS);
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
        checks.cancel(false);
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        var accepted = (Channel) message;
        count(accepted, limit);
        pending.put(accepted, System.nanoTime());
        context.fireChannelRead(accepted);
        if (!hasRoom()) {
            pause(context);
        }
    }

    /** Pauses after a failed accept, for example because no file is free. Netty would pause for a second. */
    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        LOG.debug("A connection could not be accepted: {}", cause.getMessage());
        pause(context);
    }

    private boolean hasRoom() {
        return !limit.isFull() && pending.size() < maxPending;
    }

    private void pause(ChannelHandlerContext context) {
        paused = true;
        context.channel().config().setAutoRead(false);
    }

    private void check(ChannelHandlerContext context) {
        pending.keySet().removeIf(connection -> connection.hasAttr(REPORTED) || !connection.isOpen());
        closeOlderThan(pending.size() < maxPending ? timeoutNanos : crowdedTimeoutNanos);
        if (paused && limit.isFull()) {
            limit.makeRoom();
        }
        if (paused && hasRoom()) {
            paused = false;
            context.channel().config().setAutoRead(true);
        }
    }

    private void closeOlderThan(long nanos) {
        long oldest = System.nanoTime() - nanos;
        pending.entrySet().removeIf(entry -> {
            boolean late = entry.getValue() - oldest < 0;
            if (late) {
                metrics.idleConnectionClosed();
                entry.getKey().close();
            }
            return late;
        });
    }
}
