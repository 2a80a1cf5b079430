package dev.crier.transport;

import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.ChannelOutputShutdownEvent;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
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
import java.lang.reflect.Method;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Rejects malformed HTTP/1.x requests that Netty's decoder accepts. Sits in each connection's pipeline after the decoder
 * and before Vert.x.
 *
 * <p>The attack: a proxy and Crier disagree about where a request ends, so a second request is hidden in the body of the
 * first (RFC 9112, 11.2). The rule: after a malformed request, everything on the connection is dropped. Closing the
 * connection is not enough, because requests from the same packet would still be run.
 *
 * <p>Also keeps a half-closed connection open until its requests are answered.
 */
public final class StrictHttpHandler extends ChannelDuplexHandler {

    /** RFC 3986, 3.2.2, without the addresses of future versions. */
    private static final Pattern HOST =
            Pattern.compile("(?:\\[[0-9A-Fa-f:.]++]|(?:[0-9A-Za-z._~!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*+)(?::[0-9]*+)?");

    /** Absolute form (RFC 9112, 3.2.2), which names a host. */
    private static final Pattern ABSOLUTE = Pattern.compile("https?://[^/?#]++(?:[/?].*)?", Pattern.CASE_INSENSITIVE);

    /** Marks a request that no client sent: it follows the last one of a half-closed connection, and closes it. */
    private static final Exception END = new Malformed("The client sends no more.");

    private static final String EPOLL_CHANNEL = "io.netty.channel.epoll.AbstractEpollChannel";

    /** EPOLLET, the flag of edge-triggered sockets, which Netty uses anyway. */
    private static final int EDGE_TRIGGERED = 1 << 31;

    private boolean inBody;

    /** Whether everything that follows on the connection is dropped. */
    private boolean over;

    private boolean ended;

    private StrictHttpHandler() {}

    /** The reason for a rejection, in a sentence that quotes nothing of the request. */
    public static final class Malformed extends IllegalArgumentException {

        private static final long serialVersionUID = 1;

        Malformed(String sentence) {
            super(sentence);
        }

        /** Skips the stack trace: this is an answer to a client, not a failure of Crier. */
        @Override
        public synchronized Throwable fillInStackTrace() {
            return this;
        }
    }

