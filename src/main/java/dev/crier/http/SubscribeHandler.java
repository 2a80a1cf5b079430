package dev.crier.http;

import dev.crier.channel.Link;
import dev.crier.channel.Start;
import dev.crier.channel.Subscriber;
import dev.crier.channel.Subscribers;
import dev.crier.event.ChannelName;
import dev.crier.event.EventId;
import dev.crier.event.Keep;
import dev.crier.sse.EventStream;
import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.ext.web.RoutingContext;
import java.time.DateTimeException;
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

    SubscribeHandler(Subscribers subscribers, Links links, int queueBytes) {
        this.subscribers = subscribers;
        this.links = links;
        this.queueBytes = queueBytes;
    }

    void handle(RoutingContext ctx, ChannelName channel, Keep keep) {
        Optional<Start> start = start(ctx.request());
        if (!Accept.allowsEventStream(ctx.request())) {
            Problem.NOT_ACCEPTABLE.fail(ctx);
        } else if (start.isEmpty()) {
            Problem.BAD_REQUEST.fail(
                    ctx, LAST_EVENT_ID + ": no place (expected: an event id, \"earliest\" or an instant of RFC 3339).");
        } else if (ctx.request().method() == HttpMethod.HEAD) {
            head(ctx).end();
        } else {
            subscribe(ctx, channel, keep, start.get());
        }
    }

    private void subscribe(RoutingContext ctx, ChannelName channel, Keep keep, Start start) {
        HttpServerResponse response = head(ctx);
        if (response.closed()) {
            return;
        }
        // writes the head; writeHead() would call it chunked on HTTP/1.0 too
        response.setWriteQueueMaxSize(queueBytes).write(Buffer.buffer());
        Optional<AccessLine> line = AccessLine.of(ctx);
        Link direct = links.of(ctx.request());
        Link link = line.map(counting -> counting.counted(direct)).orElse(direct);
        subscribers
                .add(channel, keep, start, link)
                .onSuccess(subscriber -> attend(response, subscriber, line))
                .onFailure(failure -> {
                    LOG.error("{}: what is stored could not be read: {}", channel, failure.getMessage());
                    link.cut();
                });
        // the first event may be far, and the head is to go before it
        link.flush();
        forget(ctx);
    }

    /**
     * Whichever way the stream ends, the subscriber leaves. Not by the routing context, which would stay in memory as long
     * as the stream.
     */
    private static void attend(HttpServerResponse response, Subscriber subscriber, Optional<AccessLine> line) {
        Handler<Void> gone = line.isEmpty()
                ? ended -> subscriber.leave()
                : ended -> {
                    subscriber.leave();
                    line.get().write();
                };
        if (response.closed()) {
            gone.handle(null);
        } else {
            response.closeHandler(gone).endHandler(gone).exceptionHandler(failure -> gone.handle(null));
        }
    }

    /** The connection has the request in memory as long as the stream; what was in its head is not needed any more. */
    private static void forget(RoutingContext ctx) {
        ctx.request().headers().clear();
        ctx.response().headers().clear();
    }

    /** X-Accel-Buffering keeps nginx from holding events back. */
    private static HttpServerResponse head(RoutingContext ctx) {
        HttpServerResponse response = ctx.response();
        if (ctx.request().version() == HttpVersion.HTTP_1_0) {
            // the end of the stream is the connection's; Vert.x would promise to keep it
            response.headersEndHandler(headers -> response.headers().set(HttpHeaders.CONNECTION, HttpHeaders.CLOSE));
        }
        return response.putHeader(HttpHeaders.CONTENT_TYPE, EventStream.MEDIA_TYPE)
                .putHeader(HttpHeaders.CACHE_CONTROL, "no-cache")
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
