package dev.crier.transport;

import io.vertx.core.Closeable;
import io.vertx.core.Context;
import io.vertx.core.internal.ContextInternal;

/** Runs an action when the verticle of a context is undeployed. On a context without a verticle, when its Vert.x closes. */
public final class CloseHook {

    private final ContextInternal context;
    private final Closeable hook;

    /** Adds the hook. The action may run on any thread. */
    public CloseHook(Context context, Runnable action) {
        this.context = (ContextInternal) context;
        hook = done -> {
            action.run();
            done.succeed();
        };
        this.context.addCloseHook(hook);
    }

    /** Removes the hook. Repeated calls have no effect. */
    public void remove() {
        context.removeCloseHook(hook);
    }
}
