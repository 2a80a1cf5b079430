package dev.crier.http;

import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.Http2ConnectionAdapter;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Stream;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * The streams of one HTTP/2 connection. A client decides how much each stream may send (its window), so each is watched by
 * itself. Vert.x calls a response ended once it has all of it, whether or not the client has taken it.
 */
final class Http2Answers extends Http2ConnectionAdapter {

    private final ChannelHandlerContext context;
    private final Http2ConnectionHandler handler;
    private final Runnable active;
    private final Runnable idle;
    private final Map<Integer, Answer> answers = new HashMap<>();

    /** How many of the answers are event streams. */
    private int streams;

    /** One stream. */
    static final class Answer {
        private final Http2Stream stream;
        private final Progress progress = new Progress();
        private HttpServerResponse response;
        private boolean events;
        private Runnable over = () -> {};
        private long stalledNanos;

        private Answer(Http2Stream stream) {
            this.stream = stream;
        }
    }

    /**
     * @param active called when the first stream is opened
     * @param idle called when the last stream is closed
     */
    Http2Answers(ChannelHandlerContext context, Runnable active, Runnable idle) {
        this.context = context;
        this.handler = (Http2ConnectionHandler) context.handler();
        this.active = active;
        this.idle = idle;
        handler.connection().addListener(this);
    }

    @Override
    public void onStreamActive(Http2Stream stream) {
        answers.put(stream.id(), new Answer(stream));
        if (answers.size() == 1) {
            active.run();
        }
    }

    @Override
    public void onStreamClosed(Http2Stream stream) {
        Answer answer = answers.remove(stream.id());
        if (answer == null) {
            return;
        }
        if (answer.events) {
            streams--;
        }
        answer.over.run();
        if (answers.isEmpty()) {
            idle.run();
        }
    }

    boolean hasStreams() {
        return streams > 0;
    }

    /** Returns the number of streams that are not event streams. */
    int count() {
        return answers.size() - streams;
    }

    private Optional<Answer> of(HttpServerRequest request) {
        return Optional.ofNullable(answers.get((int) request.response().streamId()));
    }

    void admit(HttpServerRequest request) {
        of(request).ifPresent(answer -> answer.response = request.response());
    }

    void becomeStream(HttpServerRequest request) {
        of(request).filter(answer -> !answer.events).ifPresent(answer -> {
            answer.events = true;
            streams++;
        });
    }

    /** Runs this when the response to the request is over, which may be at once. */
    void whenOver(HttpServerRequest request, Runnable over) {
        of(request).ifPresentOrElse(answer -> answer.over = over, over);
    }

    /**
     * Ends the responses of which the client has taken nothing for the timeout.
     *
     * @return whether there was such a response
     */
    boolean watch(long now, long timeoutNanos) {
        boolean ended = false;
        for (Answer answer : List.copyOf(answers.values())) {
            if (answer.stream.state() == Http2Stream.State.HALF_CLOSED_LOCAL) {
                reset(
                        answer,
                        Http2Error.NO_ERROR); // the response is complete, so the body is not read on (RFC 9113, 8.1)
            } else if (!answer.events) {
                answer.stalledNanos = answer.progress.stalledNanos(mark(answer), now);
                if (answer.stalledNanos >= timeoutNanos) {
                    ended = true;
                    reset(answer, Http2Error.CANCEL);
                }
            }
        }
        return ended;
    }

    private long mark(Answer answer) {
        var flow = handler.encoder().flowController();
        boolean begun = answer.response == null || answer.response.headWritten();
        // Vert.x keeps what Netty does not accept
        if (!flow.hasFlowControlled(answer.stream) && (flow.isWritable(answer.stream) || !begun)) {
            return Wire.NOTHING;
        }
        long written = answer.response == null ? 0 : answer.response.bytesWritten();
        return Objects.hash(
                        flow.windowSize(answer.stream),
                        flow.windowSize(handler.connection().connectionStream()),
                        written)
                & Long.MAX_VALUE;
    }

    /** Returns how many nanoseconds the slowest response had waited for the client at the last check. */
    long longestStallNanos() {
        return slowest().map(answer -> answer.stalledNanos).orElse(0L);
    }

    /** Ends the response that has waited longest for the client. */
    void endSlowest() {
        slowest().ifPresent(answer -> reset(answer, Http2Error.CANCEL));
    }

    private Optional<Answer> slowest() {
        return answers.values().stream()
                .filter(answer -> !answer.events)
                .max(Comparator.comparingLong(answer -> answer.stalledNanos));
    }

    /** Ends a request without a response. The client may send it again (RFC 9113, 8.7). */
    void refuse(HttpServerRequest request) {
        of(request).ifPresent(answer -> reset(answer, Http2Error.REFUSED_STREAM));
    }

    private void reset(Answer answer, Http2Error why) {
        handler.resetStream(context, answer.stream.id(), why.code(), context.newPromise());
        context.flush();
    }
}
