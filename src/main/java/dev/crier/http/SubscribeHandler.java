package dev.crier.http;

import dev.crier.config.ChannelConf;
import dev.crier.event.ChannelName;
import dev.crier.event.EventId;
import dev.crier.fanout.StartAt;
import dev.crier.fanout.StreamWriter;
import dev.crier.fanout.Subscriber;
import dev.crier.fanout.Subscribers;
import dev.crier.limit.Limits;
import dev.crier.sse.EventStream;
import dev.crier.transport.ConnectionTracker;
import dev.crier.transport.NettyConnection;
import dev.crier.transport.StreamWriters;
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
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** {@code GET} of a channel: an event stream that stays open until the client leaves. */
public final class SubscribeHandler {

    private static final Logger LOG = LoggerFactory.getLogger(SubscribeHandler.class);
    private static final String EARLIEST = "earliest";

    /** The query key for clients that cannot set headers. */
    private static final String LAST_EVENT_ID = "lastEventId";

    /** The same key as other servers spell it: {@code lastEventID}, {@code last-event-id}, {@code Last-Event-ID}. */
    private static final Pattern ANY_LAST_EVENT_ID = Pattern.compile("last(-?)event\\1id", Pattern.CASE_INSENSITIVE);

    /** A time offset whose plus was not escaped and so was decoded to a space. */
    private static final Pattern UNESCAPED_OFFSET = Pattern.compile(" (?=\\d\\d:\\d\\d$)");

    private final Subscribers subscribers;
    private final StreamWriters links;
    private final int queueBytes;
    private final Limits limits;
    private final OverloadResponse overload;
    private final ConnectionTracker connections;

    public SubscribeHandler(
            Subscribers subscribers,
            StreamWriters links,
            int queueBytes,
            Limits limits,
            OverloadResponse overload,
            ConnectionTracker connections) {
        this.subscribers = subscribers;
        this.links = links;
        this.queueBytes = queueBytes;
        this.limits = limits;
        this.overload = overload;
        this.connections = connections;
    }

    /** @param lasts for how long it may be read */
    void handle(RoutingContext ctx, ChannelName channel, ChannelConf conf, Duration lasts) {
        Optional<StartAt> start = start(ctx.request());
        if (!Accept.allowsEventStream(ctx.request())) {
            Problem.NOT_ACCEPTABLE.fail(ctx);
        } else if (start.isEmpty()) {
            Problem.BAD_REQUEST.fail(
                    ctx,
                    LAST_EVENT_ID
                            + ": not a position (expected: an event id, \"earliest\" or an instant of RFC 3339).");
        } else if (ctx.request().method() == HttpMethod.HEAD) {
            head(ctx, conf).end();
        } else if (!subscribers.canRead()) {
            overload.subscriber(ctx, Problem.UNAVAILABLE, "The log cannot be read at present.");
        } else {
            sit(ctx, channel, conf, start.get(), lasts);
        }
    }

    private void sit(RoutingContext ctx, ChannelName channel, ChannelConf conf, StartAt start, Duration lasts) {
        String address = limits.addressOf(ctx.request());
        switch (limits.sat(address)) {
            case FREE -> subscribe(ctx, channel, conf, start, lasts, address);
            case NONE ->
                overload.subscriber(
                        ctx,
                        Problem.UNAVAILABLE,
                        "There are as many subscribers as there may be (limits.subscribers).");
            case NONE_OF_ADDRESS ->
                overload.subscriber(
                        ctx,
                        Problem.TOO_MANY_REQUESTS,
                        "There are as many subscribers as one address may have (limits.subscribersPerAddress)."
                                + " Behind a proxy, list it in trustedProxies.");
        }
    }

    private void subscribe(
            RoutingContext ctx, ChannelName channel, ChannelConf conf, StartAt start, Duration lasts, String address) {
        HttpServerResponse response = head(ctx, conf);
        if (response.closed()) {
            limits.stood(address);
            return;
        }
        var stay = new Stay(address, ctx.request().connection(), AccessLog.of(ctx));
        // replaces the routing context's handlers, which would keep the context in memory as long as the stream
        response.closeHandler(closed -> stay.end())
                .endHandler(ended -> stay.end())
                .exceptionHandler(failure -> stay.end());
        try {
            begin(ctx.request(), channel, conf, start, lasts, stay);
            forget(ctx);
            connections.streams(ctx);
        } catch (RuntimeException | OutOfMemoryError e) {
            LOG.error("{}: a stream could not begin", channel, e);
            abort(ctx.request());
        }
    }

