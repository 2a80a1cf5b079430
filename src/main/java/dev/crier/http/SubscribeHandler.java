package dev.crier.http;

import dev.crier.config.ChannelConf;
import dev.crier.event.ChannelName;
import dev.crier.event.ChannelSet;
import dev.crier.event.StartAt;
import dev.crier.fanout.StreamWriter;
import dev.crier.fanout.Subscriber;
import dev.crier.fanout.Subscribers;
import dev.crier.http.request.Accept;
import dev.crier.http.request.LastEventId;
import dev.crier.limit.Limits;
import dev.crier.limit.ReservedBytes;
import dev.crier.sse.EventStream;
import dev.crier.transport.NettyConnection;
import dev.crier.transport.StreamConnections;
import dev.crier.transport.stream.StreamWriters;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code GET} of a channel: an event stream that stays open until the client leaves. {@link SubscribeSetHandler} sends the same
 * stream for several channels.
 *
 * <p>The class is long because it has all steps from a request to its stream, in their order: checks, limits, head, subscriber.
 */
public final class SubscribeHandler {

    /** Adds the subscriber of a stream whose head has been sent. */
    private interface Joining {

        Future<Subscriber> join(StartAt start, StreamWriter writer, String address);
    }

    private static final String UNREADABLE = "The stored events cannot be read at present.";

    private static final Logger LOG = LoggerFactory.getLogger(SubscribeHandler.class);

    private final Subscribers subscribers;
    private final StreamWriters writers;
    private final int queueBytes;
    private final Limits limits;
    private final OverloadResponse overload;
    private final StreamConnections connections;

    /** @param queueBytes how many bytes may wait in a connection before it is full */
    public SubscribeHandler(
            Subscribers subscribers,
            StreamWriters writers,
            int queueBytes,
            Limits limits,
            OverloadResponse overload,
            StreamConnections connections) {
        this.subscribers = subscribers;
        this.writers = writers;
        this.queueBytes = queueBytes;
        this.limits = limits;
        this.overload = overload;
        this.connections = connections;
    }

    /**
     * @param restricted whether not everyone may read the channel
     * @param validity how long the subscriber may read
     */
    void handle(RoutingContext ctx, ChannelName channel, ChannelConf conf, boolean restricted, Duration validity) {
        HttpServerResponse response = ctx.response();
        Optional<StartAt> requested = start(ctx, ctx.request().query());
        Runnable subscribe = () -> handle(
                ctx,
                requested,
                restricted,
                Optional.empty(),
                (start, writer, address) ->
                        subscribers.add(channel, conf.retention(), start, writer, validity, address, response::closed));
        if (conf.retention().ends() && acceptsStream(ctx) && requested.isPresent() && subscribers.canRead()) {
            subscribeBeforeEnd(ctx, channel, requested.get(), subscribe);
        } else {
            subscribe.run();
        }
    }

    /**
     * Subscribes, unless the client has received the end of the channel. It then gets 204, after which an {@code EventSource}
     * does not reconnect (HTML standard, 9.2.3). A cache must not keep that, because the channel may begin again.
     *
     * <p>A client counts as a subscriber only while it waits for the store, so that the requests that wait are limited.
     */
    private void subscribeBeforeEnd(RoutingContext ctx, ChannelName channel, StartAt start, Runnable subscribe) {
        HttpServerResponse response = ctx.response();
        String address = limits.addressOf(ctx.request());
        boolean counts = subscribers.asksStore(channel, start);
        if (counts && !admits(ctx, address)) {
            return;
        }
        subscribers.isAfterEnd(channel, start, address, response::closed).onComplete(isAfterEnd -> {
            if (counts) {
                limits.subscribers().remove(address);
            }
            if (response.closed()) {
                return; // the client has left
            }
            try {
                if (isAfterEnd.failed()) {
                    overload.refuse(ctx, Problem.UNAVAILABLE, UNREADABLE);
                } else if (isAfterEnd.result()) {
                    response.setStatusCode(204)
                            .putHeader(HttpHeaders.CACHE_CONTROL, "no-store")
                            .end();
                } else {
                    subscribe.run();
                }
            } catch (RuntimeException e) {
                ctx.fail(e); // outside the handler's call, the router does not catch it
            }
        });
    }

    /**
     * Subscribes to several channels.
     *
     * @param channelNames the heap that their names take
     * @param requested the position where the stream starts; empty if it is invalid
     * @param restricted whether not everyone may read all of the channels
     * @param validity how long the subscriber may read
     */
    void handle(
            RoutingContext ctx,
            ChannelSet channels,
            ReservedBytes channelNames,
            Optional<StartAt> requested,
            boolean restricted,
            Duration validity) {
        HttpServerResponse response = ctx.response();
        handle(
                ctx,
                requested,
                restricted,
                Optional.of(channelNames),
                (start, writer, address) ->
                        subscribers.add(channels, start, writer, validity, address, response::closed));
    }

    /**
     * Returns the position where the stream of a request starts; empty if it is invalid.
     *
     * @param query null if the request has none
     */
    static Optional<StartAt> start(RoutingContext ctx, String query) {
        return LastEventId.start(ctx.request().getHeader("Last-Event-ID"), query);
    }

