package dev.crier.http;

import dev.crier.channel.Link;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOutboundBuffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.impl.ConnectionBase;

/**
 * The connection under a stream. Vert.x does not tell how much waits in one, and flushes before it closes one, so that it
 * would wait for ever for a reader that takes nothing. The only class that knows a connection from inside; where it is
 * not as expected, or other streams share it, it does with what Vert.x has.
 */
record ConnectionLink(HttpServerRequest request) implements Link {

    @Override
    public long waiting() {
        if (isAlone() && request.connection() instanceof ConnectionBase base) {
            Channel channel = base.channelHandlerContext().channel();
            ChannelOutboundBuffer waiting = channel.unsafe().outboundBuffer();
            return waiting == null ? 0 : waiting.totalPendingWriteBytes() - waiting.currentProgress();
        }
        return request.response().writeQueueFull() ? 1 : 0;
    }

    @Override
    public void cut() {
        if (isAlone() && request.connection() instanceof ConnectionBase base) {
            base.channelHandlerContext().close();
        } else {
            request.response().reset();
        }
    }

    private boolean isAlone() {
        return request.version() == HttpVersion.HTTP_1_1 || request.version() == HttpVersion.HTTP_1_0;
    }
}
