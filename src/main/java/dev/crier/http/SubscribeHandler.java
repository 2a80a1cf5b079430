package dev.crier.http;

import dev.crier.channel.Link;
import dev.crier.channel.Start;
import dev.crier.channel.Subscriber;
import dev.crier.channel.Subscribers;
import dev.crier.config.ChannelConf;
import dev.crier.event.ChannelName;
import dev.crier.event.EventId;
import dev.crier.sse.EventStream;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.ext.web.RoutingContext;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** {@code GET} of a channel: an event stream that stays open until the client leaves. */
final class SubscribeHandler {

    private static final Logger LOG = LoggerFactory.getLogger(SubscribeHandler.class);
    private static final String EARLIEST = "earliest";

    /** Where a reader that cannot set headers names the place it was at. */
    private static final String LAST_EVENT_ID = "lastEventId";

    private final Subscribers subscribers;
    private final Links links;
    private final int queueBytes;
    private final Limits limits;
    private final Connections connections;

    SubscribeHandler(Subscribers subscribers, Links links, int queueBytes, Limits limits, Connections connections) {
        this.subscribers = subscribers;
        this.links = links;
        this.queueBytes = queueBytes;
        this.limits = limits;
        this.connections = connections;
    }

    /** @param lasts for how long it may be read */
    void handle(RoutingContext ctx, ChannelName channel, ChannelConf conf, Duration lasts) {
        Optional<Start> start = start(ctx.request());
        if (!Accept.allowsEventStream(ctx.request())) {
            Problem.NOT_ACCEPTABLE.fail(ctx);
        } else if (start.isEmpty()) {
            Problem.BAD_REQUEST.fail(
                    ctx, LAST_EVENT_ID + ": no place (expected: an event id, \"earliest\" or an instant of RFC 3339).");
        } else if (ctx.request().method() == HttpMethod.HEAD) {
            head(ctx, conf).end();
        } else {
            sit(ctx, channel, conf, start.get(), lasts);
        }
    }

    private void sit(RoutingContext ctx, ChannelName channel, ChannelConf conf, Start start, Duration lasts) {
        String address = limits.addressOf(ctx.request());
        switch (limits.sat(address)) {
            case FREE -> subscribe(ctx, channel, conf, start, lasts, address);
            case NONE ->
                Problem.UNAVAILABLE.failForNow(ctx, "Crier has all the readers that it may have (limits.subscribers).");
            case NONE_OF_ADDRESS ->
                Problem.TOO_MANY_REQUESTS.failForNow(
                        ctx,
                        "There are all the readers that one address may have (limits.subscribersPerAddress; a proxy"
                                + " that many come by is named in trustedProxies).");
        }
    }

    private void subscribe(
            RoutingContext ctx, ChannelName channel, ChannelConf conf, Start start, Duration lasts, String address) {
        HttpServerResponse response = head(ctx, conf);
        if (response.closed()) {
            limits.stood(address);
            return;
        }
        // writes the head; writeHead() would call it chunked on HTTP/1.0 too
        response.setWriteQueueMaxSize(queueBytes).write(Buffer.buffer());
        Optional<AccessLine> line = AccessLine.of(ctx);
        Link direct = links.of(ctx.request());
        Link link = line.map(counting -> counting.counted(direct)).orElse(direct);
        subscribers
                .add(channel, conf.keep(), start, link, lasts)
                .onSuccess(subscriber -> attend(ctx.request(), subscriber, address, line))
                .onFailure(failure -> {
                    limits.stood(address);
                    LOG.error("{}: what is stored could not be read: {}", channel, failure.getMessage());
                    link.cut();
                });
        // the first event may be far, and the head is to go before it
        link.flush();
        forget(ctx);
        connections.streams(ctx);
    }

    /**
     * Not by the routing context, which would stay in memory as long as the stream. It is told of the end, too, up to
     * here.
     */
    private void attend(HttpServerRequest request, Subscriber subscriber, String address, Optional<AccessLine> line) {
        HttpServerResponse response = request.response();
        if (response.closed()) {
            subscriber.leave();
            limits.stood(address);
        } else {
            var stay = new Stay(subscriber, address, request.connection(), line);
            response.closeHandler(closed -> stay.end())
                    .endHandler(ended -> stay.end())
                    .exceptionHandler(failure -> stay.end());
        }
    }

    /** Whichever way the stream ends, the reader leaves, and its seat is free again. */
    private final class Stay {

        private final Subscriber subscriber;
        private final String address;
        private final HttpConnection connection;
        private final Optional<AccessLine> line;
        private boolean over;

        Stay(Subscriber subscriber, String address, HttpConnection connection, Optional<AccessLine> line) {
            this.subscriber = subscriber;
            this.address = address;
            this.connection = connection;
            this.line = line;
        }

        void end() {
            if (!over) {
                over = true;
                subscriber.leave();
                limits.stood(address);
                connections.answered(connection);
                line.ifPresent(AccessLine::write);
            }
        }
    }

    /** The connection has the request in memory as long as the stream; what was in its head is not needed any more. */
    private static void forget(RoutingContext ctx) {
        ctx.request().headers().clear();
        ctx.response().headers().clear();
    }

    /** X-Accel-Buffering keeps nginx from holding events back. What takes a right to be read is nothing to keep a copy of. */
    private static HttpServerResponse head(RoutingContext ctx, ChannelConf conf) {
        HttpServerResponse response = ctx.response();
        if (ctx.request().version() == HttpVersion.HTTP_1_0) {
            // the end of the stream is the connection's; Vert.x would promise to keep it
            response.headersEndHandler(headers -> response.headers().set(HttpHeaders.CONNECTION, HttpHeaders.CLOSE));
        }
        return response.putHeader(HttpHeaders.CONTENT_TYPE, EventStream.MEDIA_TYPE)
                .putHeader(HttpHeaders.CACHE_CONTROL, conf.guarded() ? "no-store" : "no-cache")
                .putHeader("X-Accel-Buffering", "no")
                .setChunked(true);
    }

    /** The header wins: a client that comes back knows better than the address it was given first. */
    private static Optional<Start> start(HttpServerRequest request) {
        String header = request.getHeader("Last-Event-ID");
        if (header != null && !header.isEmpty()) {
            return Optional.of(place(header).orElse(new Start.Unknown(header)));
        }
        try {
            Optional<String> asked = Query.value(request, LAST_EVENT_ID);
            return asked.isEmpty() ? Optional.of(new Start.Now()) : place(asked.get());
        } catch (IllegalArgumentException e) {
            return Optional.empty(); // a query that cannot be decoded
        }
    }

    private static Optional<Start> place(String text) {
        if (text.equals(EARLIEST)) {
            return Optional.of(new Start.Earliest());
        }
        Optional<Start> after = EventId.parse(text).map(place -> new Start.After(place, text));
        return after.or(() -> instant(text).map(place -> new Start.From(place, text)));
    }

    private static Optional<EventId> instant(String text) {
        try {
            return Optional.of(
                    EventId.before(OffsetDateTime.parse(text).toInstant().toEpochMilli()));
        } catch (DateTimeException | ArithmeticException e) {
            return Optional.empty();
        }
    }
}