    /** Adds the checks to a connection of HTTP/1.x; does nothing to one of HTTP/2. */
    public static void watch(HttpConnection connection) {
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
            if (request.decoderResult().cause() == END) {
                request.connection().close();
            } else {
                malformed.handle(request);
            }
        };
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (over) {
            ReferenceCountUtil.release(message);
            return;
        }
        if (message instanceof HttpRequest request) {
            inBody = true;
            if (request.decoderResult().isSuccess()) {
                fault(request)
                        .ifPresent(fault -> request.setDecoderResult(DecoderResult.failure(new Malformed(fault))));
            }
            if (request.decoderResult().isFailure()) {
                over = true;
                request.setProtocolVersion(HttpVersion.HTTP_1_1); // the client's version may be invalid
            }
        }
        if (message instanceof LastHttpContent) {
            inBody = false;
        }
        ctx.fireChannelRead(message);
    }

    /** Returns what is wrong with the head of a request, or nothing. */
    static Optional<String> fault(HttpRequest request) {
        HttpVersion version = request.protocolVersion();
        HttpHeaders headers = request.headers();
        if (version != HttpVersion.HTTP_1_1 && version != HttpVersion.HTTP_1_0) {
            return Optional.of("The protocol is not HTTP/1.1 or HTTP/1.0.");
        }
        if (headers.contains(HttpHeaderNames.TRANSFER_ENCODING) && !isChunked(headers)) {
            return Optional.of("Transfer-Encoding is not exactly \"chunked\".");
        }
        // Netty reads 8 more bytes as the body of such a request, as an old draft of WebSockets required
        if (headers.contains(HttpHeaderNames.SEC_WEBSOCKET_KEY1)
                && headers.contains(HttpHeaderNames.SEC_WEBSOCKET_KEY2)) {
            return Optional.of("Crier does not support WebSockets.");
        }
        List<String> hosts = headers.getAll(HttpHeaderNames.HOST);
        if (hosts.size() > 1 || hosts.isEmpty() && version == HttpVersion.HTTP_1_1) {
            return Optional.of("The request does not have exactly one Host header.");
        }
        if (!hosts.isEmpty() && !HOST.matcher(hosts.get(0)).matches()) {
            return Optional.of("The Host header is not a host with an optional port.");
        }
        if (!isTarget(request)) {
            return Optional.of("The request target is neither a path nor an http URL.");
        }
        for (Map.Entry<String, String> header : headers) {
            if (header.getKey().isEmpty()) {
                return Optional.of("A header has no name.");
            }
        }
        return Optional.empty();
    }

    private static boolean isChunked(HttpHeaders headers) {
        List<String> codings = headers.getAll(HttpHeaderNames.TRANSFER_ENCODING);
        return codings.size() == 1 && codings.get(0).equalsIgnoreCase("chunked");
    }

    private static boolean isTarget(HttpRequest request) {
        return isPath(request.uri(), request.method().equals(HttpMethod.OPTIONS))
                || hasNoOddCharacter(request.uri())
                        && ABSOLUTE.matcher(request.uri()).matches();
    }

    /** Whether the target is a path with or without a query, or an asterisk where that is allowed. */
    public static boolean isPath(String target, boolean orAll) {
        return hasNoOddCharacter(target) && target.startsWith("/") || orAll && target.equals("*");
    }

    private static boolean hasNoOddCharacter(String target) {
        return target.chars().noneMatch(c -> c <= ' ' || c == 0x7f || c == '#');
    }

    /**
     * Passes on one more message when the client has shut down its sending side, which Vert.x handles after all requests before
     * it. A closed socket looks the same until something is sent.
     */
    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event == ChannelInputShutdownEvent.INSTANCE && !ended) {
            ended = true;
            keepRegistered(ctx.channel());
            if (over) {
                return; // the connection closes when the last request is refused
            }
            over = true;
            if (inBody) {
                var rest = new DefaultLastHttpContent();
                rest.setDecoderResult(DecoderResult.failure(new Malformed("The body is incomplete.")));
                ctx.fireChannelRead(rest);
            } else {
                var end = new DefaultHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, "/");
                end.setDecoderResult(DecoderResult.failure(END));
                ctx.fireChannelRead(end);
            }
            ctx.fireChannelReadComplete();
        }
        ctx.fireUserEventTriggered(event);
        if (event == ChannelOutputShutdownEvent.INSTANCE) {
            ctx.channel().close(); // both sides are shut down, which no other handler notices
        }
    }

    /**
     * Gives an epoll socket a flag that is never cleared. Without any flag, Netty 4.2.18 removes the socket from epoll and fails
     * to add it again, so a response larger than the socket's buffer would be cut short.
     */
    private static void keepRegistered(Channel channel) {
        for (Class<?> type = channel.getClass(); type != null; type = type.getSuperclass()) {
            if (type.getName().equals(EPOLL_CHANNEL)) {
                try {
                    Method flag = type.getDeclaredMethod("setFlag", int.class);
                    flag.setAccessible(true);
                    flag.invoke(channel, EDGE_TRIGGERED);
                } catch (ReflectiveOperationException | RuntimeException e) {
                    return; // Netty has changed; small responses are still sent
                }
            }
        }
    }

    /** Ignores reads after the client has shut down, because with epoll, Netty would fail the connection. */
    @Override
    public void read(ChannelHandlerContext ctx) {
        if (!ended) {
            ctx.read();
        }
    }

    /** Closes a broken connection. Vert.x would throw and log an exception if a pipelined request waits for its turn. */
    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable failure) {
        if (failure instanceof IOException) {
            ctx.channel().close();
        } else {
            ctx.fireExceptionCaught(failure);
        }
    }
}