    private void handle(
            RoutingContext ctx,
            Optional<StartAt> start,
            boolean restricted,
            Optional<ReservedBytes> channelNames,
            Joining joining) {
        HttpServerRequest request = ctx.request();
        if (!acceptsStream(ctx)) {
            Problem.NOT_ACCEPTABLE.fail(ctx);
        } else if (start.isEmpty()) {
            Problem.BAD_REQUEST.fail(ctx, "lastEventId: not a position (expected: " + LastEventId.EXPECTED + ")");
        } else if (request.method() == HttpMethod.HEAD) {
            prepareHead(ctx, restricted).end();
        } else if (!subscribers.canRead()) {
            overload.refuseSubscriber(ctx, Problem.UNAVAILABLE, "The log cannot be read at present.");
        } else {
            subscribeWithinLimits(ctx, start.get(), restricted, channelNames, joining);
        }
    }

    private static boolean acceptsStream(RoutingContext ctx) {
        return Accept.allowsEventStream(ctx.request().headers().getAll(HttpHeaders.ACCEPT));
    }

    private void subscribeWithinLimits(
            RoutingContext ctx,
            StartAt start,
            boolean restricted,
            Optional<ReservedBytes> channelNames,
            Joining joining) {
        String address = limits.addressOf(ctx.request());
        if (admits(ctx, address)) {
            subscribe(ctx, start, restricted, address, channelNames, joining);
        }
    }

    /** Counts a subscriber of the address, or refuses it because of a limit. */
    private boolean admits(RoutingContext ctx, String address) {
        switch (limits.subscribers().tryAdd(address)) {
            case ALL_EXCEEDED ->
                overload.refuse(ctx, Problem.UNAVAILABLE, "The limit of subscribers is reached (limits.subscribers).");
            case ADDRESS_EXCEEDED ->
                overload.refuse(
                        ctx,
                        Problem.TOO_MANY_REQUESTS,
                        "The limit of subscribers per address is reached (limits.subscribersPerAddress)."
                                + " Behind a proxy, list it in trustedProxies.");
            case ADDED -> {
                return true;
            }
        }
        return false;
    }

    private void subscribe(
            RoutingContext ctx,
            StartAt start,
            boolean restricted,
            String address,
            Optional<ReservedBytes> channelNames,
            Joining joining) {
        HttpServerResponse response = prepareHead(ctx, restricted);
        if (response.closed()) {
            limits.subscribers().remove(address);
            channelNames.ifPresent(ReservedBytes::release);
            return;
        }
        Optional<AccessLog> accessLog = AccessLog.of(ctx);
        var stream = new OpenStream(address, ctx.request().connection(), channelNames, accessLog, limits, connections);
        connections.onEventStreamEnd(ctx, stream::end);
        try {
            StreamWriter writer = writeHead(ctx.request(), accessLog);
            joining.join(start, writer, address)
                    .onSuccess(stream::joined)
                    .onFailure(failure -> unreadable(response, writer));
            writer.flush(); // the first event may come much later
            connections.eventStreamBegan(ctx);
        } catch (RuntimeException | OutOfMemoryError e) {
            LOG.error("{}: cannot start a stream", ctx.request().path(), e);
            abort(ctx.request());
        }
    }

    /**
     * Prepares the head of the stream. {@code no-transform} and {@code X-Accel-Buffering} keep compressing middleware and
     * nginx from holding events back; {@code no-store} keeps caches from copying a channel that requires a token.
     */
    private static HttpServerResponse prepareHead(RoutingContext ctx, boolean restricted) {
        HttpServerResponse response = ctx.response();
        if (ctx.request().version() == HttpVersion.HTTP_1_0) {
            // the stream ends with the connection, and Vert.x would announce keep-alive
            ctx.addHeadersEndHandler(headers -> response.headers().set(HttpHeaders.CONNECTION, HttpHeaders.CLOSE));
        }
        if (NettyConnection.compresses(ctx.request())) {
            // a compressor would hold events back, and does not send this header (see HttpServerOptions)
            response.putHeader(HttpHeaders.CONTENT_ENCODING, HttpHeaders.IDENTITY);
        }
        return response.putHeader(HttpHeaders.CONTENT_TYPE, EventStream.CONTENT_TYPE)
                .putHeader(HttpHeaders.CACHE_CONTROL, (restricted ? "no-store" : "no-cache") + ", no-transform")
                .putHeader("X-Content-Type-Options", "nosniff")
                .putHeader("X-Accel-Buffering", "no")
                .setChunked(true);
    }

    private StreamWriter writeHead(HttpServerRequest request, Optional<AccessLog> accessLog) {
        // an empty write, because writeHead() would declare the body chunked over HTTP/1.0 too
        request.response().setWriteQueueMaxSize(queueBytes).write(Buffer.buffer());
        StreamWriter writer = writers.of(request);
        return accessLog.map(line -> line.counted(writer)).orElse(writer);
    }

    /** Ends a stream whose head has been sent and whose entries cannot be read. */
    private void unreadable(HttpServerResponse response, StreamWriter writer) {
        if (response.closed()) {
            return;
        }
        if (!overload.sendsRetryStream()) {
            writer.abort();
            return;
        }
        try {
            writer.write(overload.retryStream(UNREADABLE));
            writer.flush();
            writer.end(true);
        } catch (RuntimeException | OutOfMemoryError e) {
            writer.abort();
        }
    }

    /** Ends the stream at once. The handlers of its response release its resources. */
    private static void abort(HttpServerRequest request) {
        if (request.version() == HttpVersion.HTTP_2) {
            request.response().reset();
        } else {
            NettyConnection.abort(request.connection());
        }
    }
}
