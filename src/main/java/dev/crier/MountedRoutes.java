package dev.crier;

import dev.crier.http.Access;
import dev.crier.http.ExpectContinue;
import dev.crier.http.OverloadResponse;
import dev.crier.http.Problem;
import dev.crier.routes.ChannelRoutes;
import dev.crier.routes.SharedParts;
import dev.crier.transport.CloseHook;
import dev.crier.transport.HostConnections;
import dev.crier.transport.StreamConnections;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.util.function.BiFunction;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/** The routes of one event loop in an application that has the listener. They end with the verticle that has created them. */
final class MountedRoutes {

    private static final long CHECK_MILLIS = 20;

    /** The time that streams have after the drain, to send what waits for them. */
    private static final Duration GRACE = Duration.ofSeconds(1);

    private final Context context;
    private final SharedParts shared;
    private final BooleanSupplier isOpen;
    private final Consumer<MountedRoutes> ended;
    private final OverloadResponse overload;
    private final ChannelRoutes channels;
    private final CloseHook hook;

    /** The thread of the event loop; null until it has run the first task. */
    private volatile Thread thread;

    private boolean isEnding;
    private boolean hasEnded;

    /** Completes when the routes have ended in any way. A timer would not, because undeploying a verticle cancels its timers. */
    private final Promise<Void> end = Promise.promise();

    /**
     * @param access see {@link ChannelRoutes}
     * @param isOpen returns whether Crier has been started and not closed
     * @param ended called when the routes have ended
     */
    MountedRoutes(
            Context context,
            SharedParts shared,
            BiFunction<Access, OverloadResponse, Access> access,
            StreamConnections connections,
            BooleanSupplier isOpen,
            Consumer<MountedRoutes> ended) {
        this.context = context;
        this.shared = shared;
        this.isOpen = isOpen;
        this.ended = ended;
        var random = shared.randoms().get();
        overload = new OverloadResponse(shared.conf(), random, shared.metrics());
        channels = new ChannelRoutes(context, shared, access, random, overload, connections);
        hook = new CloseHook(context, () -> context.runOnContext(turn -> endNow()));
        context.runOnContext(first -> {
            thread = Thread.currentThread();
            channels.start();
        });
    }

    /** Returns a router for these routes. What it does not know goes on to the application's own routes. */
    Router router() {
        Router router = Router.router(context.owner());
        Problem.mountExceptNotFound(router, shared.metrics());
        router.route().handler(ExpectContinue::watch);
        router.route().handler(this::check);
        channels.mount(router);
        router.route().failureHandler(MountedRoutes::failed);
        return router;
    }

    /** Keeps an event stream open if a handler of the application fails its request later, as a {@code TimeoutHandler} does. */
    private static void failed(RoutingContext ctx) {
        if (!HostConnections.isEventStream(ctx)) {
            ctx.next();
        }
    }

    private void check(RoutingContext ctx) {
        if (Thread.currentThread() != thread) {
            ctx.fail(new IllegalStateException(
                    "crier.router was called for another event loop (expected: a call in the verticle that serves it, or on"
                            + " the thread that creates the HTTP server)"));
        } else if (!isOpen.getAsBoolean() && channels.serves(ctx)) {
            overload.refuse(ctx, Problem.UNAVAILABLE, "Crier has not been started, or is closed.");
        } else {
            ctx.next();
        }
    }

    /**
     * Ends all streams over the time, and then the routes. Any thread may call this, repeatedly.
     *
     * @return the end of the routes, which is earlier if their verticle is undeployed meanwhile. Never fails
     */
    Future<Void> close(Duration drain) {
        context.runOnContext(turn -> {
            if (!isEnding && !hasEnded) {
                isEnding = true;
                channels.endStreams(drain, () -> drain);
                awaitStreams(SharedParts.nowMillis() + drain.plus(GRACE).toMillis());
            }
        });
        return end.future();
    }

    private void awaitStreams(long deadlineMillis) {
        if (channels.subscribers() == 0 || SharedParts.nowMillis() >= deadlineMillis) {
            endNow();
        } else {
            context.owner().setTimer(CHECK_MILLIS, id -> awaitStreams(deadlineMillis));
        }
    }

    private void endNow() {
        if (!hasEnded) {
            hasEnded = true;
            hook.remove();
            channels.endStreams(Duration.ZERO, () -> Duration.ZERO);
            channels.stop();
            ended.accept(this);
            end.complete();
        }
    }
}
