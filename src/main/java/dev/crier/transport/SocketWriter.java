package dev.crier.transport;

import dev.crier.fanout.StreamWriter;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelOutboundHandler;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.ChannelOutputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.channel.unix.Socket;
import io.netty.channel.unix.UnixChannel;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.impl.ConnectionBase;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * The link of a stream that has a connection for itself, as with HTTP/1.1. What is written has been encoded once for all
 * readers. If nothing waits before it, it goes to the socket at once, which costs no more than the system call; else, and
 * what the socket does not take, through a place of its own in the connection's pipeline, behind the encoder of HTTP.
 *
 * <p>It also knows what Vert.x does not tell: how much waits in the connection. And it ends one at once, where Vert.x
 * flushes first and would wait for ever for a reader that takes nothing.
 *
 * <p>It knows a connection from inside. Where it does not find what it expects, there is no such link.
 */
final class SocketWriter extends ChannelInboundHandlerAdapter implements StreamWriter {

    /** The name that Vert.x gives the encoder. */
    private static final String ENCODER = "httpEncoder";

    /** The name that Vert.x gives the decoder. */
    private static final String DECODER = "httpDecoder";

    /** What would have to see the bytes as well. */
    private static final String COMPRESSOR = "deflater";

    /** How much goes past the pipeline up to a flush: a reader that is far behind is to leave the event loop to others. */
    private static final int MOST_PAST = 16 << 10;

    private final EncodedChunk wireBytes;

    /** Null if not all that is written gets there as it is: an Optional would be one more place in memory a reader. */
    private final Socket socket;

    /** Null if the connection holds the shared bytes themselves. With TLS, for example, it holds an encrypted copy. */
    private final QueuedBytes unshared;

    /** How many bytes of this connection {@link #unshared} has counted. */
    private long counted;

    private ChannelHandlerContext place;
    private Runnable drained = () -> {};

    /**
     * Nothing waits in the pipeline, so what is written next may go to the socket. At first, the head waits; after it, none
     * but this link writes to the connection.
     */
    private boolean clear;

    /** How much has gone past the pipeline since the last flush. */
    private int past;

    private SocketWriter(EncodedChunk wireBytes, Socket socket, QueuedBytes unshared) {
        this.wireBytes = wireBytes;
        this.socket = socket;
        this.unshared = unshared;
    }

    /**
     * The link of the stream that answers the request, whose head has been written.
     *
     * @param chunks the bytes for HTTP/1.1
     * @param bare the bytes for HTTP/1.0, which has no chunks
     * @param queued counts the bytes that wait
     */
    static Optional<StreamWriter> under(
            HttpServerRequest request, EncodedChunk chunks, EncodedChunk bare, QueuedBytes queued) {
        boolean chunked = request.version() == HttpVersion.HTTP_1_1;
        if ((chunked || request.version() == HttpVersion.HTTP_1_0)
                && request.connection() instanceof ConnectionBase connection) {
            var pipeline = connection.channel().pipeline();
            if (pipeline.get(ENCODER) != null && pipeline.get(COMPRESSOR) == null) {
                boolean shared = goesOutAsItIs(pipeline);
                var link = new SocketWriter(
                        chunked ? chunks : bare, shared ? socket(pipeline.channel()) : null, shared ? null : queued);
                pipeline.addBefore(ENCODER, null, link);
                removeReaders(pipeline);
                return Optional.of(link);
            }
        }
        return Optional.empty();
    }

    /**
     * Removes the handlers that only read requests, which take half a kilobyte of each idle subscriber. No request follows that
     * of a stream, because the stream's end is that of the connection.
     */
    private static void removeReaders(ChannelPipeline pipeline) {
        if (pipeline.get(StrictHttpHandler.class) != null) {
            pipeline.remove(StrictHttpHandler.class);
        }
        if (pipeline.get(DECODER) != null) {
            pipeline.remove(DECODER);
        }
    }

