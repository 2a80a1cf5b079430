package dev.crier.transport;

import dev.crier.limit.ConnectionLimit;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * One connection, as its event loop knows it. Over HTTP/1 it is also a handler in the pipeline, until the connection becomes
 * an event stream. There it counts the bytes of request heads, because Netty keeps the parsed part of an incomplete head.
 */
public final class TrackedConnection extends ChannelInboundHandlerAdapter {

    /** Vert.x's name for the decoder. */
    private static final String DECODER = "httpDecoder";

    final HttpConnection connection;

    /** The responses of an HTTP/2 connection; empty for HTTP/1. */
    final Optional<Http2Responses> answers;

    /** Whether the connection exceeds the limit, so that its request is refused. */
    boolean surplus;

    /** Whether the connection accepts no more requests. */
    boolean leaving;

    /** Whether the connection is being closed. */
    boolean shed;

    /** The number of open requests, over HTTP/1. */
    int requests;

    /** The number of files that are being sent. */
    public int downloads;

    /** Requests for files that wait for their turn. */
    public int waitingDownloads;

    private final ConnectionLimit limit;
    private final Consumer<TrackedConnection> headCame;
    private final Progress socket = new Progress();
    private long socketStalledNanos;
    private long headBytes;

    /** The bytes that the decoder is reading. */
    private ByteBuf arriving;

    /** Bytes of the latest request's body that have not arrived yet: they belong to no head. */
    private long bodyBytes;

    /** The length of that body is unknown. */
    private boolean chunked;

    /**
     * @param active called when HTTP/2 has an answer other than an event stream, and had none
     * @param idle called when it has none any more
     * @param headCame called when a part of a head has come, over HTTP/1
     */
    TrackedConnection(
            HttpConnection connection,
            ConnectionLimit limit,
            Consumer<TrackedConnection> active,
            Consumer<TrackedConnection> idle,
            Consumer<TrackedConnection> headCame) {
        this.connection = connection;
        this.limit = limit;
        this.headCame = headCame;
        answers = NettyConnection.http2(connection)
                .map(place -> new Http2Responses(place, () -> active.accept(this), () -> idle.accept(this)));
        if (answers.isEmpty()) {
            NettyConnection.channel(connection)
                    .filter(channel -> channel.pipeline().get(DECODER) != null)
                    .ifPresent(channel -> channel.pipeline().addBefore(DECODER, null, this));
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (message instanceof ByteBuf bytes) {
            arriving = bytes;
            arrive(bytes.readableBytes());
        }
        context.fireChannelRead(message);
        arriving = null;
        if (headBytes > 0) {
            headCame.accept(this);
        }
    }

    /** A head is complete. Bytes that follow its body belong to the next head. */
    void headComplete(HttpServerRequest request) {
        forgetHead();
        chunked = request.headers().contains(HttpHeaders.TRANSFER_ENCODING);
        bodyBytes = chunked ? Long.MAX_VALUE : announcedLength(request);
        arrive(unread());
    }

    /** Returns the length of the body that the head announces; 0 if it announces none. */
    public static long announcedLength(HttpServerRequest request) {
        String length = request.getHeader(HttpHeaders.CONTENT_LENGTH);
        try {
            return length == null ? 0 : Long.parseLong(length);
        } catch (NumberFormatException e) {
            return 0; // the bytes are counted as they arrive
        }
    }

    /** No request is open. A body of unknown length that was not read is counted from now on. */
    void answered() {
        if (chunked) {
            chunked = false;
            bodyBytes = 0;
            arrive(unread());
        }
    }

    /** Counts bytes for the next head, except those of the body that precedes it. */
    private void arrive(int bytes) {
        long ofBody = Math.min(bytes, bodyBytes);
        bodyBytes -= ofBody;
        headBytes += bytes - ofBody;
        limit.head(bytes - ofBody);
    }

    /** Bytes that have arrived, and that the decoder has not read. */
    private int unread() {
        return arriving == null || arriving.refCnt() == 0 ? 0 : arriving.readableBytes();
    }

    /** Whether part of a head has arrived. */
    boolean hasHeadBytes() {
        return headBytes > 0;
    }

    void forgetHead() {
        limit.head(-headBytes);
        headBytes = 0;
    }

    /** A request is being answered, and none was: no time without one counts as a stall. */
    void begin() {
        socket.restart();
        socketStalledNanos = 0;
    }

    /** An event stream keeps no head, and none follows. */
    void becomeStream() {
        forgetHead();
        NettyConnection.channel(connection)
                .filter(channel -> channel.pipeline().context(this) != null)
                .ifPresent(channel -> channel.pipeline().remove(this));
    }

    /**
     * Ends the answers of HTTP/2 of which the client has taken nearly nothing for so long.
     *
     * @return whether the connection must be closed, because it takes nothing or has nothing left
     */
    boolean watch(long now, long timeoutNanos) {
        boolean ended = answers.map(open -> open.watch(now, timeoutNanos)).orElse(false);
        // any change is more than a kilobyte: the kernel waits until a third of the socket's buffer is free
        socketStalledNanos = socket.stalledNanos(NettyConnection.mark(connection), 1, now);
        return socketStalledNanos >= timeoutNanos || ended && http2Answers() == 0 && !hasStreams();
    }

    /** Returns the number of open responses over HTTP/2, except event streams. */
    int http2Answers() {
        return answers.map(Http2Responses::count).orElse(0);
    }

    /** Whether the connection has event streams over HTTP/2. */
    boolean hasStreams() {
        return answers.map(Http2Responses::hasStreams).orElse(false);
    }

    /** Returns the responses over HTTP/2 that had made no progress for this long at the last check. */
    Stream<Http2Responses.Answer> stalledAnswers(long nanos) {
        return answers.stream().flatMap(open -> open.stalled(nanos));
    }

    /** Returns how long the socket had taken nothing at the last check. */
    long socketStalledNanos() {
        return socketStalledNanos;
    }
}
