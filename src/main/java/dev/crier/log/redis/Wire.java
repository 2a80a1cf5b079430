package dev.crier.log.redis;

import io.vertx.core.Future;
import io.vertx.redis.client.RedisConnection;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;

/** One connection to Redis. Counts how long its requests get no answer. Only the store's context uses this class. */
final class Wire {

    private final RedisConnection connection;
    private int unanswered;

    /** The number of calls of {@link #tick} since a request began to wait or the last answer arrived. */
    private int silentTicks;

    Wire(RedisConnection connection) {
        this.connection = connection;
    }

    /** Sends a request. Redis answers requests of one connection in order. */
    Future<Response> send(Request request) {
        if (unanswered++ == 0) {
            silentTicks = 0;
        }
        return connection.send(request).onComplete(answer -> {
            unanswered--;
            silentTicks = 0;
        });
    }

    /** Counts a tick, and returns the ticks of silence. A clock would take a pause of this process for silence of Redis. */
    int tick() {
        return unanswered == 0 ? 0 : ++silentTicks;
    }

    RedisConnection connection() {
        return connection;
    }
}
