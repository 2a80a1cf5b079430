package dev.crier.transport;

import dev.crier.limit.ByteLimit;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerRequest;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** One connection: its open requests and downloads, and whether its client takes what is sent to it. */
public final class TrackedConnection {

    final HttpConnection connection;

    /** The responses of an HTTP/2 connection; empty for HTTP/1. */
    final Optional<Http2Responses> http2;

    /** Whether the connection exceeded the limit when it was opened and has not been admitted since. */
    boolean exceedsLimit;

    /** Whether a GOAWAY frame has been sent, after which the client sends no more requests. */
    boolean goingAway;

    boolean aborted;

    /** The number of open requests, over HTTP/1. */
    int openRequests;

    /** The number of files that are being sent. */
    public int downloads;

    /** The number of requests for files that wait for their turn. */
    public int waitingDownloads;

    /** Null for HTTP/2, and for an event stream, after which no request follows. */
    private HeadBytes heads;

    private final Progress socket = new Progress();
    private long socketStalledNanos;

    /**
     * @param heads the limit of the bytes of all request heads
     * @param active called when HTTP/2 has a first response other than an event stream
     * @param idle called when HTTP/2 has no such response any more
     * @param headIncomplete called when part of a head has arrived, over HTTP/1
     */
    TrackedConnection(
            HttpConnection connection,
            ByteLimit heads,
            Consumer<TrackedConnection> active,
            Consumer<TrackedConnection> idle,
            Consumer<TrackedConnection> headIncomplete) {
        this.connection = connection;
        http2 = NettyConnection.http2(connection)
                .map(context -> new Http2Responses(context, () -> active.accept(this), () -> idle.accept(this)));
        if (http2.isEmpty()) {
            this.heads = NettyConnection.channel(connection)
                    .map(channel -> HeadBytes.of(channel, heads, () -> headIncomplete.accept(this)))
                    .orElse(null);
        }
    }

    /** Returns whether part of a request head has arrived. */
    boolean hasHeadBytes() {
        return heads != null && heads.hasBytes();
    }

    /** Begins to count the next head. Called when a request has arrived over HTTP/1. */
    void headComplete(HttpServerRequest request) {
        if (heads != null) {
            heads.headComplete(request);
        }
    }

    /** Called when no request is open over HTTP/1. */
    void requestsEnded() {
        if (heads != null) {
            heads.requestEnded();
        }
    }

    /** Called when the connection is closed. */
    void forgetHead() {
        if (heads != null) {
            heads.forget();
        }
    }

    /** Stops counting heads, because none follows an event stream over HTTP/1. */
    void eventStreamBegan() {
        if (heads != null) {
            heads.forget();
            HeadBytes handler = heads;
            heads = null;
            NettyConnection.channel(connection)
                    .filter(channel -> channel.pipeline().context(handler) != null)
                    .ifPresent(channel -> channel.pipeline().remove(handler));
        }
    }

    /** Restarts the measurement of progress, because the time without an open request is no stall. */
    void resetProgress() {
        socket.reset();
        socketStalledNanos = 0;
    }

    /**
     * Ends the HTTP/2 responses that have made no progress for the timeout.
     *
     * @return whether the connection must be closed, because its socket takes nothing or no response is left
     */
    boolean endStalled(long now, long timeoutNanos) {
        boolean ended =
                http2.map(responses -> responses.endStalled(now, timeoutNanos)).orElse(false);
        // any change is more than a kilobyte, because the kernel waits until a third of the socket's buffer is free
        socketStalledNanos = socket.stalledNanos(NettyConnection.outboundMark(connection), 1, now);
        return socketStalledNanos >= timeoutNanos || ended && http2Responses() == 0 && !hasEventStreams();
    }

    /** Returns the number of open responses over HTTP/2, without event streams. */
    int http2Responses() {
        return http2.map(Http2Responses::open).orElse(0);
    }

    /** Returns whether the connection has event streams over HTTP/2. */
    boolean hasEventStreams() {
        return http2.map(Http2Responses::hasEventStreams).orElse(false);
    }

    /** Returns the responses over HTTP/2 that had made no progress for this long at the last check. */
    Stream<Http2Response> stalledResponses(long nanos) {
        return http2.stream().flatMap(responses -> responses.stalled(nanos));
    }

    /** Returns for how long the socket had taken nothing at the last check. */
    long socketStalledNanos() {
        return socketStalledNanos;
    }

    /** Returns whether the connection has responses or waiting bytes, none of which has made progress for this long. */
    boolean isStalled(long nanos) {
        return !hasEventStreams()
                && (socketStalledNanos >= nanos
                        || http2Responses() > 0 && stalledResponses(nanos).count() == http2Responses());
    }
}
