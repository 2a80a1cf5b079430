package dev.crier.log.redis;

import io.vertx.core.Future;
import io.vertx.redis.client.RedisConnection;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;

/** One connection to Redis, which notices that answers do not come. The store's context alone uses it. */
final class Wire {

    private final RedisConnection connection;
    private int unanswered;

    /** How many times {@link #tick} was called while a request waited and no answer came. */
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

    /** Counts time. A clock would count a pause of this process as silence of Redis. */
    int tick() {
        return unanswered == 0 ? 0 : ++silentTicks;
    }

    RedisConnection connection() {
        return connection;
    }
}
