package dev.crier.http;

import dev.crier.auth.Decision;
import dev.crier.auth.Permission;
import dev.crier.config.ChannelConf;
import dev.crier.event.ChannelName;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Admits requests as the application decides in which Crier runs, and asks it about each of them. Used by one event loop. */
public final class HostAccess implements Access {

    /** How long a request waits for the application. */
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    /** The shortest time between two warnings. */
    private static final long WARNING_NANOS = TimeUnit.MINUTES.toNanos(1);

    private static final String EXPECTED = "authorize: null (expected: a future of a boolean)";

    private static final Logger LOG = LoggerFactory.getLogger(HostAccess.class);

    private final Authorizer authorizer;
    private final OverloadResponse overload;
    private final Duration patience;
    private long warnedAt = System.nanoTime() - WARNING_NANOS;

    public HostAccess(Authorizer authorizer, OverloadResponse overload) {
        this(authorizer, overload, PATIENCE);
    }

    HostAccess(Authorizer authorizer, OverloadResponse overload, Duration patience) {
        this.authorizer = authorizer;
        this.overload = overload;
        this.patience = patience;
    }

    @Override
    public boolean restrictsReaders(ChannelConf channel) {
        return true;
    }

    @Override
    public void admit(
            RoutingContext ctx, Permission permission, List<ChannelName> channels, Consumer<Decision.Granted> handler) {
        Promise<Decision> decision = Promise.promise();
        ask(ctx, permission, channels.iterator(), decision);
        if (!decision.future().isComplete()) {
            limit(ctx, decision);
        }
        PausedRequest.await(ctx, decision.future(), decided -> {
            if (!ctx.response().ended()) { // otherwise the authorizer has answered the request itself
                apply(decided, ctx, permission, handler);
            }
        });
    }

    /**
     * Asks about one channel after another, until the user does not have the permission on one. Answers that are there at once
     * are taken in a loop, because a set may have thousands of channels. The others may come on any thread.
     */
    private void ask(
            RoutingContext ctx, Permission permission, Iterator<ChannelName> channels, Promise<Decision> decision) {
        Context own = ctx.vertx().getOrCreateContext();
        while (channels.hasNext() && !decision.future().isComplete()) {
            ChannelName channel = channels.next();
            Future<Boolean> answer = answer(ctx, channel, permission);
            if (!answer.isComplete()) {
                answer.onComplete(later -> own.runOnContext(turn -> {
                    if (admits(answer, channel, decision)) {
                        ask(ctx, permission, channels, decision);
                    }
                }));
                return;
            }
            if (!admits(answer, channel, decision)) {
                return;
            }
        }
        decision.tryComplete(new Decision.Granted(Decision.UNLIMITED, user(ctx)));
    }

    /** Refuses the request after a timeout. Otherwise an authorizer that never answers would hold it, and its body, forever. */
    private void limit(RoutingContext ctx, Promise<Decision> decision) {
        long timer = ctx.vertx().setTimer(patience.toMillis(), id -> {
            boolean waits = !ctx.response().ended() && !ctx.response().closed();
            if (decision.tryComplete(new Decision.Busy()) && waits) {
                warn(ctx);
            }
        });
        decision.future().onComplete(decided -> ctx.vertx().cancelTimer(timer));
    }

    private void warn(RoutingContext ctx) {
        long now = System.nanoTime();
        if (now - warnedAt >= WARNING_NANOS) {
            warnedAt = now;
            LOG.warn(
                    "{} {}: the authorizer {} has not answered within {}, so the request was refused (expected: a future"
                            + " that completes)",
                    ctx.request().method(),
                    ctx.request().path(),
                    authorizer.getClass().getName(),
                    patience);
        }
    }

    private void apply(
            Decision decision, RoutingContext ctx, Permission permission, Consumer<Decision.Granted> handler) {
        if (decision instanceof Decision.Granted granted) {
            handler.accept(granted);
        } else if (decision instanceof Decision.Denied denied) {
            Problem.FORBIDDEN.fail(
                    ctx, permission.activity() + " " + denied.channel() + " is not allowed for this user.");
        } else {
            overload.refuse(
                    ctx, Problem.UNAVAILABLE, "The application has not decided in time whether to allow this request.");
        }
    }

    private Future<Boolean> answer(RoutingContext ctx, ChannelName channel, Permission permission) {
        return Future.succeededFuture()
                .compose(start -> Objects.requireNonNull(
                        authorizer.authorize(ctx, channel.path(), permission),
                        EXPECTED)) // an exception becomes a failure
                .map(admitted -> Objects.requireNonNull(admitted, EXPECTED));
    }

    /** Returns whether the user has the permission. Completes the promise if not. */
    private static boolean admits(Future<Boolean> answer, ChannelName channel, Promise<Decision> decision) {
        if (answer.failed()) {
            decision.tryFail(answer.cause());
        } else if (!answer.result()) {
            decision.tryComplete(new Decision.Denied(channel));
        }
        return answer.succeeded() && answer.result();
    }

    /** Returns whose events {@code limits.publicationsPerSecond} counts together. */
    private static String user(RoutingContext ctx) {
        return ctx.user() == null || ctx.user().subject() == null
                ? ""
                : ctx.user().subject();
    }
}
