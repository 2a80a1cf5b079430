package dev.crier.http;

import dev.crier.metrics.Metrics;
import dev.crier.transport.DecodeFailure;
import dev.crier.transport.NettyConnection;
import dev.crier.transport.StrictHttpHandler;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All errors that a client can be answered with, as {@code application/problem+json} (RFC 9457).
 */
public enum Problem {
    BAD_REQUEST(400, "Bad Request", "The request is not valid HTTP, or its path is not valid."),
    UNAUTHORIZED(401, "Unauthorized", "This needs a bearer token that Crier knows."),
    FORBIDDEN(403, "Forbidden", "Pages of this origin may not read or publish here."),
    NOT_FOUND(404, "Not Found", "There is nothing at this path."),
    METHOD_NOT_ALLOWED(
            405, "Method Not Allowed", "This path does not take this method; the Allow header has those it does."),
    NOT_ACCEPTABLE(406, "Not Acceptable", "This path has text/event-stream, which the Accept header excludes."),
    REQUEST_TIMEOUT(408, "Request Timeout", "The body arrived too slowly (publish.idleTimeout)."),
    CONTENT_TOO_LARGE(413, "Content Too Large", "There is more to publish than publish.maxBytes allows."),
    URI_TOO_LONG(414, "URI Too Long", "The request line is too long."),
    UNSUPPORTED_MEDIA_TYPE(
            415, "Unsupported Media Type", "What is published is text in UTF-8, or application/x-ndjson for a batch."),
    RANGE_NOT_SATISFIABLE(416, "Range Not Satisfiable", "The Range header asks for bytes that the file does not have."),
    UNPROCESSABLE_CONTENT(422, "Unprocessable Content", "The Idempotency-Key was used for something else."),
    TOO_MANY_REQUESTS(429, "Too Many Requests", "There is more of this than Crier's limits allow."),
    HEADER_TOO_LARGE(431, "Request Header Fields Too Large", "The headers of the request are too large."),
    INTERNAL(500, "Internal Server Error", "Crier failed to answer; its log says why."),
    UNAVAILABLE(503, "Service Unavailable", "Crier cannot do that at present.");

    static final int SOON_SECONDS = 5;

    /** How long a client should wait before it retries a temporary refusal. */
    static final long SOON_MILLIS = SOON_SECONDS * 1_000L;

    /** The key of what is said instead of the general detail. */
    private static final String DETAIL = Problem.class.getName();

    private static final Logger LOG = LoggerFactory.getLogger(Problem.class);

    private final int status;
    private final String title;
    private final String detail;

    Problem(int status, String title, String detail) {
        this.status = status;
        this.title = title;
        this.detail = detail;
    }

    int status() {
        return status;
    }

    /** Has the router answer with these, whoever fails a request with one's status. */
    public static void mount(Router router, Metrics metrics) {
        for (Problem problem : values()) {
            Runnable refusals = metrics.refusals(problem.status);
            router.errorHandler(problem.status, ctx -> problem.answer(ctx, refusals));
        }
    }

    /** For what could not be read as HTTP, so that no route is ever asked. */
    public static void answerInvalid(HttpServerRequest request, Metrics metrics) {
        Throwable cause = request.decoderResult().cause();
        Problem problem = switch (DecodeFailure.of(cause)) {
            case REQUEST_LINE_TOO_LONG -> URI_TOO_LONG;
            case HEADERS_TOO_LARGE -> HEADER_TOO_LARGE;
            case MALFORMED -> BAD_REQUEST;
        };
        metrics.refusals(problem.status).run();
        LOG.debug("An invalid request from {}: {}", request.remoteAddress(), kind(cause));
        problem.send(
                request.response().putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE),
                cause instanceof StrictHttpHandler.Malformed ? cause.getMessage() : problem.detail);
        if (NettyConnection.isFull(request.connection())) {
            NettyConnection.cut(request.connection());
        }
        request.connection().close();
    }

    /** Refuses a request before any route sees it. Other streams of its connection go on. */
    void refuse(HttpServerRequest request, Metrics metrics) {
        metrics.refusals(status).run();
        send(request.response(), detail);
    }

    /** In place of Vert.x, which would log all that a connection failed with. */
    public static void note(Throwable failure) {
        if (failure instanceof Error) {
            LOG.error("A connection failed", failure);
        } else {
            LOG.debug("A connection failed: {}", kind(failure));
        }
    }

    /** Logs an unhandled failure, as Vert.x would, except that a client left during a download, which is at debug. */
    public static void noteUnhandled(Throwable failure) {
        if (failure instanceof ClosedChannelException) {
            LOG.debug("A file was closed while it was read");
        } else {
            LOG.error("Unhandled failure", failure);
        }
    }

    /** Not what it says: that quotes the header that is wrong, which may have a token. */
    private static String kind(Throwable cause) {
        return cause.getClass().getSimpleName();
    }

    private void answer(RoutingContext ctx, Runnable refusals) {
        if (hasLeft(ctx)) {
            LOG.debug(
                    "The client of {} {} has left",
                    ctx.request().method(),
                    ctx.request().path());
        } else if (this == INTERNAL) {
            LOG.error("{} {} failed", ctx.request().method(), ctx.request().path(), ctx.failure());
        }
        if (!ctx.response().headWritten()) {
            refusals.run();
            send(ctx.response(), ctx.get(DETAIL, detail));
        }
    }

    /** Its connection may be told closed before its end is, and fails as such; what fails with a file, has Vert.x's own type. */
    private static boolean hasLeft(RoutingContext ctx) {
        return ctx.response().closed() || ctx.failure() instanceof IOException;
    }

    private void send(HttpServerResponse response, String what) {
        response.setStatusCode(status)
                .setStatusMessage(title)
                .putHeader(HttpHeaders.CONTENT_TYPE, "application/problem+json")
                .end(new JsonObject()
                        .put("title", title)
                        .put("status", status)
                        .put("detail", what)
                        .toBuffer());
    }

    /** Fails the request with this. */
    public void fail(RoutingContext ctx) {
        ctx.fail(status);
    }

    /** Fails the request with this, and says what is wrong with this one. */
    public void fail(RoutingContext ctx, String what) {
        ctx.put(DETAIL, what).fail(status);
    }

    /** Fails the request with this, which may be over soon. */
    public void failForNow(RoutingContext ctx, String what) {
        failFor(ctx, SOON_SECONDS, what);
    }

    /** Fails the request with this, which is over in so many seconds. */
    void failFor(RoutingContext ctx, int seconds, String what) {
        ctx.response().putHeader(HttpHeaders.RETRY_AFTER, String.valueOf(seconds));
        fail(ctx, what);
    }
}
