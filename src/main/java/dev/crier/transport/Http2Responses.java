package dev.crier.transport;

import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.Http2ConnectionAdapter;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameListenerDecorator;
import io.netty.handler.codec.http2.Http2Stream;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The streams of one HTTP/2 connection. A client decides how much each stream may send (its window), so each is watched by
 * itself. Vert.x calls a response ended once it has all of it, whether or not the client has taken it.
 */
final class Http2Responses extends Http2ConnectionAdapter {

    private final ChannelHandlerContext context;
    private final Http2ConnectionHandler handler;
    private final Runnable active;
    private final Runnable idle;
    private final Map<Integer, Answer> answers = new HashMap<>();

    /** How many of the answers are event streams. */
    private int streams;

    /** Of them, how many have been reset: they are over once the reset is sent. */
    private int resets;

    private boolean unflushed;

    /** One stream. */
    static final class Answer {
        private final Http2Stream stream;
        private final Progress progress = new Progress();
        private HttpServerResponse response;
        private boolean events;
        private boolean reset;
        private boolean holdsFile;
        private Runnable over = () -> {};
        private long stalledNanos;

        /** By how much the client has opened the window of the stream, beyond its initial size. */
        private long opened;

        private Answer(Http2Stream stream) {
            this.stream = stream;
        }

        long stalledNanos() {
            return stalledNanos;
        }

        boolean holdsFile() {
            return holdsFile;
        }

        private boolean isOpen() {
            return !events && !reset;
        }
    }

    /**
     * @param active called when there is an answer other than an event stream, and there was none
     * @param idle called when there is none any more
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
            public void onWindowUpdateRead(ChannelHandlerContext place, int stream, int bytes) throws Http2Exception {
                Answer answer = answers.get(stream);
                if (answer != null) {
                    answer.opened += bytes;
                }
                super.onWindowUpdateRead(place, stream, bytes);
            }
        });
    }

    @Override
    public void onStreamActive(Http2Stream stream) {
        answers.put(stream.id(), new Answer(stream));
        if (answers.size() - streams == 1) {
            active.run();
        }
    }

    @Override
    public void onStreamClosed(Http2Stream stream) {
        Answer answer = answers.remove(stream.id());
        if (answer == null) {
            return;
        }
        streams -= answer.events ? 1 : 0;
        resets -= answer.reset ? 1 : 0;
        answer.over.run();
        noteIdle();
    }

    private void noteIdle() {
        if (answers.size() == streams) {
            idle.run();
        }
    }

    boolean hasStreams() {
        return streams > 0;
    }

    /** Answers that are neither event streams nor reset. */
    int count() {
        return answers.size() - streams - resets;
    }

    private Optional<Answer> of(HttpServerRequest request) {
        return Optional.ofNullable(answers.get((int) request.response().streamId()));
    }

    void admit(HttpServerRequest request) {
        of(request).ifPresent(answer -> answer.response = request.response());
    }

    void becomeStream(HttpServerRequest request) {
        of(request).filter(Answer::isOpen).ifPresent(answer -> {
            answer.events = true;
            streams++;
            noteIdle();
        });
    }

    /** Runs this when the answer to the request, which holds a file, is over; that may be at once. */
    void whenOver(HttpServerRequest request, Runnable over) {
        of(request)
                .ifPresentOrElse(
                        answer -> {
                            answer.holdsFile = true;
                            answer.over = over;
                        },
                        over);
    }

    /**
     * Ends the answers of which the client has taken nearly nothing for so long.
     *
     * @return whether there was such a response
     */
    boolean watch(long now, long timeoutNanos) {
        boolean ended = false;
        for (Answer answer : List.copyOf(answers.values())) {
            if (!answer.isOpen()) {
                continue;
            }
            if (answer.stream.state() == Http2Stream.State.HALF_CLOSED_LOCAL) {
                reset(answer, Http2Error.NO_ERROR); // it is answered; its body is read no further (RFC 9113, 8.1)
            } else {
                answer.stalledNanos = answer.progress.stalledNanos(taken(answer), Progress.MIN_BYTES, now);
                if (answer.stalledNanos >= timeoutNanos) {
                    ended = true;
                    reset(answer, Http2Error.CANCEL);
                }
            }
        }
        flush();
        return ended;
    }

    /** How many bytes of the answer's body have left; {@link NettyConnection#NOTHING} while none waits. */
    private long taken(Answer answer) {
        var flow = handler.encoder().flowController();
        boolean begun = answer.response == null || answer.response.headWritten();
        // bytes that Netty does not take wait in Vert.x
        if (!flow.hasFlowControlled(answer.stream) && (flow.isWritable(answer.stream) || !begun)) {
            return NettyConnection.NOTHING;
        }
        return answer.opened + flow.initialWindowSize() - flow.windowSize(answer.stream);
    }

    /** Open answers of which the client has taken nearly nothing for so long, when it was looked at last. */
    Stream<Answer> stalled(long nanos) {
        return answers.values().stream().filter(answer -> answer.isOpen() && answer.stalledNanos >= nanos);
    }

    /** Ends the answer, unless it is over; the reset is sent by {@link #flush}. */
    void end(Answer answer) {
        reset(answer, Http2Error.CANCEL);
    }

    private void reset(Answer answer, Http2Error why) {
        if (!answer.isOpen() || answers.get(answer.stream.id()) != answer) {
            return; // it is over
        }
        answer.reset = true;
        resets++;
        handler.resetStream(context, answer.stream.id(), why.code(), context.newPromise());
        unflushed = true;
    }

    /** Sends what has been reset: once for many answers. */
    void flush() {
        if (unflushed) {
            unflushed = false;
            context.flush();
        }
    }
}
