package dev.crier.log.store;

import dev.crier.event.PublishException;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Supplier;

/**
 * The context that the log runs on. Outside of Vert.x, as in a unit test, it is the thread of the caller. Any thread may call
 * it once it is captured.
 */
public final class OwnContext {

    private volatile Context context;

    /** Takes the current context. */
    public void capture() {
        context = Vertx.currentContext();
        if (context != null) {
            context.put(this, true);
        }
    }

    public void release() {
        if (context != null) {
            context.remove(this);
        }
    }

    /** Runs the work on this context: at once if it is the caller's; else the result arrives on the caller's. */
    public <T> Future<T> call(Supplier<Future<T>> work) {
        if (isCurrent()) {
            return work.get();
        }
        Context caller = context.owner().getOrCreateContext();
        Promise<T> done = Promise.promise();
        try {
            context.runOnContext(turn -> Future.succeededFuture()
                    .compose(start -> work.get()) // an exception becomes a failure
                    .onComplete((result, failure) -> caller.runOnContext(back -> done.complete(result, failure))));
        } catch (RejectedExecutionException e) { // the event loop has ended
            return Future.failedFuture(new PublishException(PublishException.Reason.UNAVAILABLE, "the log is closed"));
        }
        return done.future();
    }

    /** Runs the work in a later turn of this context's event loop, after all that waits for its turn already. */
    public void later(Runnable work) {
        if (context == null) {
            work.run();
        } else {
            context.runOnContext(turn -> work.run());
        }
    }

    /**
     * Whether the caller runs on this context. Vert.x runs each message and request on a duplicate of its context, which shares
     * the data of the context; and blocking code has the context of its caller, but another thread.
     */
    private boolean isCurrent() {
        if (context == null) {
            return true;
        }
        Context current = Vertx.currentContext();
        return current != null && Context.isOnEventLoopThread() && (current == context || current.get(this) != null);
    }
}
