package dev.crier.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.vertx.core.http.HttpConnection;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * One connection, as its event loop knows it. Over HTTP/1 it is also a handler in the pipeline, until the connection becomes
 * an event stream. There it counts the bytes of request heads, because Netty keeps the parsed part of an incomplete head.
 */
final class Guest extends ChannelInboundHandlerAdapter {

    /** Vert.x's name for the decoder. */
    private static final String DECODER = "httpDecoder";

    final HttpConnection connection;

    /** The responses of an HTTP/2 connection; empty for HTTP/1. */
    final Optional<Http2Answers> answers;

    /** Whether the connection exceeds the limit, so that its request is refused. */
    boolean surplus;

    /** Whether the connection accepts no more requests. */
    boolean leaving;

    /** Whether the connection is being closed. */
    boolean shed;

    /** The number of open requests, over HTTP/1. */
    int requests;

    /** The number of files that are being sent. */
    int downloads;

    private final ConnectionLimit limit;
    private final Consumer<Guest> headCame;
    private final Progress socket = new Progress();
    private long socketStalledNanos;
    private long headBytes;

    /** The bytes that the decoder is reading. */
    private ByteBuf arriving;

    /** Whether a body is being received. {@link Body} counts its bytes. */
    private boolean body;

    /**
     * @param active called when the first stream is opened, over HTTP/2
     * @param idle called when the last stream is closed, over HTTP/2
     * @param headCame called when a part of a head has arrived, over HTTP/1
     */
    Guest(
            HttpConnection connection,
            ConnectionLimit limit,
            Consumer<Guest> active,
            Consumer<Guest> idle,
            Consumer<Guest> headCame) {
        this.connection = connection;
        this.limit = limit;
        this.headCame = headCame;
        answers = Wire.http2(connection)
                .map(place -> new Http2Answers(place, () -> active.accept(this), () -> idle.accept(this)));
        if (answers.isEmpty()) {
            Wire.channel(connection)
                    .filter(channel -> channel.pipeline().get(DECODER) != null)
                    .ifPresent(channel -> channel.pipeline().addBefore(DECODER, null, this));
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (!body && message instanceof ByteBuf bytes) {
            arriving = bytes;
            headBytes += bytes.readableBytes();
            limit.head(bytes.readableBytes());
        }
        context.fireChannelRead(message);
        arriving = null;
        if (headBytes > 0) {
            headCame.accept(this);
        }
    }

    /** Called when a head is complete. Bytes that arrived after it and its body belong to the next head. */
    void headComplete(long bodyBytes) {
        long rest = arriving == null || arriving.refCnt() == 0 ? 0 : arriving.readableBytes();
        forgetHead();
        headBytes = Math.max(0, rest - bodyBytes);
        limit.head(headBytes);
    }

    /** Sets whether a body is being received, whose bytes {@link Body} counts. */
    void receives(boolean body) {
        this.body = body;
    }

    void forgetHead() {
        limit.head(-headBytes);
        headBytes = 0;
    }

    /** Stops counting the bytes of heads, because no request follows an event stream. */
    void becomeStream() {
        forgetHead();
        Wire.channel(connection)
                .filter(channel -> channel.pipeline().context(this) != null)
                .ifPresent(channel -> channel.pipeline().remove(this));
    }

    /**
     * Ends the responses over HTTP/2 of which the client has taken nothing for the timeout.
     *
     * @return whether the connection must be closed, because it takes nothing or has no event streams besides such responses
     */
    boolean watch(long now, long timeoutNanos) {
        boolean ended = answers.map(open -> open.watch(now, timeoutNanos)).orElse(false);
        boolean answering = answers.map(open -> open.count() > 0).orElse(true);
        socketStalledNanos = answering ? socket.stalledNanos(Wire.mark(connection), now) : 0;
        return socketStalledNanos >= timeoutNanos || ended && !hasStreams();
    }

    /** Returns the number of open responses over HTTP/2, except event streams. */
    int http2Answers() {
        return answers.map(Http2Answers::count).orElse(0);
    }

    /** Whether the connection has event streams over HTTP/2. */
    boolean hasStreams() {
        return answers.map(Http2Answers::hasStreams).orElse(false);
    }

    /** Returns how long the client had taken nothing of a response at the last check. */
    long stalledNanos() {
        return Math.max(
                socketStalledNanos, answers.map(Http2Answers::longestStallNanos).orElse(0L));
    }
}
