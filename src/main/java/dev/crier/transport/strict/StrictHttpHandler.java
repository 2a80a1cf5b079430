package dev.crier.transport.strict;

import dev.crier.transport.NettyConnection;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.ChannelOutputShutdownEvent;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.impl.ConnectionBase;
import java.io.IOException;
import java.util.function.Consumer;

/**
 * Rejects malformed HTTP/1.x requests that Netty's decoder accepts. Sits in the pipeline of each connection, after the decoder
 * and before Vert.x.
 *
 * <p>The attack: a proxy and Crier disagree about where a request ends, so a second request is hidden in the body of the
 * first (RFC 9112, 11.2). The rule: after a malformed request, everything on the connection is dropped. Closing the
 * connection is not enough, because requests in the same packet would still be run.
 *
 * <p>Also keeps a half-closed connection open until its requests are answered.
 */
public final class StrictHttpHandler extends ChannelDuplexHandler {

    /** Marks a request that Crier itself adds after the last request of a half-closed connection, to close the connection. */
    private static final DecoderResult END = RequestSyntax.malformed("The client has shut down its sending side.");

    private static final DecoderResult INCOMPLETE = RequestSyntax.malformed("The body is incomplete.");

    private boolean inBody;

    /** Whether everything that follows on the connection is dropped. */
    private boolean dropping;

    /** Whether the client has shut down its sending side. */
    private boolean halfClosed;

    /** Takes over a malformed body; null if Vert.x closes the connection at once. */
    private Consumer<Runnable> malformedBody;

    private StrictHttpHandler() {}

    /** Adds the handler to an HTTP/1.x connection. Does nothing for HTTP/2. */
    public static void addTo(HttpConnection connection) {
        if (connection.protocolVersion() != io.vertx.core.http.HttpVersion.HTTP_2
                && connection instanceof ConnectionBase known) {
            known.channel().pipeline().addBefore(known.channelHandlerContext().name(), null, new StrictHttpHandler());
            if (!connection.isSsl()) {
                known.channel().config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
            }
        }
    }

    /** Returns a handler that closes a half-closed connection after its last response, and passes on malformed requests. */
    public static Handler<HttpServerRequest> orEnd(Handler<HttpServerRequest> malformed) {
        return request -> {
            if (request.decoderResult().cause() == END.cause()) {
                request.connection().close();
            } else {
                malformed.handle(request);
            }
        };
    }

    /**
     * Calls the handler when the body of the current HTTP/1.x request turns out to be malformed. Vert.x would close the connection
     * at once, so a request whose events are being stored would get no response. The handler must run the action that it is given,
     * which closes the connection. It is called outside of any Vert.x context.
     *
     * @param handler null for none
     */
    public static void onMalformedBody(HttpConnection connection, Consumer<Runnable> handler) {
        NettyConnection.channel(connection)
                .map(channel -> channel.pipeline().get(StrictHttpHandler.class))
                .ifPresent(strict -> strict.malformedBody = handler);
    }

    /** Returns whether a body failed because its client has shut down its sending side. */
    public static boolean isIncomplete(Throwable failure) {
        return failure == INCOMPLETE.cause();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (dropping) {
            ReferenceCountUtil.release(message);
            return;
        }
        if (message instanceof HttpRequest request) {
            inBody = true;
            if (request.decoderResult().isSuccess()) {
                RequestSyntax.error(request).map(RequestSyntax::malformed).ifPresent(request::setDecoderResult);
            }
            if (request.decoderResult().isFailure()) {
                dropping = true;
                request.setProtocolVersion(HttpVersion.HTTP_1_1); // the client's version may be invalid
            }
        }
        if (message instanceof LastHttpContent) {
            inBody = false;
        }
        ctx.fireChannelRead(message);
    }

    /**
     * Passes on one more message when the client has shut down its sending side. Vert.x handles that message after all requests
     * before it. A closed socket looks the same until something is sent.
     */
    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event == ChannelInputShutdownEvent.INSTANCE && !halfClosed) {
            halfClosed = true;
            NettyConnection.keepRegistered(ctx.channel());
            if (dropping) {
                return; // the connection is closed after the response to the malformed request
            }
            dropping = true;
            if (inBody) {
                var rest = new DefaultLastHttpContent();
                rest.setDecoderResult(INCOMPLETE);
                ctx.fireChannelRead(rest);
            } else {
                var end = new DefaultHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, "/");
                end.setDecoderResult(END);
                ctx.fireChannelRead(end);
            }
            ctx.fireChannelReadComplete();
        }
        ctx.fireUserEventTriggered(event);
        if (event == ChannelOutputShutdownEvent.INSTANCE && halfClosed) {
            ctx.channel().close(); // both sides are shut down, which no other handler notices
        }
    }

    /** Ignores reads after the client has shut down its sending side, because Netty's epoll transport would fail the connection. */
    @Override
    public void read(ChannelHandlerContext ctx) {
        if (!halfClosed) {
            ctx.read();
        }
    }

    /** Closes a broken connection. Vert.x would throw and log an exception if a pipelined request waits for its turn. */
    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable failure) {
        if (failure instanceof IOException) {
            ctx.channel().close();
        } else if (malformedBody != null && !isIncomplete(failure)) {
            Consumer<Runnable> handler = malformedBody;
            malformedBody = null;
            handler.accept(() -> ctx.fireExceptionCaught(failure));
        } else {
            ctx.fireExceptionCaught(failure);
        }
    }
}
