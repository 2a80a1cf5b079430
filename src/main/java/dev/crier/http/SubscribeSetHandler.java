package dev.crier.http;

import dev.crier.auth.Decision;
import dev.crier.auth.Permission;
import dev.crier.config.ChannelConf;
import dev.crier.config.Channels;
import dev.crier.event.ChannelName;
import dev.crier.event.ChannelPattern;
import dev.crier.event.ChannelSet;
import dev.crier.event.StartAt;
import dev.crier.http.request.SubscriptionForm;
import dev.crier.limit.Limits;
import dev.crier.limit.ReservedBytes;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * {@code GET} and {@code POST} of {@code subscribe.path}: an event stream of all channels that the query and the body name.
 * Every channel's own rule holds, and one that may not be read refuses the whole request.
 */
public final class SubscribeSetHandler {

    private final Channels channels;
    private final int maxChannels;
    private final RequestBody.Rules formRules;
    private final Limits limits;
    private final OverloadResponse overload;
    private final BodyChecks bodies;
    private final Access access;
    private final SubscribeHandler subscribe;

    /** @param formTimeout how long a form may take to arrive */
    public SubscribeSetHandler(
            Channels channels,
            int maxChannels,
            Duration formTimeout,
            Limits limits,
            OverloadResponse overload,
            BodyChecks bodies,
            Access access,
            SubscribeHandler subscribe) {
        this.channels = channels;
        this.maxChannels = maxChannels;
        this.formRules = RequestBody.Rules.within(
                formTimeout, SubscriptionForm.maxBytes(maxChannels), "limits.channelsPerSubscriber", limits.forms());
        this.limits = limits;
        this.overload = overload;
        this.bodies = bodies;
        this.access = access;
        this.subscribe = subscribe;
    }

    void handle(RoutingContext ctx) {
        HttpServerRequest request = ctx.request();
        HttpMethod method = request.method();
        if (method == HttpMethod.GET || method == HttpMethod.HEAD) {
            subscribe(ctx, SubscriptionForm.of(request.uri()));
        } else if (method == HttpMethod.POST) {
            readBody(ctx);
        } else {
            ctx.response().putHeader(HttpHeaders.ALLOW, "GET, HEAD, POST");
            Problem.METHOD_NOT_ALLOWED.fail(ctx);
        }
    }

    private void readBody(RoutingContext ctx) {
        HttpServerRequest request = ctx.request();
        try {
            SubscriptionForm.requireMediaType(request.getHeader(HttpHeaders.CONTENT_TYPE));
        } catch (IllegalArgumentException e) {
            Problem.UNSUPPORTED_MEDIA_TYPE.fail(ctx, e.getMessage());
            return;
        }
        var body = new RequestBody(ctx, formRules, bodies, reason -> overload.refuse(ctx, Problem.UNAVAILABLE, reason));
        body.read(bytes -> {
            body.release();
            subscribe(ctx, SubscriptionForm.of(request.uri(), bytes));
        });
    }

    private void subscribe(RoutingContext ctx, SubscriptionForm form) {
        if (ctx.response().closed()) {
            return; // the client has left, and nothing would release what the stream takes
        }
        List<ChannelName> names;
        try {
            names = form.channels(maxChannels);
        } catch (IllegalArgumentException e) {
            Problem.BAD_REQUEST.fail(ctx, e.getMessage());
            return;
        }
        Optional<ChannelName> undeclared =
                names.stream().filter(name -> declaration(name).isEmpty()).findFirst();
        if (undeclared.isPresent()) {
            Problem.NOT_FOUND.fail(
                    ctx,
                    "channel: " + undeclared.get() + " (expected: a declared channel, or a family as it is declared)");
            return;
        }
        ChannelSet set = channelSet(names);
        Optional<ReservedBytes> heap = reserve(ctx, set);
        if (heap.isEmpty()) {
            return;
        }
        // read now, so that no form is in memory while a token is verified
        Optional<StartAt> start = SubscribeHandler.start(ctx, form.text());
        List<ChannelName> restricted = names.stream()
                .filter(name -> access.restrictsReaders(declaration(name).orElseThrow()))
                .toList();
        if (restricted.isEmpty()) {
            subscribe.handle(ctx, set, heap.get(), start, false, Decision.UNLIMITED);
        } else {
            access.admit(
                    ctx,
                    Permission.READ,
                    restricted,
                    granted -> subscribe.handle(ctx, set, heap.get(), start, true, granted.validity()));
        }
    }

    /** Counts the heap of the names until the request is answered. Fails the request if they take too much. */
    private Optional<ReservedBytes> reserve(RoutingContext ctx, ChannelSet set) {
        String address = limits.addressOf(ctx.request());
        int bytes = set.heapBytes();
        switch (limits.channelNames().tryAdd(address, bytes)) {
            case ADDED -> {
                var heap = new ReservedBytes(limits.channelNames(), address, bytes);
                // a stream replaces this handler, and releases the heap itself
                ctx.addEndHandler(answered -> heap.release());
                return Optional.of(heap);
            }
            case ALL_EXCEEDED ->
                overload.refuse(
                        ctx,
                        Problem.UNAVAILABLE,
                        "The channel names of all subscribers together take too much memory.");
            case ADDRESS_EXCEEDED ->
                overload.refuse(
                        ctx,
                        Problem.TOO_MANY_REQUESTS,
                        "The channel names of all subscribers of this address take too much memory."
                                + " Behind a proxy, list it in trustedProxies.");
        }
        return Optional.empty();
    }

    /** Returns the declaration of a channel, or of a family that is named exactly as it is declared. */
    private Optional<ChannelConf> declaration(ChannelName name) {
        var pattern = new ChannelPattern(name);
        return pattern.isFamily() ? Optional.ofNullable(channels.declared().get(pattern)) : channels.find(name);
    }

    private static ChannelSet channelSet(List<ChannelName> names) {
        List<ChannelPattern> patterns = names.stream().map(ChannelPattern::new).toList();
        return new ChannelSet(
                patterns.stream()
                        .filter(pattern -> !pattern.isFamily())
                        .map(ChannelPattern::name)
                        .toList(),
                patterns.stream().filter(ChannelPattern::isFamily).toList());
    }
}
