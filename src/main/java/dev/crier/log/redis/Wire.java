package dev.crier.log.redis;

import io.vertx.core.Future;
import io.vertx.redis.client.RedisConnection;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.util.function.Consumer;

/** One connection to Redis. Counts how long its requests get no answer. Only the store's context uses this class. */
final class Wire {

    private final RedisConnection connection;
    private Consumer<Throwable> onFailure = failure -> {};
    private int unanswered;

    /** The number of calls of {@link #tick} since a request began to wait or the last answer arrived. */
    private int silentTicks;

    Wire(RedisConnection connection) {
        this.connection = connection;
    }

    /** Sets the action that runs if a request fails without an answer, before the failure reaches the caller. */
    void onFailure(Consumer<Throwable> action) {
        onFailure = action;
    }

    /** Sends a request. Redis answers requests of one connection in order. */
    Future<Response> send(Request request) {
        if (unanswered++ == 0) {
            silentTicks = 0;
        }
        return connection.send(request).onComplete((answer, failure) -> {
            unanswered--;
            silentTicks = 0;
            if (failure != null && !RedisError.isAnswer(failure)) {
                onFailure.accept(failure);
            }
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
