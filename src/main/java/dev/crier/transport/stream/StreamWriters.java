package dev.crier.transport.stream;

import dev.crier.fanout.StreamWriter;
import dev.crier.transport.NettyConnection;
import dev.crier.transport.strict.StrictHttpHandler;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOutboundHandler;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.unix.Socket;
import io.netty.channel.unix.UnixChannel;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Creates the fastest writer that the connection of a stream allows: a {@link SocketWriter} for HTTP/1, and a {@link
 * ResponseWriter} for HTTP/2 or if the pipeline is not as expected. One instance for each event loop.
 */
public final class StreamWriters {

    /** Vert.x's name for the encoder. */
    private static final String ENCODER = "httpEncoder";

    /** Vert.x's name for the decoder. */
    private static final String DECODER = "httpDecoder";

    /** Vert.x's name for the handler of the listener's idle timeout. */
    private static final String IDLE = "idle";

    private static final List<String> REQUEST_HANDLERS = List.of(DECODER, IDLE);

    private final Vertx vertx;
    private final int queueBytes;
    private final Consumer<HttpConnection> goAway;
    private final QueuedBytes queued;
    private final EncodedChunk chunks;
    private final EncodedChunk unchunked;

    /**
     * @param queued counts the bytes that wait in all connections
     * @param queueBytes how many bytes may wait for one stream before its writer is full
     * @param goAway stops accepting requests on an HTTP/2 connection
     */
    public StreamWriters(Vertx vertx, QueuedBytes queued, int queueBytes, Consumer<HttpConnection> goAway) {
        this.vertx = vertx;
        this.queued = queued;
        this.chunks = new EncodedChunk(true, queued);
        this.unchunked = new EncodedChunk(false, queued);
        this.goAway = goAway;
        this.queueBytes = queueBytes;
    }

    /** Returns a writer for the response to the request, whose head has been written and says that it is not compressed. */
    public StreamWriter of(HttpServerRequest request) {
        Optional<EncodedChunk> encoder = encoder(request.version());
        Optional<ChannelPipeline> pipeline = NettyConnection.channel(request.connection())
                .map(Channel::pipeline)
                .filter(handlers -> handlers.get(ENCODER) != null);
        return encoder.isPresent() && pipeline.isPresent()
                ? socketWriter(pipeline.get(), encoder.get())
                : new ResponseWriter(vertx, request, queued, queueBytes, goAway);
    }

    private Optional<EncodedChunk> encoder(HttpVersion version) {
        return switch (version) {
            case HTTP_1_0 -> Optional.of(unchunked);
            case HTTP_1_1 -> Optional.of(chunks);
            default -> Optional.empty();
        };
    }

    /**
     * Adds a writer to the pipeline. Bytes may bypass the pipeline only if no handler changes them. Connections then share the
     * bytes that wait. With TLS, for example, each connection has an encrypted copy instead.
     */
    private SocketWriter socketWriter(ChannelPipeline pipeline, EncodedChunk encoder) {
        var writer = sendsUnchanged(pipeline)
                ? new SocketWriter(encoder, nativeSocket(pipeline.channel()), null)
                : new SocketWriter(encoder, null, queued);
        pipeline.addBefore(ENCODER, null, writer);
        removeRequestHandlers(pipeline);
        return writer;
    }

    /** Returns whether no handler changes the encoder's output, as TLS does. */
    private static boolean sendsUnchanged(ChannelPipeline pipeline) {
        for (var handler : pipeline) {
            if (handler.getKey().equals(ENCODER)) {
                return true;
            }
            if (handler.getValue() instanceof ChannelOutboundHandler) {
                return false;
            }
        }
        return false;
    }

    /** Returns null without the native transport. */
    private static Socket nativeSocket(Channel connection) {
        return connection instanceof UnixChannel channel && channel.fd() instanceof Socket socket ? socket : null;
    }

    /**
     * Removes the handlers that only read requests, which take half a kilobyte of memory for each idle subscriber. No request
     * follows that of a stream, because the connection ends with the stream. Also removes the idle timeout of an application's
     * listener, which sees no byte of the stream; heartbeats and {@code subscriber.stallTimeout} replace it.
     */
    private static void removeRequestHandlers(ChannelPipeline pipeline) {
        if (pipeline.get(StrictHttpHandler.class) != null) {
            pipeline.remove(StrictHttpHandler.class);
        }
        for (String name : REQUEST_HANDLERS) {
            if (pipeline.get(name) != null) {
                pipeline.remove(name);
            }
        }
    }

    /** Releases the encoded bytes that are kept for the next subscriber. They are encoded again when needed. */
    public void release() {
        chunks.release();
        unchunked.release();
    }
}
