package dev.crier.http;

import dev.crier.channel.Link;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundBuffer;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.impl.ConnectionBase;
import java.util.Optional;

/**
 * The link of a stream that has a connection for itself, as with HTTP/1.1: a place in the connection's pipeline, behind
 * the encoder of HTTP. What is written there has been encoded once for all readers, and costs no promise.
 *
 * <p>It also knows what Vert.x does not tell: how much waits in the connection. And it ends one at once, where Vert.x
 * flushes first and would wait for ever for a reader that takes nothing.
 *
 * <p>The only class that knows a connection from inside. Where it does not find what it expects, there is no such link.
 */
final class DirectLink extends ChannelInboundHandlerAdapter implements Link {

    /** The name that Vert.x gives the encoder. */
    private static final String ENCODER = "httpEncoder";

    /** What would have to see the bytes as well. */
    private static final String COMPRESSOR = "deflater";

    private final WireBytes wireBytes;
    private final boolean chunked;
    private ChannelHandlerContext place;
    private Runnable drained = () -> {};

    private DirectLink(WireBytes wireBytes, boolean chunked) {
        this.wireBytes = wireBytes;
        this.chunked = chunked;
    }

    /** The link of the stream that answers the request, whose head has been written. */
    static Optional<Link> under(HttpServerRequest request, WireBytes wireBytes) {
        boolean chunked = request.version() == HttpVersion.HTTP_1_1;
        if ((chunked || request.version() == HttpVersion.HTTP_1_0)
                && request.connection() instanceof ConnectionBase connection) {
            var pipeline = connection.channel().pipeline();
            if (pipeline.get(ENCODER) != null && pipeline.get(COMPRESSOR) == null) {
                var link = new DirectLink(wireBytes, chunked);
                pipeline.addBefore(ENCODER, null, link);
                return Optional.of(link);
            }
        }
        return Optional.empty();
    }

    @Override
    public void handlerAdded(ChannelHandlerContext place) {
        this.place = place;
    }

    @Override
    public void write(Buffer bytes) {
        var wire = chunked ? wireBytes.chunk(bytes, place.alloc()) : WireBytes.bare(bytes, place.alloc());
        place.write(wire, place.channel().unsafe().voidPromise());
    }

    @Override
    public void flush() {
        place.flush();
    }

    @Override
    public boolean isFull() {
        return !place.channel().isWritable();
    }

    @Override
    public void onDrain(Runnable drained) {
        this.drained = drained;
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext place) {
        place.fireChannelWritabilityChanged();
        if (place.channel().isWritable()) {
            drained.run();
        }
    }

    @Override
    public long waiting() {
        ChannelOutboundBuffer waiting = place.channel().unsafe().outboundBuffer();
        return waiting == null ? 0 : waiting.totalPendingWriteBytes() - waiting.currentProgress();
    }

    @Override
    public void cut() {
        place.close();
    }
}
