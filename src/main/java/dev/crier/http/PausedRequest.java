package dev.crier.http;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.ext.web.RoutingContext;
import java.util.function.Consumer;

/** A request that waits for a decision. Its body is paused meanwhile, so that no part of it is lost. */
final class PausedRequest {

    private PausedRequest() {}

    /**
     * Calls the handler with the decision on the event loop of the request, unless the client has left by then. Fails the
     * request if the decision or the handler fails.
     */
    static <T> void await(RoutingContext ctx, Future<T> decision, Consumer<T> handler) {
        boolean paused = !ctx.request().isEnded();
        if (paused) {
            ctx.request().pause();
        }
        Context own = ctx.vertx().getOrCreateContext();
        decision.onComplete((decided, failure) -> own.runOnContext(turn -> {
            if (ctx.response().closed()) {
                return; // the client has left
            }
            try {
                if (failure == null) {
                    handler.accept(decided);
                } else {
                    ctx.fail(failure);
                }
            } catch (RuntimeException e) {
                ctx.fail(e); // outside the handler's call, the router does not catch it
            }
            if (paused) {
                ctx.request().resume();
            }
        }));
    }
}
