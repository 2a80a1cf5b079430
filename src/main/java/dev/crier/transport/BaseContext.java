package dev.crier.transport;

import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.internal.VertxInternal;

/**
 * The context of a verticle, or of a thread without one. Vert.x runs each request and each message on a duplicate of it, which has
 * data of its own, such as a trace. What lives longer than a request must not keep the duplicate.
 */
public final class BaseContext {

    private BaseContext() {}

    /** Returns the base of the current context, or creates a context for the calling thread. */
    public static Context current(Vertx vertx) {
        return ((VertxInternal) vertx).getOrCreateContext().unwrap();
    }
}
