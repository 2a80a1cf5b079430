package dev.crier.http;

import dev.crier.auth.Decision;
import dev.crier.config.PublishConf;
import dev.crier.event.ChannelName;
import dev.crier.event.Event;
import dev.crier.http.request.PublishRequest;
import dev.crier.limit.Limits;
import dev.crier.log.EventLog;
import dev.crier.sse.EventParser;
import dev.crier.transport.ConnectionTracker;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongConsumer;

/**
 * One request whose events are stored while its body arrives. Asks for the next part of the body only while few events wait for
 * the log, so the client sends as fast as the log stores.
 *
 * <p>The request ends when its body ends, or earlier: the body is invalid or stalls, the log refuses events, Crier stops, or the
 * client leaves. Events that have arrived by then are stored first, and the response has the number of stored events.
 *
 * <p>The class is long because the reading and the end depend on each other. {@link StreamedAppends} has the appends, and
 * {@link StreamedResponse} the responses.
 */
final class StreamedPublication {

    /** How many events may wait for the log before no more are read. */
    private static final int MAX_WAITING_EVENTS = 1_000;

    /** How many bytes of the body may wait for the log before no more are read. */
    private static final int MAX_WAITING_BYTES = 1 << 20;

    private final RoutingContext ctx;
    private final HttpServerRequest request;
    private final Decision.Granted granted;
    private final EventParser parser;
    private final StreamedAppends appends;
    private final PublishConf conf;
    private final Limits limits;
    private final ConnectionTracker connections;
    private final Consumer<StreamedPublication> ended;
    private final BodyProgress progress;
    private final LongConsumer progressCheck = this::checkProgress;
    private final long begin = System.nanoTime();

    /** The bytes that have arrived. */
    private long arrived;

    /** The bytes that count towards the limit of all bodies. */
    private long reserved;

    /** Whether the parser needs more bytes for its next event, or must not be called any more. */
    private boolean isParserEmpty = true;

    /** Whether the next part of the body has been asked for. */
    private boolean isReading;

    /** Answers the request when the events before its end are stored; null before its end. */
    private Runnable answer;

    /** Answers the request instead if events are dropped because it ends urgently; null if it does not. */
    private Runnable urgentAnswer;

    private boolean isAnswered;
    private boolean isAdvancing;
    private boolean hasChanged;

    /** The number of lines that have ended. */
    private long lines;

    StreamedPublication(
            RoutingContext ctx,
            ChannelName channel,
            Decision.Granted granted,
            PublishRequest publish,
            PublishConf conf,
            EventLog log,
            Limits limits,
            ConnectionTracker connections,
            Consumer<StreamedPublication> ended) {
        this.ctx = ctx;
        this.request = ctx.request();
        this.granted = granted;
        this.parser = publish.parser(conf.maxBytes());
        this.conf = conf;
        this.limits = limits;
        this.connections = connections;
        this.ended = ended;
        this.appends = new StreamedAppends(
                ctx.vertx(),
                channel,
                granted.bearer(),
                publish.key(),
                publish.precondition(),
                log,
                limits,
                this::advance,
                this::refused);
        this.progress = new BodyProgress(conf.idleTimeout(), BodyProgress.MIN_BYTES);
    }

    /** Asks for the body and begins to read it. */
    void begin() {
        ctx.addEndHandler(over -> left());
        connections.addBodyCheck(progressCheck);
        if (request.isEnded()) {
            bodyEnded();
            return;
        }
        request.pause();
        request.handler(this::received);
        request.endHandler(end -> bodyEnded());
        request.exceptionHandler(broken -> end(() -> RequestBody.broken(ctx)));
        ExpectContinue.askForBody(ctx);
        advance();
    }

    private void received(Buffer part) {
        if (answer != null) {
            return;
        }
        request.pause(); // one part at a time, even if another handler has resumed the request
        isReading = false;
        parser.feed(part.getBytes());
        isParserEmpty = false;
        arrived += part.length();
        progress.arrived(part.length());
        advance();
    }

    private void bodyEnded() {
        if (answer == null) {
            parser.end();
            isParserEmpty = false;
            end(() -> StreamedResponse.bodyEnded(ctx, appends.stored()));
        }
    }

    /** Ends the request, unless it has ended before. Events that have arrived are stored first. */
    private void end(Runnable answer) {
        if (this.answer == null) {
            this.answer = answer;
            advance();
        }
    }

