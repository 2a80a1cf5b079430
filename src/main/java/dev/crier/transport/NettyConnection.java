package dev.crier.transport;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.handler.codec.http2.Http2CodecUtil;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2HeadersEncoder;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.internal.VertxInternal;
import io.vertx.core.net.impl.ConnectionBase;
import io.vertx.core.net.impl.tcp.NetServerImpl;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Access to parts of a connection that Vert.x does not expose. This class depends on Vert.x internals; if they have changed,
 * it falls back to the public API.
 */
public final class NettyConnection {

    /** The {@link #mark} of a connection in which nothing waits to be sent. */
    static final long NOTHING = -1;

    /** More than ever waits for a client that reads its answers: what streams have to say waits apart from that. */
    private static final long MOST_WAITING = 256 << 10;

    private NettyConnection() {}

    static Optional<Channel> channel(HttpConnection connection) {
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
    static void capHeaderTable(HttpConnection connection) {
        http2(connection).ifPresent(place -> {
            var headers = ((Http2ConnectionHandler) place.handler())
                    .encoder()
                    .configuration()
                    .headersConfiguration();
            capHeaderTable(headers);
            connection.remoteSettingsHandler(changed -> capHeaderTable(headers));
        });
    }

    private static void capHeaderTable(Http2HeadersEncoder.Configuration headers) {
        if (headers.maxHeaderTableSize() > Http2CodecUtil.DEFAULT_HEADER_TABLE_SIZE) {
            try {
                headers.maxHeaderTableSize(Http2CodecUtil.DEFAULT_HEADER_TABLE_SIZE);
            } catch (Http2Exception e) {
                throw new IllegalStateException(e); // the size is valid
            }
        }
    }

    /** Returns the channel that accepts the connections of the listener on this host and port. */
    static Optional<Channel> accepting(Vertx vertx, String host, int port) {
        if (!(vertx instanceof VertxInternal internal)) {
            return Optional.empty();
        }
        // a listener on any free port, which event loops share, has more behind its host
        return internal.sharedTcpServers().entrySet().stream()
                .filter(server -> server.getValue().actualPort() == port)
                .filter(server -> (server.getKey().host() + "/").startsWith(host + "/"))
                .map(Map.Entry::getValue)
                .findFirst()
                .flatMap(NettyConnection::accepting);
    }

    private static Optional<Channel> accepting(Object server) {
        try {
            var bound = NetServerImpl.class.getDeclaredField("bindFuture");
            bound.setAccessible(true);
            return bound.get(server) instanceof Future<?> future && future.result() instanceof Channel channel
                    ? Optional.of(channel)
                    : Optional.empty();
        } catch (ReflectiveOperationException | RuntimeException e) {
            return Optional.empty(); // connections are then counted once Vert.x reports them
        }
    }

    /** Whether so much waits to be sent that its client cannot be reading. */
    public static boolean isFull(HttpConnection connection) {
        return channel(connection)
                .map(channel -> channel.bytesBeforeWritable() > MOST_WAITING)
                .orElse(false);
    }

    /** Returns a number that stays the same only while the socket takes no waiting bytes; {@link #NOTHING} if none wait. */
    static long mark(HttpConnection connection) {
        ChannelOutboundBuffer waiting = channel(connection)
                .map(channel -> channel.unsafe().outboundBuffer())
                .orElse(null);
        if (waiting == null || waiting.isEmpty()) {
            return NOTHING;
        }
        return Objects.hash(waiting.size(), waiting.totalPendingWriteBytes(), waiting.currentProgress())
                & Long.MAX_VALUE;
    }

    /** Closes it at once, whatever waits in it: Vert.x would send that first, to a client that may never read it. */
    public static void cut(HttpConnection connection) {
        if (connection instanceof ConnectionBase known) {
            cut(known.channel());
        } else {
            connection.close();
        }
    }

    /**
     * Closes the connection at once. Bypasses the pipeline, because there TLS would wait for seconds until the client takes its
     * last record. Called on the event loop of the connection.
     */
    public static void cut(Channel connection) {
        connection.unsafe().close(connection.unsafe().voidPromise());
    }
}
