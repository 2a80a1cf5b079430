package dev.crier.http;

import dev.crier.config.PublishConf;
import dev.crier.event.ChannelName;
import dev.crier.event.Event;
import dev.crier.event.EventId;
import dev.crier.event.Publication;
import dev.crier.event.PublishException;
import dev.crier.limit.Limits;
import dev.crier.log.EventLog;
import dev.crier.transport.ConnectionTracker;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/** {@code POST} to a channel: publishes what the body has, and answers with its id once it is stored. */
public final class PublishHandler {

    private static final int MAX_KEY = 255;

    private final EventLog log;
    private final PublishConf conf;
    private final Limits limits;
    private final ConnectionTracker connections;

    public PublishHandler(EventLog log, PublishConf conf, Limits limits, ConnectionTracker connections) {
        this.connections = connections;
        this.limits = limits;
        this.log = log;
        this.conf = conf;
    }

    /**
     * Checks the headers before it asks for the body.
     *
     * @param bearer identifies the bearer of the token
     */
    void handle(RoutingContext ctx, ChannelName channel, String bearer) {
        Optional<Form> form = form(ctx);
        if (form.isEmpty()) {
            return;
        }
        MediaType type = form.get().type();
        int maxBytes = type == MediaType.BATCH ? conf.maxBatchBytes() : conf.maxBytes();
        var body = new RequestBody(ctx, maxBytes, conf.idleTimeout(), connections, limits, () -> late(ctx));
        if (body.isAnnouncedTooLarge()) {
            bodyTooLarge(ctx, type);
            return;
        }
        ExpectContinue.meet(ctx);
        body.read(
                whole -> answer(ctx, channel, bearer, form.get(), whole),
                () -> bodyTooLarge(ctx, type),
                () -> noRoom(ctx),
                () -> broken(ctx));
    }

    /**
     * The publication, as the request head describes it.
     *
     * @param event the event type; in a batch, that of the lines without one
     * @param key the Idempotency-Key, or "" for none
     */
    private record Form(MediaType type, String event, String key) {}

    /** Returns nothing if the head is wrong; the request has then failed. */
    private static Optional<Form> form(RoutingContext ctx) {
        HttpServerRequest request = ctx.request();
        String encoding = String.join(", ", request.headers().getAll(HttpHeaders.CONTENT_ENCODING));
        if (!encoding.isEmpty() && !encoding.equalsIgnoreCase("identity")) {
            ctx.response().putHeader(HttpHeaders.ACCEPT_ENCODING, "identity");
            Problem.UNSUPPORTED_MEDIA_TYPE.fail(ctx, "Content-Encoding: " + encoding + " (expected: none).");
            return Optional.empty();
        }
        MediaType type;
        try {
            type = MediaType.of(request.getHeader(HttpHeaders.CONTENT_TYPE));
        } catch (IllegalArgumentException e) {
            Problem.UNSUPPORTED_MEDIA_TYPE.fail(ctx, e.getMessage());
            return Optional.empty();
        }
        try {
            return Optional.of(new Form(type, event(request), key(request)));
        } catch (IllegalArgumentException e) {
            Problem.BAD_REQUEST.fail(ctx, e.getMessage());
            return Optional.empty();
        }
    }

    private static String event(HttpServerRequest request) {
        String type = Query.value(request, "event").orElse("");
        if (!Event.isPublishable(type)) {
            throw new IllegalArgumentException("event: not allowed (expected: " + Event.EXPECTED_TYPE + ")");
        }
        return type;
    }

    private static String key(HttpServerRequest request) {
        String key = request.getHeader("Idempotency-Key");
        if (key == null) {
            return "";
        }
        if (key.isEmpty() || key.length() > MAX_KEY || !key.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
            throw new IllegalArgumentException(
                    "Idempotency-Key: not a key (expected: 1..255 visible ASCII characters)");
        }
        return key;
    }

    /** The router no longer watches when the body has come: so whatever goes wrong is told it here. */
    private void answer(RoutingContext ctx, ChannelName channel, String bearer, Form form, Buffer body) {
        try {
            publish(ctx, channel, bearer, form, body);
        } catch (RuntimeException e) {
            ctx.fail(e);
        }
    }

    /** With HTTP/2, nobody is there to be answered. */
    private static void broken(RoutingContext ctx) {
        if (ctx.request().version() != HttpVersion.HTTP_2
                && !ctx.response().closed()
                && !ctx.response().ended()) {
            ctx.response().putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
            Problem.BAD_REQUEST.fail(ctx, "The body is broken (expected: as RFC 9112 has it).");
        }
    }

    /** Fails the request and closes the connection, because the rest of the body is not read. HTTP/2 ends only the stream. */
    private static void late(RoutingContext ctx) {
        if (ctx.request().version() != HttpVersion.HTTP_2) {
            ctx.response().putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
            ctx.addEndHandler(answered -> ctx.request().connection().close());
        }
        Problem.REQUEST_TIMEOUT.fail(ctx);
    }