    /** Ends the request at once, except for what can be stored without waiting for the rate of the token. */
    private void endUrgently(Runnable answer) {
        urgentAnswer = answer;
        appends.hurry();
        if (this.answer == null) {
            this.answer = answer;
        }
        advance();
    }

    /** Ends the request because Crier stops. */
    void stop() {
        endUrgently(() -> StreamedResponse.stopping(ctx));
    }

    /** Called when the request is answered, its client has left, or its body is malformed. */
    private void left() {
        if (!isAnswered) {
            endUrgently(() -> RequestBody.broken(ctx));
        }
    }

    /** Parses, stores, answers and reads on, as far as possible. A step may cause another one in the same call. */
    private void advance() {
        if (isAdvancing) {
            hasChanged = true;
            return;
        }
        isAdvancing = true;
        try {
            do {
                hasChanged = false;
                step();
            } while (hasChanged && !isAnswered);
        } finally {
            isAdvancing = false;
        }
    }

    private void step() {
        if (isAnswered) {
            return;
        }
        parse();
        if (!appends.store(arrived - parser.heldBytes())) {
            isParserEmpty = true; // drops what has not been parsed, too
            answer = urgentAnswer;
        }
        if (appends.waiting() == 0 && isParserEmpty && answer != null) {
            answer();
            return;
        }
        reserve();
        if (answer == null && isParserEmpty && !isReading && hasRoom()) {
            read();
        }
    }

    private void parse() {
        while (!isParserEmpty && hasRoom()) {
            try {
                Optional<Event> event = parser.next();
                isParserEmpty = event.isEmpty();
                event.ifPresent(appends::add);
            } catch (EventParser.TooLargeException e) {
                fault(() -> StreamedResponse.tooLarge(ctx, conf.maxBytes()));
            } catch (IllegalArgumentException e) {
                fault(() -> StreamedResponse.invalid(ctx, e.getMessage()));
            }
        }
        if (parser.lines() > lines) {
            lines = parser.lines();
            progress.lineEnded();
        }
    }

    /** Ends the request at a fault of the body, even if it was about to end for another reason. */
    private void fault(Runnable answer) {
        isParserEmpty = true;
        this.answer = answer;
    }

    /** Ends the request because the log has refused events. Those after them are dropped. */
    private void refused(Throwable failure) {
        fault(() -> StreamedResponse.refused(ctx, failure, appends.stored().count()));
    }

    /** Returns whether few events wait for the log. If all bodies take too much memory, one event is enough. */
    private boolean hasRoom() {
        int events = appends.waiting();
        return events == 0
                || events < MAX_WAITING_EVENTS
                        && arrived - appends.settled() - parser.heldBytes() < MAX_WAITING_BYTES
                        && !limits.bodies().isExceeded();
    }

    private void reserve() {
        long more = arrived - appends.settled() - reserved;
        reserved += more;
        limits.bodies().add(more);
        boolean waits = appends.waiting() > 0; // if so, memory becomes free without a further part
        if (more > 0 && !waits && answer == null && limits.bodies().isExceeded()) {
            answer = () -> StreamedResponse.noMemory(ctx);
            hasChanged = true;
        }
    }

    private void read() {
        isReading = true;
        request.fetch(1);
    }

    /** Called regularly. The time in which nothing is read does not count. */
    private void checkProgress(long nowNanos) {
        if (TimeUnit.NANOSECONDS.toMillis(nowNanos - begin)
                >= granted.validity().toMillis()) {
            end(() -> StreamedResponse.expired(ctx));
        }
        if (!isReading) {
            progress.restart(nowNanos);
        } else if (progress.isTooSlow(nowNanos)) {
            end(() -> RequestBody.tooSlow(ctx));
        }
    }

    private void answer() {
        isAnswered = true;
        ended.accept(this);
        connections.removeBodyCheck(progressCheck);
        limits.bodies().add(-reserved);
        request.handler(null).endHandler(null); // they refer to the parser
        request.exceptionHandler(reset -> {}); // without one, Vert.x would log an error
        if (!ctx.response().closed()) {
            Problem.count(ctx, appends.stored().count());
            answer.run();
        }
        if (!request.isEnded()) {
            request.resume(); // drops the rest of the body
        }
    }
}