    /** Whether no handler changes what the encoder writes, as TLS does. */
    private static boolean goesOutAsItIs(ChannelPipeline pipeline) {
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

    /** Null without the native transport. */
    private static Socket socket(Channel connection) {
        return connection instanceof UnixChannel channel && channel.fd() instanceof Socket socket ? socket : null;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext place) {
        this.place = place;
        if (place.channel() instanceof DuplexChannel channel && channel.isInputShutdown()) {
            place.executor().execute(this::cut); // later, when the subscriber exists and notices
        }
    }

    @Override
    public void write(Buffer bytes) {
        ByteBuf wire = wireBytes.of(bytes);
        int taken = taken(wire);
        if (taken < wire.readableBytes()) {
            clear = false;
            var rest = wire.retainedSlice(wire.readerIndex() + taken, wire.readableBytes() - taken);
            // by this promise, a write that fails later closes the connection, because the stream would lack bytes
            place.write(rest, place.voidPromise());
            count();
        }
    }

    private void count() {
        if (unshared != null) {
            long now = waiting();
            unshared.addUnshared(now - counted);
            counted = now;
        }
    }

    /**
     * How many of the bytes the socket takes now. Once it is closed, its number may be that of another connection; that it
     * is closed by its event loop alone, holds as long as it does not linger.
     */
    private int taken(ByteBuf wire) {
        past += wire.readableBytes();
        if (socket == null || past > MOST_PAST) {
            return 0;
        }
        clear = clear || waiting() == 0;
        if (!clear || !socket.isOpen()) {
            return 0;
        }
        try {
            return send(wire);
        } catch (IOException e) {
            return 0; // the pipeline meets the same, and ends the connection
        }
    }

    /** As a socket: as a file, the kernel would look at its inode as well. */
    private int send(ByteBuf wire) throws IOException {
        if (wire.hasMemoryAddress()) {
            return socket.sendAddress(wire.memoryAddress(), wire.readerIndex(), wire.writerIndex());
        }
        ByteBuffer memory = wire.internalNioBuffer(wire.readerIndex(), wire.readableBytes());
        return socket.send(memory, memory.position(), memory.limit());
    }

    @Override
    public void flush() {
        past = 0;
        if (!clear) {
            place.flush();
            count();
        }
    }

    @Override
    public boolean isFull() {
        return !clear && !place.channel().isWritable();
    }

    @Override
    public void onDrain(Runnable drained) {
        this.drained = drained;
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext place) {
        place.fireChannelWritabilityChanged();
        count();
        if (place.channel().isWritable()) {
            drained.run();
        }
    }

    /** Drops what the client sends after its request. It is read nevertheless, to see that the client leaves. */
    @Override
    public void channelRead(ChannelHandlerContext place, Object message) {
        if (message instanceof ByteBuf bytes) {
            bytes.release();
        } else {
            place.fireChannelRead(message); // the end of the request that the stream answers
        }
    }

    /** Closes a broken connection, as {@link StrictHttpHandler} does before a stream begins. */
    @Override
    public void exceptionCaught(ChannelHandlerContext place, Throwable failure) {
        if (failure instanceof IOException) {
            cut();
        } else {
            place.fireExceptionCaught(failure);
        }
    }

    /** Ends the stream when the client shuts down its sending side, as a client that leaves does first. */
    @Override
    public void userEventTriggered(ChannelHandlerContext place, Object event) {
        if (event == ChannelInputShutdownEvent.INSTANCE || event == ChannelOutputShutdownEvent.INSTANCE) {
            cut();
        } else {
            place.fireUserEventTriggered(event);
        }
    }

    @Override
    public long waiting() {
        ChannelOutboundBuffer waiting = place.channel().unsafe().outboundBuffer();
        return waiting == null ? 0 : waiting.totalPendingWriteBytes() - waiting.currentProgress();
    }

    /** Not by the response: Vert.x would take up the request behind it, whose answer the connection does not live to see. */
    @Override
    public void end() {
        ChannelFuture ended = place.writeAndFlush(wireBytes.end()).addListener(ChannelFutureListener.CLOSE);
        if (!ended.isDone()) {
            place.executor().schedule(this::cut, StreamWriters.PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    @Override
    public void cut() {
        NettyConnection.cut(place.channel());
    }

    /** Called when the connection is closed. */
    @Override
    public void handlerRemoved(ChannelHandlerContext place) {
        count();
    }
}
