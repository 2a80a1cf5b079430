package dev.crier.log.redis;

import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Redis;
import java.util.List;
import java.util.function.Consumer;

/**
 * Three connections to one process of Redis: for commands, for following the stream of recent batches, and for reading
 * history. They end together. The store's context alone uses this class.
 */
final class RedisLink {

    private static final long TICK_MILLIS = 100;

    /** How many ticks an answer may take: 1.5 seconds. */
    private static final int MAX_SILENT_TICKS = 15;

    private static final String CLOSED = "the connection was closed";

    private final Vertx vertx;
    private final Redis client;
    private final ServerInfo server;
    private final String address;
    private final Wire commands;
    private final Wire tail;
    private final Wire reads;
    private long ticking;
    private Consumer<RedisUnavailableException> onLost = cause -> {};
    private boolean closed;

    /** Why a connection has ended, or null. */
    private RedisUnavailableException lost;

    /** @param address names the server in messages */
    RedisLink(Vertx vertx, Redis client, String address, ServerInfo server, List<Wire> wires) {
        this.vertx = vertx;
        this.client = client;
        this.address = address;
        this.server = server;
        commands = wires.get(0);
        tail = wires.get(1);
        reads = wires.get(2);
        Context own = vertx.getOrCreateContext(); // the handlers run on the event loop, but without a context
        for (Wire wire : wires) {
            wire.connection().exceptionHandler(failure -> own.runOnContext(later -> lose(failure)));
            wire.connection().endHandler(ended -> own.runOnContext(later -> lose(CLOSED)));
        }
        tickLater();
    }

    /** Sets one timer at a time, because a periodic one makes up for a pause of this process with many ticks at once. */
    private void tickLater() {
        ticking = vertx.setTimer(TICK_MILLIS, id -> tick());
    }

    private void tick() {
        if (List.of(commands, tail, reads).stream().mapToInt(Wire::tick).max().orElse(0) > MAX_SILENT_TICKS) {
            lose("no answer for 1.5 seconds");
        } else {
            tickLater();
        }
    }

    /** Sets the action that runs once when a connection has ended, even if it has already, but not after {@link #close}. */
    void onLost(Consumer<RedisUnavailableException> action) {
        onLost = action;
        if (lost != null) {
            vertx.runOnContext(now -> action.accept(lost));
        }
    }

    /** Ends the connections, because one of them is of no use any more. */
    void lose(Throwable cause) {
        lose(RedisError.isAnswer(cause) ? cause.getMessage() : CLOSED);
    }

    void lose(String problem) {
        if (!closed) {
            lost = new RedisUnavailableException("Redis at " + address + ": " + problem);
            close();
            onLost.accept(lost);
        }
    }

    void close() {
        if (!closed) {
            closed = true;
            vertx.cancelTimer(ticking);
            client.close();
        }
    }

    ServerInfo server() {
        return server;
    }

    Wire commands() {
        return commands;
    }

    Wire tail() {
        return tail;
    }

    Wire reads() {
        return reads;
    }
}
