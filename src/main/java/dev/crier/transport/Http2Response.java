package dev.crier.transport;

import io.netty.handler.codec.http2.Http2RemoteFlowController;
import io.netty.handler.codec.http2.Http2Stream;
import io.vertx.core.http.HttpServerResponse;

/** The response on one HTTP/2 stream, which the client takes as fast as it opens the stream's window. */
final class Http2Response {

    final Http2Stream stream;

    /** Null until the request has been admitted. */
    HttpServerResponse response;

    boolean isEventStream;
    boolean isReset;

    /** Whether a file is open for the response. */
    boolean hasFile;

    /** Called when the stream is closed. */
    Runnable onEnd = () -> {};

    private final Progress progress = new Progress();
    private long stalledNanos;

    /** The bytes by which the client has opened the stream's window beyond its initial size. */
    private long windowUpdates;

    Http2Response(Http2Stream stream) {
        this.stream = stream;
    }

    void windowOpened(int bytes) {
        windowUpdates += bytes;
    }

    /** Returns whether the stream carries a response other than an event stream, and is not reset. */
    boolean isOpen() {
        return !isEventStream && !isReset;
    }

    /** Measures for how long the client has taken nearly nothing. */
    void checkProgress(Http2RemoteFlowController flow, long now) {
        stalledNanos = progress.stalledNanos(sentBytes(flow), Progress.MIN_BYTES, now);
    }

    /** Returns for how long the client had taken nearly nothing at the last check. */
    long stalledNanos() {
        return stalledNanos;
    }

    /** Returns how many bytes of the body have been sent; {@link Progress#NOTHING_WAITS} while none wait. */
    private long sentBytes(Http2RemoteFlowController flow) {
        boolean begun = response == null || response.headWritten();
        // bytes for which Netty has no room wait in Vert.x
        if (!flow.hasFlowControlled(stream) && (flow.isWritable(stream) || !begun)) {
            return Progress.NOTHING_WAITS;
        }
        return windowUpdates + flow.initialWindowSize() - flow.windowSize(stream);
    }
}
