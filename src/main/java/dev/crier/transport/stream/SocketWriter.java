package dev.crier.transport.stream;

import dev.crier.fanout.StreamWriter;
import dev.crier.transport.NettyConnection;
import dev.crier.transport.strict.StrictHttpHandler;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.ChannelOutputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.channel.unix.Socket;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;

/**
 * Writes a stream that has an HTTP/1 connection for itself. Each buffer is encoded once for all subscribers; see {@link
 * EncodedChunk}.
 *
 * <p>While nothing waits in the connection, a write goes directly to the socket and costs one system call. Otherwise, the
 * rest goes through the pipeline, from a handler before the HTTP encoder, which would encode the bytes again. Direct writes
 * begin again when the pipeline has drained, so the order never changes. Netty's output buffer also shows how many bytes wait;
 * Vert.x does not.
 *
 * <p>There is one instance for each subscriber, so fields are few, and nullable instead of optional. Depends on internals of
 * Vert.x and Netty. {@link StreamWriters} checks whether a connection has them.
 *
 * <p>The class is long because both ways to the socket share these fields, and the order of the bytes depends on both.
 */
final class SocketWriter extends ChannelInboundHandlerAdapter implements StreamWriter {

    /** The most bytes that bypass the pipeline before a flush, so that a catch-up does not occupy the event loop for long. */
    private static final int MAX_BYPASS_BYTES = 16 << 10;

    private final EncodedChunk encoder;

    private final Socket socket;
    private final QueuedBytes unshared;

    /** How many waiting bytes of this connection {@link #unshared} has counted. */
    private long counted;

    private ChannelHandlerContext context;
    private Runnable drained = () -> {};

    /**
     * Whether nothing waits in the pipeline, so that the next write may bypass it. False at first, while the head waits. After
     * the head, only this writer writes to the connection.
     */
    private boolean pipelineEmpty;

    /** How many bytes have been offered to the socket since the last flush. */
    private int bypassBytes;

    /**
     * @param encoder encodes for the version of the connection
     * @param socket null if the bytes cannot bypass the pipeline
     * @param unshared null if the shared bytes themselves wait in the connection
     */
    SocketWriter(EncodedChunk encoder, Socket socket, QueuedBytes unshared) {
        this.encoder = encoder;
        this.socket = socket;
        this.unshared = unshared;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        this.context = context;
        if (context.channel() instanceof DuplexChannel channel && channel.isInputShutdown()) {
            context.executor().execute(this::abort); // later, when the subscriber is registered and can be removed
        }
    }

    @Override
    public void write(Buffer bytes) {
        ByteBuf encoded = encoder.of(bytes);
        int sent = sendDirectly(encoded);
        if (sent < encoded.readableBytes()) {
            pipelineEmpty = false;
            var rest = encoded.retainedSlice(encoded.readerIndex() + sent, encoded.readableBytes() - sent);
            // with this promise, a write that fails later closes the connection, because the stream would lack bytes
            context.write(rest, context.voidPromise());
            countUnshared();
        }
    }

    private void countUnshared() {
        if (unshared != null) {
            long now = waitingBytes();
            unshared.addUnshared(now - counted);
            counted = now;
        }
    }

    /**
     * Returns how many of the bytes the socket has taken. Checks that the socket is open, because the file descriptor of a
     * closed socket may belong to another connection. The socket cannot be closed in between, because without SO_LINGER only
     * this event loop closes it.
     */
    private int sendDirectly(ByteBuf encoded) {
        bypassBytes += encoded.readableBytes();
        if (socket == null || bypassBytes > MAX_BYPASS_BYTES) {
            return 0;
        }
        pipelineEmpty = pipelineEmpty || waitingBytes() == 0;
        if (!pipelineEmpty || !socket.isOpen()) {
            return 0;
        }
        try {
            return send(encoded);
        } catch (IOException e) {
            return 0; // the same write fails in the pipeline, which closes the connection
        }
    }

    /** Sends to the descriptor as a socket. For a write to a file, the kernel would also look at the inode. */
    private int send(ByteBuf encoded) throws IOException {
        if (encoded.hasMemoryAddress()) {
            return socket.sendAddress(encoded.memoryAddress(), encoded.readerIndex(), encoded.writerIndex());
        }
        ByteBuffer memory = encoded.internalNioBuffer(encoded.readerIndex(), encoded.readableBytes());
        return socket.send(memory, memory.position(), memory.limit());
    }

    @Override
    public void flush() {
        bypassBytes = 0;
        if (!pipelineEmpty) {
            context.flush();
            countUnshared();
        }
    }

    @Override
    public boolean isFull() {
        return !pipelineEmpty && !context.channel().isWritable();
    }

    @Override
    public void onDrain(Runnable drained) {
        this.drained = drained;
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        context.fireChannelWritabilityChanged();
        countUnshared();
        if (context.channel().isWritable()) {
            drained.run();
        }
    }

    /** Drops the bytes that a client sends after its request. They are read because only a read shows that a client closes. */
    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (message instanceof ByteBuf bytes) {
            bytes.release();
        } else {
            context.fireChannelRead(message); // the end of the request that the stream answers
        }
    }

    /** Closes a broken connection, as {@link StrictHttpHandler} does before a stream begins. */
    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable failure) {
        if (failure instanceof IOException) {
            abort();
        } else {
            context.fireExceptionCaught(failure);
        }
    }

    /** Ends the stream when the client shuts down its sending side, because a client that closes looks the same. */
    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event == ChannelInputShutdownEvent.INSTANCE || event == ChannelOutputShutdownEvent.INSTANCE) {
            abort();
        } else {
            context.fireUserEventTriggered(event);
        }
    }

    @Override
    public long waitingBytes() {
        ChannelOutboundBuffer waiting = context.channel().unsafe().outboundBuffer();
        return waiting == null ? 0 : waiting.totalPendingWriteBytes() - waiting.currentProgress();
    }

    @Override
    public void whenSent(Runnable sent) {
        context.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(done -> {
            if (done.isSuccess()) {
                sent.run();
            }
        });
    }

    /**
     * Does not end the response, because Vert.x would then run a pipelined request, whose response could not be sent before
     * the connection closes.
     */
    @Override
    public void end(boolean goesAway) {
        ChannelFuture ended = context.writeAndFlush(encoder.end()).addListener(ChannelFutureListener.CLOSE);
        if (!ended.isDone()) {
            context.executor().schedule(this::abort, NettyConnection.END_TIMEOUT_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    @Override
    public void abort() {
        NettyConnection.abort(context.channel());
    }

    /** Corrects the count. Called when the connection is closed. */
    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
        countUnshared();
    }
}
