package dev.crier.transport;

import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.Http2ConnectionAdapter;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameListenerDecorator;
import io.netty.handler.codec.http2.Http2Stream;
import io.vertx.core.http.HttpServerRequest;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The responses of one HTTP/2 connection. Each is watched separately, because the client opens the window of each stream
 * separately. Vert.x reports a response as ended once it has all bytes, whether or not the client has taken them.
 */
final class Http2Responses extends Http2ConnectionAdapter {

    private final ChannelHandlerContext context;
    private final Http2ConnectionHandler handler;
    private final Runnable active;
    private final Runnable idle;
    private final Map<Integer, Http2Response> responses = new HashMap<>();

    /** How many of the responses are event streams. */
    private int eventStreams;

    /** How many of the other responses have been reset. They stay until the reset is sent. */
    private int resets;

    private boolean unflushed;

    /**
     * @param active called when the first response opens that is not an event stream
     * @param idle called, perhaps repeatedly, when no such response is left
     */
    Http2Responses(ChannelHandlerContext context, Runnable active, Runnable idle) {
        this.context = context;
        this.handler = (Http2ConnectionHandler) context.handler();
        this.active = active;
        this.idle = idle;
        handler.connection().addListener(this);
        var decoder = handler.decoder();
        decoder.frameListener(new Http2FrameListenerDecorator(decoder.frameListener()) {
            @Override
            public void onWindowUpdateRead(ChannelHandlerContext context, int stream, int bytes) throws Http2Exception {
                Http2Response response = responses.get(stream);
                if (response != null) {
                    response.windowOpened(bytes);
                }
                super.onWindowUpdateRead(context, stream, bytes);
            }
        });
    }

    @Override
    public void onStreamActive(Http2Stream stream) {
        responses.put(stream.id(), new Http2Response(stream));
        if (responses.size() - eventStreams == 1) {
            active.run();
        }
    }

    @Override
    public void onStreamClosed(Http2Stream stream) {
        Http2Response response = responses.remove(stream.id());
        if (response == null) {
            return;
        }
        eventStreams -= response.isEventStream ? 1 : 0;
        resets -= response.isReset ? 1 : 0;
        response.onEnd.run();
        reportIdle();
    }

    private void reportIdle() {
        if (responses.size() == eventStreams) {
            idle.run();
        }
    }

    boolean hasEventStreams() {
        return eventStreams > 0;
    }

    /** Returns the number of open responses, without event streams and reset ones. */
    int open() {
        return responses.size() - eventStreams - resets;
    }

    private Optional<Http2Response> of(HttpServerRequest request) {
        return Optional.ofNullable(responses.get((int) request.response().streamId()));
    }

    void admit(HttpServerRequest request) {
        of(request).ifPresent(response -> response.response = request.response());
    }

    /** Stops watching the response to the request, because it is an event stream. */
    void eventStreamBegan(HttpServerRequest request) {
        of(request).filter(Http2Response::isOpen).ifPresent(response -> {
            response.isEventStream = true;
            eventStreams++;
            reportIdle();
        });
    }

    /** Marks the response as sending a file, and runs the action when it ends, or at once if it has ended already. */
    void onFileSent(HttpServerRequest request, Runnable action) {
        of(request)
                .ifPresentOrElse(
                        response -> {
                            response.hasFile = true;
                            response.onEnd = action;
                        },
                        action);
    }

    /**
     * Resets the responses that have made no progress for the timeout. Also resets each stream whose response is complete but
     * whose request body is not, without waiting.
     *
     * @return whether a response was reset because it made no progress
     */
    boolean endStalled(long now, long timeoutNanos) {
        boolean ended = false;
        for (Http2Response response : List.copyOf(responses.values())) {
            if (!response.isOpen()) {
                continue;
            }
            if (response.stream.state() == Http2Stream.State.HALF_CLOSED_LOCAL) {
                reset(response, Http2Error.NO_ERROR); // answered; the rest of its body is not read (RFC 9113, 8.1)
            } else {
                response.checkProgress(handler.encoder().flowController(), now);
                if (response.stalledNanos() >= timeoutNanos) {
                    ended = true;
                    reset(response, Http2Error.CANCEL);
                }
            }
        }
        flush();
        return ended;
    }

    /** Returns the open responses that had made no progress for this long at the last check. */
    Stream<Http2Response> stalled(long nanos) {
        return responses.values().stream().filter(response -> response.isOpen() && response.stalledNanos() >= nanos);
    }

    /** Resets the response, unless it has ended. {@link #flush} sends the reset. */
    void end(Http2Response response) {
        reset(response, Http2Error.CANCEL);
    }

    private void reset(Http2Response response, Http2Error error) {
        if (!response.isOpen() || responses.get(response.stream.id()) != response) {
            return;
        }
        response.isReset = true;
        resets++;
        handler.resetStream(context, response.stream.id(), error.code(), context.newPromise());
        unflushed = true;
    }

    /** Sends all resets since the last flush with one system call. */
    void flush() {
        if (unflushed) {
            unflushed = false;
            context.flush();
        }
    }
}
