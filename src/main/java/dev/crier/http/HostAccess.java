package dev.crier.http;

import dev.crier.auth.Decision;
import dev.crier.auth.Permission;
import dev.crier.config.ChannelConf;
import dev.crier.event.ChannelName;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.ext.web.RoutingContext;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;

/** Admits requests as the application decides in which Crier runs. It is asked about every request. */
public final class HostAccess implements Access {

    private static final String EXPECTED = "authorize: null (expected: a future of a boolean)";

    private final Authorizer authorizer;

    public HostAccess(Authorizer authorizer) {
        this.authorizer = authorizer;
    }

    @Override
    public boolean restrictsReaders(ChannelConf channel) {
        return true;
    }

    @Override
    public void admit(
            RoutingContext ctx, Permission permission, List<ChannelName> channels, Consumer<Decision.Granted> handler) {
        Promise<Optional<ChannelName>> firstDenied = Promise.promise();
        ask(ctx, permission, channels.iterator(), firstDenied);
        PausedRequest.await(ctx, firstDenied.future(), denied -> {
            if (ctx.response().ended()) {
                return; // the authorizer has answered the request itself
            }
            if (denied.isPresent()) {
                Problem.FORBIDDEN.fail(
                        ctx, permission.activity() + " " + denied.get() + " is not allowed for this user.");
            } else {
                handler.accept(new Decision.Granted(Decision.UNLIMITED, user(ctx)));
            }
        });
    }

    /**
     * Asks about one channel after another, until the user does not have the permission on one. Answers that are there at once
     * are taken in a loop, because a set may have thousands of channels. The others may come on any thread.
     */
    private void ask(
            RoutingContext ctx,
            Permission permission,
            Iterator<ChannelName> channels,
            Promise<Optional<ChannelName>> firstDenied) {
        Context own = ctx.vertx().getOrCreateContext();
        while (channels.hasNext()) {
            ChannelName channel = channels.next();
            Future<Boolean> answer = answer(ctx, channel, permission);
            if (!answer.isComplete()) {
                answer.onComplete(later -> own.runOnContext(turn -> {
                    if (admits(answer, channel, firstDenied)) {
                        ask(ctx, permission, channels, firstDenied);
                    }
                }));
                return;
            }
            if (!admits(answer, channel, firstDenied)) {
                return;
            }
        }
        firstDenied.complete(Optional.empty());
    }

    private Future<Boolean> answer(RoutingContext ctx, ChannelName channel, Permission permission) {
        return Future.succeededFuture()
                .compose(start -> Objects.requireNonNull(
                        authorizer.authorize(ctx, channel.path(), permission),
                        EXPECTED)) // an exception becomes a failure
                .map(admitted -> Objects.requireNonNull(admitted, EXPECTED));
    }

    /** Returns whether the user has the permission. Completes the promise if not. */
    private static boolean admits(
            Future<Boolean> answer, ChannelName channel, Promise<Optional<ChannelName>> firstDenied) {
        if (answer.failed()) {
            firstDenied.fail(answer.cause());
        } else if (!answer.result()) {
            firstDenied.complete(Optional.of(channel));
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
