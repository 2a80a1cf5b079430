package dev.crier.log.redis;

import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Redis;
import java.util.List;
import java.util.function.Consumer;

/**
 * Three connections to one run of Redis: for commands, for following the stream of recent batches, and for reading history.
 * If one ends or gets no answer, all are closed. Only the store's context uses this class.
 */
final class RedisLink {

    private static final long TICK_MILLIS = 100;

    /** The maximum number of ticks without an answer: 1.5 seconds. */
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

    /** The reason why a connection has ended, or null. */
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
        Context own = vertx.getOrCreateContext(); // Vert.x calls these handlers without a context
        for (Wire wire : wires) {
            wire.onFailure(this::lose);
            wire.connection().exceptionHandler(failure -> own.runOnContext(later -> lose(failure)));
            wire.connection().endHandler(ended -> own.runOnContext(later -> lose(CLOSED)));
        }
        tickLater();
    }

    /** Sets one timer at a time. After a pause of this process, a periodic timer would tick many times at once. */
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

    /** Sets the action that runs once when a connection is lost, even if it is lost already. {@link #close} is no loss. */
    void onLost(Consumer<RedisUnavailableException> action) {
        onLost = action;
        if (lost != null) {
            vertx.runOnContext(now -> action.accept(lost));
        }
    }

    /** Closes the connections, because one of them has failed. */
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
