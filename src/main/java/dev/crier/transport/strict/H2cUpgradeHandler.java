package dev.crier.transport.strict;

import dev.crier.transport.ListenerChannel;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.impl.HttpUtils;
import io.vertx.core.http.impl.tcp.Http1xOrH2CHandler;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Checks upgrades from HTTP/1.1 to HTTP/2 without TLS. Vert.x handles an upgrade before any other handler sees the request. It
 * upgrades malformed requests, and its response to an incomplete upgrade has no length although the connection stays open.
 *
 * <p>Sits in the listener's pipeline, and adds handlers to each connection until its protocol is known.
 */
public final class H2cUpgradeHandler extends ChannelInboundHandlerAdapter {

    private static final String NAME = H2cUpgradeHandler.class.getName();

    /** Vert.x's name for its own handler of upgrades. */
    private static final String UPGRADER = "h2c";

    private static final String PROTOCOL = "h2c";
    private static final String SETTINGS = "http2-settings";

    private H2cUpgradeHandler() {}

    /** Adds the check to all new connections of the listener on this host and port. */
    public static Future<Void> install(Vertx vertx, String host, int port) {
        return ListenerChannel.addFirst(vertx, host, port, NAME, H2cUpgradeHandler::new);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object accepted) {
        ((Channel) accepted).pipeline().addFirst(new FirstBytes());
        ctx.fireChannelRead(accepted);
    }

    /** Passes on the first bytes one by one, at most 24, until Vert.x has recognized the protocol. */
    private static final class FirstBytes extends ChannelInboundHandlerAdapter {

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            if (!(message instanceof ByteBuf bytes)) {
                ctx.fireChannelRead(message);
                return;
            }
            while (bytes.isReadable() && ctx.pipeline().get(Http1xOrH2CHandler.class) != null) {
                ctx.fireChannelRead(bytes.readRetainedSlice(1));
            }
            if (ctx.pipeline().get(Http1xOrH2CHandler.class) == null) {
                if (ctx.pipeline().get(UPGRADER) != null) {
                    ctx.pipeline().addBefore(UPGRADER, null, new FirstRequest());
                }
                ctx.pipeline().remove(this);
            }
            if (bytes.isReadable()) {
                ctx.fireChannelRead(bytes);
            } else {
                bytes.release();
            }
        }
    }

    /** Turns a malformed upgrade into a malformed HTTP/1.1 request, which {@link StrictHttpHandler} then rejects. */
    private static final class FirstRequest extends ChannelInboundHandlerAdapter {

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            if (message instanceof HttpRequest request) {
                if (request.headers().contains(HttpHeaderNames.UPGRADE, PROTOCOL, true)) {
                    check(request);
                }
                ctx.fireChannelRead(request);
                ctx.pipeline().remove(this);
            } else {
                ctx.fireChannelRead(message);
            }
        }

        private static void check(HttpRequest request) {
            if (request.decoderResult().isSuccess()) {
                RequestSyntax.error(request)
                        .or(
                                () -> isComplete(request.headers())
                                        ? Optional.empty()
                                        : Optional.of(
                                                "The upgrade to h2c lacks HTTP2-Settings, or Connection lacks one of Upgrade and HTTP2-Settings."))
                        .map(RequestSyntax::malformed)
                        .ifPresent(request::setDecoderResult);
            }
            if (request.decoderResult().isFailure()) {
                request.headers().remove(HttpHeaderNames.UPGRADE);
            }
        }

        /** Returns whether the upgrade is complete (RFC 7540, 3.2, as Vert.x reads it). */
        private static boolean isComplete(HttpHeaders headers) {
            String connection = headers.get(HttpHeaderNames.CONNECTION, "");
            List<String> options = Arrays.stream(connection.toLowerCase().split(","))
                    .map(String::trim)
                    .toList();
            List<String> settings = headers.getAll(SETTINGS);
            return options.contains("upgrade")
                    && options.contains(SETTINGS)
                    && settings.size() == 1
                    && areSettings(settings.get(0));
        }

        private static boolean areSettings(String text) {
            try {
                return HttpUtils.decodeSettings(text) != null;
            } catch (RuntimeException e) {
                return false;
            }
        }
    }
}
