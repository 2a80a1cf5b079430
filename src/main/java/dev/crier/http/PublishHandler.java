package dev.crier.http;

import dev.crier.bus.Bus;
import dev.crier.config.PublishConf;
import dev.crier.event.ChannelName;
import dev.crier.event.Event;
import dev.crier.event.EventId;
import dev.crier.event.Publication;
import dev.crier.event.Refusal;
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
final class PublishHandler {

    private static final int MAX_KEY = 255;

    private final Bus bus;
    private final PublishConf conf;
    private final Limits limits;
    private final Connections connections;

    PublishHandler(Bus bus, PublishConf conf, Limits limits, Connections connections) {
        this.connections = connections;
        this.limits = limits;
        this.bus = bus;
        this.conf = conf;
    }

    /** @param bearer who is known by the token */
    void handle(RoutingContext ctx, ChannelName channel, String bearer) {
        HttpServerRequest request = ctx.request();
        Optional<MediaType> type = MediaType.of(request.getHeader(HttpHeaders.CONTENT_TYPE));
        if (type.isEmpty() || request.headers().contains(HttpHeaders.CONTENT_ENCODING)) {
            Problem.UNSUPPORTED_MEDIA_TYPE.fail(ctx);
        } else {
            int limit = type.get() == MediaType.BATCH ? conf.maxBatchBytes() : conf.maxBytes();
            new Body(ctx, limit, conf.idleTimeout(), connections, limits, () -> late(ctx))
                    .read(
                            body -> answer(ctx, channel, bearer, type.get(), body),
                            () -> tooLarge(ctx),
                            () -> noRoom(ctx),
                            () -> broken(ctx));
        }
    }

    /** The router no longer watches when the body has come: so whatever goes wrong is told it here. */
    private void answer(RoutingContext ctx, ChannelName channel, String bearer, MediaType type, Buffer body) {
        try {
            publish(ctx, channel, bearer, type, body);
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

    /** The rest of the body is not read. HTTP/2 ends the stream instead. */
    private static void late(RoutingContext ctx) {
        if (ctx.request().version() != HttpVersion.HTTP_2) {
            ctx.response().putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
            ctx.addEndHandler(answered -> ctx.request().connection().close());
        }
        Problem.REQUEST_TIMEOUT.fail(ctx);
    }

    private static void noRoom(RoutingContext ctx) {
        Problem.UNAVAILABLE.failForNow(ctx, "All that is being published now takes too much memory.");
    }

    private static void tooLarge(RoutingContext ctx) {
        Problem.CONTENT_TOO_LARGE.fail(ctx);
    }

    private void publish(RoutingContext ctx, ChannelName channel, String bearer, MediaType type, Buffer body) {
        List<Event> events;
        Publication publication;
        try {
            String text = Escapes.utf8(ByteBuffer.wrap(body.getBytes()));
            events = type == MediaType.BATCH ? Batch.parse(text) : List.of(new Event(type(ctx), text));
            publication = new Publication(channel, events, attempt(ctx, type, body));
        } catch (IllegalArgumentException e) {
            Problem.BAD_REQUEST.fail(ctx, e.getMessage());
            return;
        }
        if (type == MediaType.BATCH && events.stream().anyMatch(this::isTooLarge)) { // a text was measured as it came
            tooLarge(ctx);
            return;
        }
        int wait = limits.published(bearer, events.size());
        if (wait > 0) {
            Problem.TOO_MANY_REQUESTS.failFor(
                    ctx, wait, "This token publishes more a second than it may (limits.publicationsPerSecond).");
            return;
        }
        bus.publish(publication)
                .onSuccess(ids -> behindReaders(ctx, () -> created(ctx, type, ids)))
                .onFailure(failure -> refused(ctx, failure));
    }

    /** Readers first: the ring came before the ids, so at the end of this turn of the event loop they are served. */
    private static void behindReaders(RoutingContext ctx, Runnable answer) {
        ctx.vertx().runOnContext(turn -> answer.run());
    }

    private boolean isTooLarge(Event event) {
        return event.data().getBytes(StandardCharsets.UTF_8).length > conf.maxBytes();
    }

    private static String type(RoutingContext ctx) {
        String type = Query.value(ctx.request(), "event").orElse("");
        if (!Event.isPublishable(type)) {
            throw new IllegalArgumentException("event: not allowed (expected: " + Event.EXPECTED_TYPE + ")");
        }
        return type;
    }

    private static Publication.Attempt attempt(RoutingContext ctx, MediaType type, Buffer body) {
        String key = ctx.request().getHeader("Idempotency-Key");
        if (key == null) {
            return Publication.Attempt.ONCE;
        }
        if (key.isEmpty() || key.length() > MAX_KEY || !key.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
            throw new IllegalArgumentException(
                    "Idempotency-Key: not a key (expected: 1..255 visible ASCII characters)");
        }
        return new Publication.Attempt(key, digest(type + "\n" + type(ctx) + "\n", body));
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
        if (failure instanceof Refusal refusal) {
            problem = switch (refusal.reason()) {
                case MALFORMED -> Problem.BAD_REQUEST;
                case NO_SUCH_CHANNEL -> Problem.NOT_FOUND;
                case KEY_REUSED -> Problem.UNPROCESSABLE_CONTENT;
                case UNAVAILABLE -> Problem.UNAVAILABLE;
            };
        }
        if (ctx.response().closed()) {
            return;
        }
        if (problem == Problem.UNAVAILABLE) {
            problem.failForNow(ctx, "The log cannot store at present; nothing was published.");
        } else {
            problem.fail(ctx);
        }
    }
}
