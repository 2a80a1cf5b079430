package dev.crier.http;

import dev.crier.auth.Decision;
import dev.crier.auth.Permission;
import dev.crier.config.ChannelConf;
import dev.crier.config.Channels;
import dev.crier.config.SubscribeConf;
import dev.crier.event.ChannelName;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.RoutingContext;
import java.util.List;
import java.util.Optional;

/**
 * Finds the channel of a request's path, and subscribes to it, publishes to it or stops it. Subscribes to several channels at
 * {@code subscribe.path}. Leaves every other path to the static pages.
 */
public final class ChannelHandler implements Handler<RoutingContext> {

    private final Channels channels;
    private final SubscribeConf subscribeConf;
    private final Access access;
    private final SubscribeHandler subscribe;
    private final SubscribeSetHandler subscribeSet;
    private final PublishHandler publish;
    private final StopHandler stop;

    public ChannelHandler(
            Channels channels,
            SubscribeConf subscribeConf,
            Access access,
            SubscribeHandler subscribe,
            SubscribeSetHandler subscribeSet,
            PublishHandler publish,
            StopHandler stop) {
        this.channels = channels;
        this.subscribeConf = subscribeConf;
        this.access = access;
        this.subscribe = subscribe;
        this.subscribeSet = subscribeSet;
        this.publish = publish;
        this.stop = stop;
    }

    @Override
    public void handle(RoutingContext ctx) {
        String path;
        try {
            path = ChannelPath.of(ctx);
        } catch (IllegalArgumentException e) {
            Problem.BAD_REQUEST.fail(ctx);
            return;
        }
        if (isFolder(path)) {
            ctx.next();
        } else if (!ChannelName.isValid(path)) {
            Problem.BAD_REQUEST.fail(ctx, "The path is not valid (expected: " + ChannelName.EXPECTED + ").");
        } else {
            handle(ctx, new ChannelName(path));
        }
    }

    /** Returns whether the path names a declared channel, or subscribes to several. */
    public boolean serves(RoutingContext ctx) {
        try {
            var name = new ChannelName(ChannelPath.of(ctx));
            return subscribeConf.isAt(name) || channels.findChannel(name).isPresent();
        } catch (IllegalArgumentException e) {
            return false; // the path is not valid
        }
    }

    private static boolean isFolder(String path) {
        return path.equals("/") || path.endsWith("/") && ChannelName.isValid(path.substring(0, path.length() - 1));
    }

    private void handle(RoutingContext ctx, ChannelName channel) {
        if (subscribeConf.isAt(channel)) {
            subscribeSet.handle(ctx);
            return;
        }
        Optional<ChannelConf> declared = channels.findChannel(channel);
        if (declared.isEmpty()) {
            ctx.next();
            return;
        }
        ChannelConf conf = declared.get();
        HttpMethod method = ctx.request().method();
        if (method == HttpMethod.GET || method == HttpMethod.HEAD) {
            subscribe(ctx, channel, conf);
        } else if (method == HttpMethod.POST && conf.publish()) {
            access.admit(
                    ctx, Permission.PUBLISH, List.of(channel), granted -> publish.handle(ctx, channel, conf, granted));
        } else if (method == HttpMethod.DELETE && conf.retention().ends()) {
            access.admit(ctx, Permission.STOP, List.of(channel), granted -> stop.handle(ctx, channel, granted));
        } else {
            rejectMethod(ctx, conf);
        }
    }

    private void subscribe(RoutingContext ctx, ChannelName channel, ChannelConf conf) {
        if (access.restrictsReaders(conf)) {
            access.admit(
                    ctx,
                    Permission.READ,
                    List.of(channel),
                    granted -> subscribe.handle(ctx, channel, conf, true, granted.validity()));
        } else {
            subscribe.handle(ctx, channel, conf, false, Decision.UNLIMITED);
        }
    }

    private static void rejectMethod(RoutingContext ctx, ChannelConf conf) {
        HttpMethod method = ctx.request().method();
        String allowed = "GET, HEAD" + (conf.publish() ? ", POST" : "")
                + (conf.retention().ends() ? ", DELETE" : "");
        ctx.response().putHeader(HttpHeaders.ALLOW, allowed);
        if (conf.publish() && (method == HttpMethod.PUT || method == HttpMethod.PATCH)) {
            Problem.METHOD_NOT_ALLOWED.fail(ctx, method + ": not allowed (expected: POST to publish)");
        } else if (method == HttpMethod.DELETE) {
            Problem.METHOD_NOT_ALLOWED.fail(
                    ctx, "DELETE: not allowed here (expected: a channel that has \"ends\": true)");
        } else {
            Problem.METHOD_NOT_ALLOWED.fail(ctx);
        }
    }
}
