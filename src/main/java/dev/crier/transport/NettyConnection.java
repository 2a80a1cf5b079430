package dev.crier.transport;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.http2.Http2CodecUtil;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2HeadersEncoder;
import io.netty.handler.ssl.SslHandler;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.impl.ConnectionBase;
import java.lang.reflect.Method;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/**
 * Gives access to the parts of a connection that Vert.x does not expose. Depends on internals of Vert.x and Netty; if they
 * have changed, falls back to the public API. Must be called on the event loop of the connection.
 */
public final class NettyConnection {

    /** How long the end of a stream may wait for its client before the stream is aborted. */
    public static final long END_TIMEOUT_MILLIS = 5_000;

    /** For a client that reads its responses, fewer bytes than this always wait. An event stream has a limit of its own. */
    private static final long MAX_WAITING_BYTES = 256 << 10;

    /** Vert.x's name for the handler that compresses responses. */
    private static final String COMPRESSOR = "deflater";

    /** Part of the names of the classes of Vert.x and Netty that compress responses over HTTP/2. */
    private static final String HTTP2_COMPRESSOR = "Compressor";

    /** Netty's option by its name, because its class is missing without epoll. Other transports do not have the option. */
    private static final ChannelOption<Integer> TCP_USER_TIMEOUT =
            ChannelOption.valueOf("io.netty.channel.epoll.EpollChannelOption#TCP_USER_TIMEOUT");

    private static final String EPOLL_CHANNEL = "io.netty.channel.epoll.AbstractEpollChannel";

    /** EPOLLET, the flag of edge-triggered sockets, which Netty uses anyway. */
    private static final int EDGE_TRIGGERED = 1 << 31;

    private NettyConnection() {}

    public static Optional<Channel> channel(HttpConnection connection) {
        return connection instanceof ConnectionBase known ? Optional.of(known.channel()) : Optional.empty();
    }

    /** Returns the context of the HTTP/2 handler; empty for HTTP/1. */
    static Optional<ChannelHandlerContext> http2(HttpConnection connection) {
        return channel(connection)
                .flatMap(channel -> Optional.ofNullable(channel.pipeline().context(Http2ConnectionHandler.class)));
    }

    /**
     * Limits the table of headers that Crier has sent to its default size (RFC 7541, 4.2). A client may announce any size, and
     * Crier would fill it.
     */
    static void limitHeaderTable(HttpConnection connection) {
        http2(connection).ifPresent(context -> {
            var headers = ((Http2ConnectionHandler) context.handler())
                    .encoder()
                    .configuration()
                    .headersConfiguration();
            limitHeaderTable(headers);
            connection.remoteSettingsHandler(changed -> limitHeaderTable(headers));
        });
    }

    private static void limitHeaderTable(Http2HeadersEncoder.Configuration headers) {
        if (headers.maxHeaderTableSize() > Http2CodecUtil.DEFAULT_HEADER_TABLE_SIZE) {
            try {
                headers.maxHeaderTableSize(Http2CodecUtil.DEFAULT_HEADER_TABLE_SIZE);
            } catch (Http2Exception e) {
                throw new IllegalStateException(e); // the size is valid
            }
        }
    }

    /** Returns whether the connection may compress the response. If that cannot be seen, it may. */
    public static boolean compresses(HttpServerRequest request) {
        if (!request.headers().contains(HttpHeaders.ACCEPT_ENCODING)) {
            return false;
        }
        if (request.version() == HttpVersion.HTTP_2) {
            return http2(request.connection())
                    .map(context -> ((Http2ConnectionHandler) context.handler()).encoder())
                    .map(encoder -> encoder.getClass().getSimpleName().contains(HTTP2_COMPRESSOR))
                    .orElse(true);
        }
        return channel(request.connection())
                .map(channel -> channel.pipeline().get(COMPRESSOR) != null)
                .orElse(true);
    }

    /**
     * Limits what the kernel keeps for an event stream, and for how long its client may acknowledge nothing. Heartbeats to a
     * client whose network has vanished fit in the kernel's buffer, so only this closes the connection. Other requests share
     * an HTTP/2 connection, so its buffer stays as it is.
     */
    static void limitUnsent(HttpServerRequest request, int bytes, Duration timeout) {
        channel(request.connection()).ifPresent(channel -> {
            Integer before = channel.config().getOption(TCP_USER_TIMEOUT);
            if (before != null && before == 0) {
                channel.config().setOption(TCP_USER_TIMEOUT, (int) timeout.toMillis());
            }
            if (request.version() != HttpVersion.HTTP_2) {
                channel.config().setOption(ChannelOption.SO_SNDBUF, bytes);
            }
        });
    }

    /** Returns whether more bytes wait than ever do for a client that reads its responses. */
    public static boolean isBacklogged(HttpConnection connection) {
        return channel(connection)
                .map(channel -> channel.bytesBeforeWritable() > MAX_WAITING_BYTES)
                .orElse(false);
    }

    /** Returns a mark for {@link Progress} that stays the same only while the socket takes none of the waiting bytes. */
    static long outboundMark(HttpConnection connection) {
        ChannelOutboundBuffer waiting = channel(connection)
                .map(channel -> channel.unsafe().outboundBuffer())
                .orElse(null);
        if (waiting == null || waiting.isEmpty()) {
            return Progress.NOTHING_WAITS;
        }
        return Objects.hash(waiting.size(), waiting.totalPendingWriteBytes(), waiting.currentProgress())
                & Long.MAX_VALUE;
    }

    /**
     * Gives an epoll socket a flag that is never cleared. Without any flag, Netty 4.2.18 removes the socket from epoll and fails
     * to add it again, so the rest of a response that is larger than the socket's buffer would not be sent.
     */
    public static void keepRegistered(Channel channel) {
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

    /**
     * Ends what is sent on an HTTP/1 connection, after what waits in it. Bytes that arrive are still read. With TLS, the
     * client first gets the alert that says so.
     */
    public static void endOutput(HttpConnection connection) {
        Channel channel = channel(connection).orElse(null);
        if (channel instanceof DuplexChannel duplex) {
            channel.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, false);
            var tls = channel.pipeline().get(SslHandler.class);
            ChannelFuture sent = tls == null ? channel.writeAndFlush(Unpooled.EMPTY_BUFFER) : tls.closeOutbound();
            sent.addListener(done -> duplex.shutdownOutput());
        } else {
            connection.close();
        }
    }

    /** Closes the connection at once and drops what waits in it. Vert.x would send that first, which may take forever. */
    public static void abort(HttpConnection connection) {
        channel(connection).ifPresentOrElse(NettyConnection::abort, connection::close);
    }

    /** Closes the connection at once. Bypasses the pipeline, because TLS would wait there until the client takes its last record. */
    public static void abort(Channel channel) {
        channel.unsafe().close(channel.unsafe().voidPromise());
    }
}
