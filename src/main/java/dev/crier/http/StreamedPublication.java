package dev.crier.http;

import dev.crier.auth.Decision;
import dev.crier.config.PublishConf;
import dev.crier.event.ChannelName;
import dev.crier.event.EndReason;
import dev.crier.event.Entry;
import dev.crier.event.Event;
import dev.crier.event.Precondition;
import dev.crier.event.PublishException;
import dev.crier.http.request.PublishRequest;
import dev.crier.limit.Limits;
import dev.crier.log.EventLog;
import dev.crier.sse.EventParser;
import dev.crier.transport.strict.StrictHttpHandler;
import io.vertx.core.Context;
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
 * <p>The class is long because the reading and the end depend on each other. {@link StreamedAppends} has the appends, {@link
 * ReadAhead} the limits of what waits for them, and {@link StreamedResponse} the responses.
 */
final class StreamedPublication {

    private final RoutingContext ctx;
    private final HttpServerRequest request;
    private final Decision.Granted granted;
    private final EventParser parser;
    private final StreamedAppends appends;
    private final ReadAhead readAhead;
    private final PublishConf conf;
    private final BodyChecks bodies;
    private final Consumer<StreamedPublication> ended;
    private final Consumer<Precondition> producerGone;
    private final boolean endsChannel;
    private final BodyProgress progress;
    private final LongConsumer progressCheck = this::checkProgress;
    private final Runnable clientLeft;
    private final Runnable tooSlow;
    private final long begin = System.nanoTime();

    /** Whether the parser needs more bytes for its next event, or must not be called any more. */
    private boolean isParserEmpty = true;

    /** Whether the channel ends after the events that have not been parsed. */
    private boolean isEndDue;

    /** Whether the next part of the body has been asked for. */
    private boolean isReading;

    /** Answers the request when the events before its end are stored; null before its end. */
    private Runnable answer;

    /** Answers the request instead if events are dropped because it ends urgently; null if it does not. */
    private Runnable urgentAnswer;

    /** Closes the connection of a malformed HTTP/1.x body; null if the body is not malformed. */
    private Runnable closeMalformed;

    private boolean isAnswered;
    private boolean isAdvancing;
    private boolean hasChanged;

    /**
     * @param ended called when the request is answered or its client has left
     * @param producerGone called when what has arrived is stored, if the client has left or fallen silent before the end of the
     *     body. The precondition is that nobody else has published since
     */
    StreamedPublication(
            RoutingContext ctx,
            ChannelName channel,
            Decision.Granted granted,
            PublishRequest publish,
            PublishConf conf,
            EventLog log,
            Limits limits,
            BodyChecks bodies,
            Consumer<StreamedPublication> ended,
            Consumer<Precondition> producerGone) {
        this.ctx = ctx;
        this.request = ctx.request();
        this.granted = granted;
        this.parser = publish.parser(conf.maxBytes());
        this.conf = conf;
        this.bodies = bodies;
        this.ended = ended;
        this.producerGone = producerGone;
        this.endsChannel = publish.ends();
        this.clientLeft = () -> RequestBody.broken(ctx);
        this.tooSlow = () -> RequestBody.tooSlow(ctx);
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
        this.readAhead = new ReadAhead(parser, appends, limits.bodies());
        this.progress = new BodyProgress(conf.idleTimeout(), BodyProgress.MIN_BYTES);
    }

    /** Asks for the body and begins to read it. */
    void begin() {
        ctx.addEndHandler(over -> left(over.cause()));
        bodies.add(progressCheck);
        Optional<Buffer> earlier = EarlierBody.of(ctx);
        if (earlier.isPresent()) {
            feed(earlier.get());
            bodyEnded();
            return;
        }
        request.pause();
        request.handler(this::received);
        request.endHandler(end -> bodyEnded());
        request.exceptionHandler(failure -> end(broken(failure)));
        Context context = ctx.vertx().getOrCreateContext();
        StrictHttpHandler.onMalformedBody(
                request.connection(), close -> context.runOnContext(turn -> malformed(close)));
        ExpectContinue.askForBody(ctx);
        advance();
    }

