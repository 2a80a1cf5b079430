package dev.crier.http;

import dev.crier.auth.Decision;
import dev.crier.config.ChannelConf;
import dev.crier.config.PublishConf;
import dev.crier.event.ChannelName;
import dev.crier.event.EndReason;
import dev.crier.event.Event;
import dev.crier.event.EventId;
import dev.crier.event.Publication;
import dev.crier.event.PublishException;
import dev.crier.http.request.MediaType;
import dev.crier.http.request.PreconditionHeaders;
import dev.crier.http.request.PublishRequest;
import dev.crier.limit.Limits;
import dev.crier.log.EventLog;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * {@code POST} to a channel: publishes the body, and answers with the event id when it is stored.
 *
 * <p>The class is long because each step may fail in ways that have a response of their own.
 */
public final class PublishHandler {

    private final EventLog log;
    private final PublishConf conf;
    private final Limits limits;
    private final BodyChecks bodies;
    private final RequestBody.Rules single;
    private final RequestBody.Rules batch;
    private final PublishStreamHandler streams;

    /** @param streams publishes the bodies that are stored while they arrive */
    public PublishHandler(
            EventLog log, PublishConf conf, Limits limits, BodyChecks bodies, PublishStreamHandler streams) {
        this.log = log;
        this.conf = conf;
        this.limits = limits;
        this.bodies = bodies;
        single = RequestBody.Rules.withProgress(
                conf.maxBytes(), "publish.maxBytes", conf.idleTimeout(), limits.bodies());
        batch = RequestBody.Rules.withProgress(
                conf.maxBatchBytes(), "publish.maxBatchBytes", conf.idleTimeout(), limits.bodies());
        this.streams = streams;
    }

    /** Checks the head before it asks for the body. */
    void handle(RoutingContext ctx, ChannelName channel, ChannelConf declared, Decision.Granted granted) {
        readHead(ctx).ifPresent(request -> {
            if (request.ends() && !declared.retention().ends()) {
                Problem.BAD_REQUEST.fail(ctx, "end: not allowed here (expected: a channel that has \"ends\": true)");
            } else if (request.isStreamed()) {
                streams.handle(ctx, channel, declared, granted, request);
            } else {
                body(ctx, request).read(body -> publish(ctx, channel, granted.bearer(), request, body));
            }
        });
    }

    private RequestBody body(RoutingContext ctx, PublishRequest request) {
        return new RequestBody(
                ctx,
                request.isBatch() ? batch : single,
                bodies,
                reason -> Problem.UNAVAILABLE.failWithRetry(ctx, reason));
    }

    /** Returns nothing if the head is invalid; the request has then failed. */
    private static Optional<PublishRequest> readHead(RoutingContext ctx) {
        HttpServerRequest request = ctx.request();
        MediaType type;
        try {
            type = MediaType.of(request.getHeader(HttpHeaders.CONTENT_TYPE));
        } catch (IllegalArgumentException e) {
            Problem.UNSUPPORTED_MEDIA_TYPE.fail(ctx, e.getMessage());
            return Optional.empty();
        }
        try {
            return Optional.of(PublishRequest.of(type, request.query(), request.getHeader("Idempotency-Key"))
                    .onlyIf(PreconditionHeaders.parse(request.headers())));
        } catch (IllegalArgumentException e) {
            Problem.BAD_REQUEST.fail(ctx, e.getMessage());
            return Optional.empty();
        }
    }

    private void publish(RoutingContext ctx, ChannelName channel, String bearer, PublishRequest request, byte[] body) {
        List<Event> events;
        try {
            events = request.events(body, conf.maxBatchEvents());
        } catch (IllegalArgumentException e) {
            Problem.BAD_REQUEST.fail(ctx, e.getMessage());
            return;
        }
        if (request.isBatch() && !isBatchAllowed(ctx, events)) {
            return;
        }
        if (request.ends()) {
            events = new ArrayList<>(events);
            events.add(Event.end(EndReason.ENDED));
        }
        int seconds = limits.tryPublish(bearer, events.size());
        if (seconds > 0) {
            Problem.TOO_MANY_REQUESTS.failWithRetry(
                    ctx, seconds, "This token publishes more events than limits.publicationsPerSecond allows.");
            return;
        }
        log.append(new Publication(channel, events, request.attempt(body), request.precondition()))
                .onSuccess(ids -> afterSubscribers(ctx, () -> created(ctx, request, ids)))
                .onFailure(failure -> failed(ctx, failure, "Nothing was published"));
    }

    /** Checks the number of events and the size of each. Fails the request if one is too large. */
    private boolean isBatchAllowed(RoutingContext ctx, List<Event> events) {
        if (events.size() > conf.maxBatchEvents()) {
            tooLarge(ctx, "The batch has too many events", conf.maxBatchEvents() + ", publish.maxBatchEvents");
            return false;
        }
        if (events.stream().anyMatch(this::isTooLarge)) {
            tooLarge(ctx, "An event of the batch is too large", conf.maxBytes() + " bytes of data, publish.maxBytes");
            return false;
        }
        return true;
    }

    private static void tooLarge(RoutingContext ctx, String fault, String limit) {
        Problem.CONTENT_TOO_LARGE.fail(ctx, fault + " (expected: at most " + limit + ").");
    }

    private boolean isTooLarge(Event event) {
        return event.data().getBytes(StandardCharsets.UTF_8).length > conf.maxBytes();
    }

    /**
     * Answers after the subscribers of this event loop have been served. The notification arrived before the ids, and the
     * subscribers read at the end of this turn of the event loop.
     */
    static void afterSubscribers(RoutingContext ctx, Runnable answer) {
        ctx.vertx().runOnContext(turn -> answer.run());
    }

    private static void created(RoutingContext ctx, PublishRequest request, List<EventId> ids) {
        List<String> texts = ids.stream().map(EventId::toString).toList();
        var body = request.isBatch()
                ? new JsonObject().put("ids", new JsonArray(texts))
                : new JsonObject().put("id", texts.get(texts.size() - 1));
        if (!ctx.response().closed()) {
            ctx.response()
                    .setStatusCode(201)
                    .putHeader(HttpHeaders.CONTENT_TYPE, "application/json")
                    .end(body.toBuffer());
        }
    }

    /**
     * Fails a request whose events the log has refused.
     *
     * @param consequence begins the sentence about a log that cannot store
     */
    static void failed(RoutingContext ctx, Throwable failure, String consequence) {
        if (ctx.response().closed()) {
            return;
        }
        if (!(failure instanceof PublishException refused)) {
            ctx.fail(failure);
            return;
        }
        switch (refused.reason()) {
            case MALFORMED -> Problem.BAD_REQUEST.fail(ctx);
            case NO_SUCH_CHANNEL -> Problem.NOT_FOUND.fail(ctx);
            case KEY_REUSED -> Problem.UNPROCESSABLE_CONTENT.fail(ctx);
            case ENDED -> Problem.CONFLICT.fail(ctx, refused.getMessage());
            case PRECONDITION -> Problem.PRECONDITION_FAILED.fail(ctx, refused.getMessage());
            case TOO_LARGE -> Problem.CONTENT_TOO_LARGE.fail(ctx, refused.getMessage());
            case FULL, UNKNOWN -> Problem.UNAVAILABLE.failWithRetry(ctx, refused.getMessage());
            case UNAVAILABLE -> Problem.UNAVAILABLE.failWithRetry(ctx, consequence + ": " + refused.getMessage() + ".");
        }
    }
}