    private static void noRoom(RoutingContext ctx) {
        Problem.UNAVAILABLE.failForNow(ctx, "The requests that are being published now take too much memory.");
    }

    private void bodyTooLarge(RoutingContext ctx, MediaType type) {
        String most = type == MediaType.BATCH
                ? conf.maxBatchBytes() + " bytes, publish.maxBatchBytes"
                : conf.maxBytes() + " bytes, publish.maxBytes";
        tooLarge(ctx, "The body is too large", most);
    }

    private static void tooLarge(RoutingContext ctx, String what, String most) {
        Problem.CONTENT_TOO_LARGE.fail(ctx, what + " (expected: at most " + most + ").");
    }

    private void publish(RoutingContext ctx, ChannelName channel, String bearer, Form form, Buffer body) {
        List<Event> events;
        try {
            String text = PercentEncoding.utf8(ByteBuffer.wrap(body.getBytes()));
            events = form.type() == MediaType.BATCH
                    ? Batch.parse(text, form.event(), conf.maxBatchEvents())
                    : List.of(new Event(form.event(), text));
        } catch (IllegalArgumentException e) {
            Problem.BAD_REQUEST.fail(ctx, e.getMessage());
            return;
        }
        if (events.size() > conf.maxBatchEvents()) {
            tooLarge(ctx, "The batch has too many events", conf.maxBatchEvents() + ", publish.maxBatchEvents");
            return;
        }
        if (form.type() == MediaType.BATCH
                && events.stream().anyMatch(this::isTooLarge)) { // a text was measured as it came
            tooLarge(ctx, "An event of the batch is too large", conf.maxBytes() + " bytes of data, publish.maxBytes");
            return;
        }
        int wait = limits.published(bearer, events.size());
        if (wait > 0) {
            Problem.TOO_MANY_REQUESTS.failFor(
                    ctx, wait, "This token publishes more a second than it may (limits.publicationsPerSecond).");
            return;
        }
        log.append(new Publication(channel, events, attempt(form, body)))
                .onSuccess(ids -> behindReaders(ctx, () -> created(ctx, form.type(), ids)))
                .onFailure(failure -> refused(ctx, failure));
    }

    /** Readers first: the ring came before the ids, so at the end of this turn of the event loop they are served. */
    private static void behindReaders(RoutingContext ctx, Runnable answer) {
        ctx.vertx().runOnContext(turn -> answer.run());
    }

    private boolean isTooLarge(Event event) {
        return event.data().getBytes(StandardCharsets.UTF_8).length > conf.maxBytes();
    }

    private static Publication.Attempt attempt(Form form, Buffer body) {
        return form.key().isEmpty()
                ? Publication.Attempt.ONCE
                : new Publication.Attempt(form.key(), digest(form.type() + "\n" + form.event() + "\n", body));
    }

    private static String digest(String how, Buffer body) {
        try {
            var digest = MessageDigest.getInstance("SHA-256");
            digest.update(how.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest.digest(body.getBytes()));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every Java platform has it
        }
    }

    private static void created(RoutingContext ctx, MediaType type, List<EventId> ids) {
        var answer = type == MediaType.BATCH
                ? new JsonObject()
                        .put(
                                "ids",
                                new JsonArray(
                                        ids.stream().map(EventId::toString).toList()))
                : new JsonObject().put("id", ids.get(0).toString());
        if (!ctx.response().closed()) {
            ctx.response()
                    .setStatusCode(201)
                    .putHeader(HttpHeaders.CONTENT_TYPE, "application/json")
                    .end(answer.toBuffer());
        }
    }

    private static void refused(RoutingContext ctx, Throwable failure) {
        Problem problem = Problem.INTERNAL;
        if (failure instanceof PublishException refusal) {
            problem = switch (refusal.reason()) {
                case MALFORMED -> Problem.BAD_REQUEST;
                case NO_SUCH_CHANNEL -> Problem.NOT_FOUND;
                case KEY_REUSED -> Problem.UNPROCESSABLE_CONTENT;
                case TOO_LARGE -> Problem.CONTENT_TOO_LARGE;
                case UNAVAILABLE, FULL -> Problem.UNAVAILABLE;
            };
        }
        if (ctx.response().closed()) {
            return;
        }
        if (failure instanceof PublishException refusal && refusal.reason() == PublishException.Reason.FULL) {
            problem.failForNow(ctx, refusal.getMessage());
            return;
        }
        if (problem == Problem.CONTENT_TOO_LARGE) {
            problem.fail(ctx, failure.getMessage());
            return;
        }
        if (problem == Problem.UNAVAILABLE) {
            problem.failForNow(ctx, "The log cannot store at present; nothing was published.");
        } else {
            problem.fail(ctx);
        }
    }
}