    private void received(Buffer part) {
        if (answer != null) {
            return;
        }
        request.pause(); // one part at a time, even if another handler has resumed the request
        isReading = false;
        feed(part);
        progress.arrived(part.length());
        advance();
    }

    private void feed(Buffer part) {
        parser.feed(part.getBytes());
        isParserEmpty = false;
        readAhead.arrived(part.length());
    }

    private void bodyEnded() {
        if (answer == null) {
            parser.end();
            isParserEmpty = false;
            isEndDue = endsChannel;
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
        urgentAnswer = urgentAnswer == null ? answer : urgentAnswer;
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
    private void left(Throwable failure) {
        if (!isAnswered) {
            endUrgently(broken(failure));
        }
    }

    private void malformed(Runnable close) {
        closeMalformed = close;
        if (isAnswered) {
            close.run();
        } else {
            end(() -> RequestBody.broken(ctx));
        }
    }

    private Runnable broken(Throwable failure) {
        boolean isClosed = ctx.response().closed();
        return isClosed || RequestBody.hasLeft(failure) ? clientLeft : () -> RequestBody.broken(ctx);
    }

    /** Ends the request at once, unless the channel may have ended with this body. The log then decides at the next append. */
    void channelEnded(Entry end) {
        if (!isAnswered && !(endsChannel && appends.mayHaveEnded(end))) {
            appends.drop(PublishException.ended(end.id()));
            advance();
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
        if (!appends.store(readAhead.parsed())) {
            fault(urgentAnswer); // drops what has not been parsed, too
        }
        if (appends.waiting() == 0 && isParserEmpty && answer != null) {
            answer();
            return;
        }
        if (!readAhead.reserve() && answer == null) {
            answer = () -> StreamedResponse.noMemory(ctx);
            hasChanged = true;
        }
        if (answer == null && isParserEmpty && !isReading && readAhead.hasRoom()) {
            read();
        }
    }

    private void parse() {
        while (!isParserEmpty && readAhead.hasRoom()) {
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
        if (isParserEmpty && isEndDue) {
            isEndDue = false;
            appends.add(Event.end(EndReason.ENDED));
        }
        progress.linesEnded(parser.lines());
    }

    /** Ends the request at a fault of the body, even if it was about to end for another reason. */
    private void fault(Runnable answer) {
        isParserEmpty = true;
        isEndDue = false;
        this.answer = answer;
    }

    /**
     * Ends the request because the log has refused events. Those after them are dropped. If the client has left, the log may
     * still store the end of the channel later.
     */
    private void refused(Throwable failure) {
        boolean isGone = answer == clientLeft && ProducersGone.isTemporary(failure);
        fault(
                isGone
                        ? clientLeft
                        : () -> StreamedResponse.refused(
                                ctx, failure, appends.stored().count()));
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
            end(tooSlow);
        }
    }

    private void answer() {
        isAnswered = true;
        ended.accept(this);
        bodies.remove(progressCheck);
        readAhead.release();
        request.handler(null).endHandler(null); // they refer to the parser
        request.exceptionHandler(reset -> {}); // without one, Vert.x would log an error
        if (answer == clientLeft || answer == tooSlow) {
            producerGone.accept(appends.unlessOthersPublished());
        }
        // the answer may begin the next request of the connection, which sets its own handler
        StrictHttpHandler.onMalformedBody(request.connection(), null);
        if (!ctx.response().closed()) {
            Problem.count(ctx, appends.stored().count());
            answer.run();
        }
        if (closeMalformed != null) {
            closeMalformed.run();
        } else if (!request.isEnded()) {
            request.resume(); // drops the rest of the body
        }
    }
}
