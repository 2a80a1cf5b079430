package dev.crier.http;

import dev.crier.channel.Subscriber;
import dev.crier.channel.Subscribers;
import dev.crier.event.ChannelName;
import dev.crier.event.EventId;
import dev.crier.sse.EventStream;
import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.ext.web.RoutingContext;
import java.util.Set;

/** {@code GET} of a channel: an event stream that stays open until the client leaves. */
final class SubscribeHandler implements Handler<RoutingContext> {

    private final Set<ChannelName> channels;
    private final Subscribers subscribers;

    SubscribeHandler(Set<ChannelName> channels, Subscribers subscribers) {
        this.channels = channels;
        this.subscribers = subscribers;
    }

    @Override
    public void handle(RoutingContext ctx) {
        String path;
        try {
            path = Paths.decoded(ctx);
        } catch (IllegalArgumentException e) {
            Problem.BAD_REQUEST.fail(ctx);
            return;
        }
        if (!ChannelName.isValid(path) || !channels.contains(new ChannelName(path))) {
            ctx.next();
            return;
        }
        HttpMethod method = ctx.request().method();
        if (method != HttpMethod.GET && method != HttpMethod.HEAD) {
            ctx.response().putHeader(HttpHeaders.ALLOW, "GET, HEAD");
            Problem.METHOD_NOT_ALLOWED.fail(ctx);
        } else if (!Accept.allowsEventStream(ctx.request())) {
            Problem.NOT_ACCEPTABLE.fail(ctx);
        } else if (method == HttpMethod.HEAD) {
            head(ctx).end();
        } else {
            subscribe(new ChannelName(path), ctx);
        }
    }

    /** Whichever way the stream ends, the end handler is told, and the subscriber leaves. */
    private void subscribe(ChannelName channel, RoutingContext ctx) {
        HttpServerResponse response = head(ctx);
        if (ctx.request().version() == HttpVersion.HTTP_1_0) {
            // the end of the stream is the connection's; Vert.x would promise to keep it
            response.headersEndHandler(headers -> response.headers().set(HttpHeaders.CONNECTION, HttpHeaders.CLOSE));
        }
        if (response.closed()) {
            return;
        }
        // sends the head now, since the first event may be far; writeHead() would call it chunked on
        // HTTP/1.0 too
        response.write(Buffer.buffer());
        Subscriber subscriber = subscribers.add(channel, EventId.FIRST, response);
        ctx.addEndHandler(ended -> subscriber.leave());
    }

    /** X-Accel-Buffering keeps nginx from holding events back. */
    private static HttpServerResponse head(RoutingContext ctx) {
        return ctx.response()
                .putHeader(HttpHeaders.CONTENT_TYPE, EventStream.MEDIA_TYPE)
                .putHeader(HttpHeaders.CACHE_CONTROL, "no-cache")
                .putHeader("X-Accel-Buffering", "no")
                .setChunked(true);
    }
}
