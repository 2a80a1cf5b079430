package dev.crier.http;

import dev.crier.metrics.Metrics;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Every error response, as {@code application/problem+json} (RFC 9457): its status, its title and its default detail. */
public enum Problem {
    BAD_REQUEST(400, "Bad Request", "The request is not valid HTTP, or its path is not valid."),
    UNAUTHORIZED(401, "Unauthorized", "The request needs a valid bearer token."),
    FORBIDDEN(403, "Forbidden", "Pages of this origin may not read or publish here."),
    NOT_FOUND(404, "Not Found", "There is nothing at this path."),
    METHOD_NOT_ALLOWED(
            405,
            "Method Not Allowed",
            "This path does not support the method; the Allow header lists those it supports."),
    NOT_ACCEPTABLE(406, "Not Acceptable", "This path sends text/event-stream, which the Accept header excludes."),
    REQUEST_TIMEOUT(408, "Request Timeout", "The body arrived too slowly (publish.idleTimeout)."),
    CONFLICT(409, "Conflict", "The channel has ended."),
    PRECONDITION_FAILED(412, "Precondition Failed", "The channel is not as the request requires."),
    CONTENT_TOO_LARGE(413, "Content Too Large", "The publication is larger than publish.maxBytes allows."),
    URI_TOO_LONG(
            414,
            "URI Too Long",
            "The request line is longer than limits.urlBytes allows."
                    + " To subscribe to many channels, send their names in the body of a POST."),
    UNSUPPORTED_MEDIA_TYPE(
            415, "Unsupported Media Type", "A publication is text in UTF-8, or application/x-ndjson for a batch."),
    RANGE_NOT_SATISFIABLE(416, "Range Not Satisfiable", "The Range header asks for bytes that the file does not have."),
    UNPROCESSABLE_CONTENT(
            422, "Unprocessable Content", "The Idempotency-Key was already used for a different publication."),
    TOO_MANY_REQUESTS(429, "Too Many Requests", "The request exceeds one of Crier's limits."),
    HEADER_TOO_LARGE(431, "Request Header Fields Too Large", "The headers of the request are too large."),
    INTERNAL(500, "Internal Server Error", "Crier could not answer the request; its log has the cause."),
    UNAVAILABLE(503, "Service Unavailable", "Crier cannot serve this request at present.");

    /** How long a client should wait before it retries, unless the time is known. */
    static final int RETRY_SECONDS = 5;

    /** The routing context's key for a detail that replaces the default one. */
    private static final String DETAIL = Problem.class.getName();

    /** The routing context's key for the number of events that were stored before the request failed. */
    private static final String COUNT = DETAIL + ".count";

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

    /** Returns the body of a response with the default detail. */
    JsonObject body() {
        return new JsonObject().put("title", title).put("status", status).put("detail", detail);
    }

    /** Makes the router answer each failed request with the problem of its status. */
    public static void mount(Router router, Metrics metrics) {
        mount(router, metrics, EnumSet.allOf(Problem.class));
    }

    /** The same for a router that is mounted in another one, which goes on with its own routes when nothing is found here. */
    public static void mountExceptNotFound(Router router, Metrics metrics) {
        mount(router, metrics, EnumSet.complementOf(EnumSet.of(NOT_FOUND)));
    }

    private static void mount(Router router, Metrics metrics, Set<Problem> problems) {
        for (Problem problem : problems) {
            Runnable refusals = metrics.refusals(problem.status);
            router.errorHandler(problem.status, ctx -> problem.answer(ctx, refusals));
        }
    }

    /** Makes a later failure of the request say how many of its events were stored. */
    static void count(RoutingContext ctx, long stored) {
        ctx.put(COUNT, stored);
    }

    /** Fails the request with this problem. */
    public void fail(RoutingContext ctx) {
        ctx.fail(status);
    }

    /** Fails the request with this problem and a detail of its own. */
    public void fail(RoutingContext ctx, String detail) {
        ctx.put(DETAIL, detail).fail(status);
    }

    /** Fails the request with this problem, which is temporary. */
    public void failWithRetry(RoutingContext ctx, String detail) {
        failWithRetry(ctx, RETRY_SECONDS, detail);
    }

    /** Fails the request with this problem. The client may retry after this many seconds. */
    public void failWithRetry(RoutingContext ctx, int seconds, String detail) {
        ctx.response().putHeader(HttpHeaders.RETRY_AFTER, String.valueOf(seconds));
        fail(ctx, detail);
    }

    /** Answers a request that is rejected before the routes. */
    void answer(HttpServerRequest request, Metrics metrics, Optional<String> ownDetail) {
        metrics.refusals(status).run();
        send(request.response(), ownDetail.orElse(detail), null);
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
            send(ctx.response(), ctx.get(DETAIL, detail), ctx.get(COUNT));
        }
    }

    /**
     * Returns whether the client has closed the connection. A request may fail with that before its response is closed. A
     * failure to read a file has an exception type of Vert.x, so it is not taken for one.
     */
    private static boolean hasLeft(RoutingContext ctx) {
        return ctx.response().closed() || ctx.failure() instanceof IOException;
    }

    /** @param count the number of stored events; null if the events of the request are not stored while they arrive */
    private void send(HttpServerResponse response, String ownDetail, Long count) {
        JsonObject problem = body().put("detail", ownDetail);
        if (count != null) {
            problem.put("count", count);
        }
        response.setStatusCode(status)
                .setStatusMessage(title)
                .putHeader(HttpHeaders.CONTENT_TYPE, "application/problem+json")
                .end(problem.toBuffer());
    }
}
