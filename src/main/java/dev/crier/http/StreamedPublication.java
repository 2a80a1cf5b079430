package dev.crier.http;

import dev.crier.auth.Decision;
import dev.crier.config.PublishConf;
import dev.crier.event.ChannelName;
import dev.crier.event.Event;
import dev.crier.event.EventId;
import dev.crier.event.Precondition;
import dev.crier.event.Publication;
import dev.crier.limit.Limits;
import dev.crier.log.EventLog;
import dev.crier.sse.EventParser;
import dev.crier.transport.ConnectionTracker;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongConsumer;

/**
 * One request whose events are stored while its body arrives. Asks for the next part of the body only while few events wait for
 * the log, so the client sends as fast as the log stores. One append is in progress at a time; what arrives meanwhile is the
 * next append.
 *
 * <p>The request ends when its body ends, or earlier with a fault: a body that is invalid or stalls, a log that refuses, a stop
 * of Crier, a client that leaves. What came before the fault is stored first, and the response says how much that was.
 *
 * <p>The class is long because the reading, the appends and the end depend on each other. {@link StreamedResponse} has the
 * responses.
 */
final class StreamedPublication {

    /** How many events may wait for the log before no more are read. */
    private static final int MAX_WAITING_EVENTS = 1_000;

    /** How many bytes of the body may wait for the log before no more are read. */
    private static final int MAX_WAITING_BYTES = 1 << 20;

    private static final long NO_TIMER = -1;

    private final RoutingContext ctx;
    private final HttpServerRequest request;
    private final ChannelName channel;
    private final Decision.Granted granted;
    private final EventParser parser;
    private final PublishConf conf;
    private final EventLog log;
    private final Limits limits;
    private final ConnectionTracker connections;
    private final Consumer<StreamedPublication> ended;
    private final BodyProgress progress;
    private final LongConsumer progressCheck = this::checkProgress;
    private final long begin = System.nanoTime();

    /** The precondition of the next append. Only the first one has one, because after it the newest event is its own. */
    private Precondition precondition;

    /** The events that the next append stores. */
    private final List<Event> parsed = new ArrayList<>();

    /** The number of events of the append in progress; 0 if there is none. */
    private int storing;

    private long stored;
    private Optional<EventId> last = Optional.empty();

    /** The bytes that have arrived. */
    private long arrived;

    /** The bytes of these that do not wait for the log any more. */
    private long settled;

    /** The bytes that count towards the limit of all bodies. */
    private long reserved;

    /** Whether the parser needs more bytes for its next event, or must not be called any more. */
    private boolean isParserEmpty = true;

    /** Whether the next part of the body has been asked for. */
    private boolean isReading;

    /** Answers the request, once the events before its end are stored; null before its end. */
    private Runnable answer;

    /** Answers the request if it ends now and events wait for the rate of their token; null if they may wait. */
    private Runnable urgentAnswer;

    private boolean isAnswered;
    private boolean isAdvancing;
    private boolean hasChanged;
    private long rateTimer = NO_TIMER;
    /** The number of lines that have ended. */
    private long lines;

    StreamedPublication(
            RoutingContext ctx,
            ChannelName channel,
            Decision.Granted granted,
            EventParser parser,
            Precondition precondition,
            PublishConf conf,
            EventLog log,
            Limits limits,
            ConnectionTracker connections,
            Consumer<StreamedPublication> ended) {
        this.ctx = ctx;
        this.request = ctx.request();
        this.channel = channel;
        this.granted = granted;
        this.parser = parser;
        this.precondition = precondition;
        this.conf = conf;
        this.log = log;
        this.limits = limits;
        this.connections = connections;
        this.ended = ended;
        this.progress = new BodyProgress(conf.idleTimeout());
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
            end(() -> StreamedResponse.created(ctx, stored, last));
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
        if (rateTimer != NO_TIMER) {
            ctx.vertx().cancelTimer(rateTimer);
            rateTimer = NO_TIMER;
        }
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
        if (storing == 0) {
            store();
        }
        if (storing == 0 && parsed.isEmpty()) {
            settled = arrived - parser.heldBytes();
            if (isParserEmpty && answer != null) {
                answer();
                return;
            }
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
                event.ifPresent(parsed::add);
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

    /** Ends the request at a fault of the body. Replaces an end after it. */
    private void fault(Runnable answer) {
        isParserEmpty = true;
        this.answer = answer;
    }

    /** Returns whether few events wait for the log. If all bodies take too much memory, one event is enough. */
    private boolean hasRoom() {
        int events = parsed.size() + storing;
        return events == 0
                || events < MAX_WAITING_EVENTS
                        && arrived - settled - parser.heldBytes() < MAX_WAITING_BYTES
                        && !limits.bodies().isExceeded();
    }

    /** Gives the log all events that wait, or as many as the rate of the token allows. */
    private void store() {
        int events = Math.min(parsed.size(), limits.maxStreamedAtOnce());
        if (events == 0 || rateTimer != NO_TIMER) {
            return;
        }
        int seconds = limits.tryPublish(granted.bearer(), events);
        if (seconds == 0) {
            append(events);
        } else if (urgentAnswer != null) {
            drop();
            answer = urgentAnswer;
        } else {
            rateTimer = ctx.vertx().setTimer(TimeUnit.SECONDS.toMillis(seconds), id -> {
                rateTimer = NO_TIMER;
                advance();
            });
        }
    }

    private void append(int events) {
        List<Event> next = parsed.subList(0, events);
        var publication = new Publication(channel, next, Publication.Attempt.ONCE, precondition);
        precondition = Precondition.NONE;
        next.clear();
        storing = events;
        long position = arrived - parser.heldBytes();
        boolean isAll = parsed.isEmpty();
        log.append(publication).onComplete((ids, failure) -> {
            storing = 0;
            if (failure == null) {
                stored += events;
                last = Optional.of(ids.get(ids.size() - 1));
                settled = isAll ? position : settled;
            } else {
                drop();
                answer = () -> StreamedResponse.refused(ctx, failure, stored);
            }
            advance();
        });
    }

    /** Drops what has arrived and is not stored. */
    private void drop() {
        parsed.clear();
        isParserEmpty = true;
    }

    private void reserve() {
        long more = arrived - settled - reserved;
        reserved += more;
        limits.bodies().add(more);
        boolean waits = !parsed.isEmpty() || storing > 0; // if so, memory becomes free without a further part
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
            Problem.count(ctx, stored);
            answer.run();
        }
        if (!request.isEnded()) {
            request.resume(); // drops the rest of the body
        }
    }
}
