package dev.crier.http;

import dev.crier.auth.Decision;
import dev.crier.auth.Permission;
import dev.crier.config.ChannelConf;
import dev.crier.event.ChannelName;
import io.vertx.core.Future;
import io.vertx.ext.web.RoutingContext;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;

/** Admits requests as the application decides in which Crier runs. It is asked about every request. */
public final class HostAccess implements Access {

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
        PausedRequest.await(ctx, firstDenied(0, ctx, permission, channels), denied -> {
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

    /** Returns the first channel on which the user does not have the permission. Asks about one after another. */
    private Future<Optional<ChannelName>> firstDenied(
            int index, RoutingContext ctx, Permission permission, List<ChannelName> channels) {
        if (index == channels.size()) {
            return Future.succeededFuture(Optional.empty());
        }
        ChannelName channel = channels.get(index);
        return Future.succeededFuture()
                .compose(start -> answer(ctx, channel, permission)) // an exception becomes a failure
                .compose(admitted -> admitted
                        ? firstDenied(index + 1, ctx, permission, channels)
                        : Future.succeededFuture(Optional.of(channel)));
    }

    private Future<Boolean> answer(RoutingContext ctx, ChannelName channel, Permission permission) {
        return Objects.requireNonNull(
                authorizer.authorize(ctx, channel.path(), permission),
                "authorize: null (expected: a future of a boolean)");
    }

    /** Returns whose events {@code limits.publicationsPerSecond} counts together. */
    private static String user(RoutingContext ctx) {
        return ctx.user() == null || ctx.user().subject() == null
                ? ""
                : ctx.user().subject();
    }
}