    private void begin(
            HttpServerRequest request,
            ChannelName channel,
            ChannelConf conf,
            StartAt start,
            Duration lasts,
            Stay stay) {
        // writes the head; writeHead() would call it chunked on HTTP/1.0 too
        request.response().setWriteQueueMaxSize(queueBytes).write(Buffer.buffer());
        StreamWriter direct = links.of(request);
        StreamWriter link = stay.line.map(counting -> counting.counted(direct)).orElse(direct);
        subscribers
                .add(channel, conf.keep(), start, link, lasts, stay.address, request.response()::closed)
                .onSuccess(stay::begin)
                .onFailure(failure -> {
                    if (request.response().closed()) {
                        return;
                    }
                    LOG.error("{}: what is stored could not be read: {}", channel, failure.getMessage());
                    turnAway(link);
                });
        // the first event may be far, and the head is to go before it
        link.flush();
    }

    /** Ends a stream that cannot begin but whose head has been sent. */
    private void turnAway(StreamWriter link) {
        if (!overload.isByRetry()) {
            link.cut();
            return;
        }
        try {
            link.write(overload.stream("Crier cannot read what it has stored at present."));
            link.flush();
            link.end();
        } catch (RuntimeException | OutOfMemoryError e) {
            link.cut();
        }
    }

    /** Ends the stream at once. The handlers of its response clean up. */
    private static void abort(HttpServerRequest request) {
        if (request.version() == HttpVersion.HTTP_2) {
            request.response().reset();
        } else {
            NettyConnection.cut(request.connection());
        }
    }

    /** The resources of a stream, from its first byte on. However it ends, they are released once. */
    private final class Stay {

        private final String address;
        private final HttpConnection connection;
        private final Optional<AccessLog> line;

        /** Null until the position where the stream begins is known. */
        private Subscriber subscriber;

        private boolean over;

        Stay(String address, HttpConnection connection, Optional<AccessLog> line) {
            this.address = address;
            this.connection = connection;
            this.line = line;
        }

        void begin(Subscriber joined) {
            if (over) {
                joined.leave();
            } else {
                subscriber = joined;
            }
        }

        void end() {
            if (!over) {
                over = true;
                if (subscriber != null) {
                    subscriber.leave();
                }
                limits.stood(address);
                connections.answered(connection);
                line.ifPresent(AccessLog::write);
            }
        }
    }

    /** The connection has the request in memory as long as the stream; what was in its head is not needed any more. */
    private static void forget(RoutingContext ctx) {
        ctx.request().headers().clear();
        ctx.response().headers().clear();
    }

    /**
     * Prepares the head of the stream. {@code no-transform} and {@code X-Accel-Buffering} keep compressing middleware and
     * nginx from holding events back; {@code no-store} keeps caches from copying a channel that takes a token to read.
     */
    private static HttpServerResponse head(RoutingContext ctx, ChannelConf conf) {
        HttpServerResponse response = ctx.response();
        if (ctx.request().version() == HttpVersion.HTTP_1_0) {
            // the end of the stream is the connection's; Vert.x would promise to keep it
            response.headersEndHandler(headers -> response.headers().set(HttpHeaders.CONNECTION, HttpHeaders.CLOSE));
        }
        return response.putHeader(HttpHeaders.CONTENT_TYPE, EventStream.CONTENT_TYPE)
                .putHeader(HttpHeaders.CACHE_CONTROL, (conf.guarded() ? "no-store" : "no-cache") + ", no-transform")
                .putHeader("X-Content-Type-Options", "nosniff")
                .putHeader("X-Accel-Buffering", "no")
                .setChunked(true);
    }

    /** The header wins: a client that comes back knows better than the address it was given first. */
    private static Optional<StartAt> start(HttpServerRequest request) {
        String header = request.getHeader("Last-Event-ID");
        if (header != null && !header.isEmpty()) {
            return Optional.of(place(header).orElse(new StartAt.Unknown(header)));
        }
        try {
            List<String> asked =
                    Query.values(request, key -> ANY_LAST_EVENT_ID.matcher(key).matches());
            // a polyfill that reconnects appends its id to the URL that it was given, so the last id is the newest
            String last = asked.isEmpty() ? "" : asked.get(asked.size() - 1);
            return last.isEmpty() ? Optional.of(new StartAt.Now()) : place(last);
        } catch (IllegalArgumentException e) {
            return Optional.empty(); // a query that cannot be decoded
        }
    }

    private static Optional<StartAt> place(String text) {
        if (text.equals(EARLIEST)) {
            return Optional.of(new StartAt.Earliest());
        }
        Optional<StartAt> after = EventId.parse(text).map(place -> new StartAt.After(place, text));
        String escaped = UNESCAPED_OFFSET.matcher(text).replaceFirst("+");
        return after.or(() -> instant(escaped).map(place -> new StartAt.From(place, escaped)));
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
