package dev.crier.transport;

import io.vertx.core.Closeable;
import io.vertx.core.Completable;
import io.vertx.core.Context;
import io.vertx.core.internal.ContextInternal;

/** Runs an action when the verticle of a context is undeployed, or else when its Vert.x closes. */
public final class ContextCloseHook implements Closeable {

    private final ContextInternal context;
    private final Runnable action;

    private ContextCloseHook(Context context, Runnable action) {
        this.context = (ContextInternal) context;
        this.action = action;
    }

    /** @param action runs on the context */
    public static ContextCloseHook add(Context context, Runnable action) {
        var hook = new ContextCloseHook(context, action);
        hook.context.addCloseHook(hook);
        return hook;
    }

    public void remove() {
        context.removeCloseHook(this);
    }

    @Override
    public void close(Completable<Void> completion) {
        context.runOnContext(turn -> {
            action.run();
            completion.succeed();
        });
    }
}
