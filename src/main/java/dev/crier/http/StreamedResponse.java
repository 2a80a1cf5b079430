package dev.crier.http;

import dev.crier.event.PublishException;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;

/** The responses to a {@link StreamedPublication}. Each failure closes an HTTP/1.x connection when its body has ended. */
final class StreamedResponse {

    private StreamedResponse() {}

    /** Answers a request whose whole body has arrived and is stored, unless more than that is stored under its key. */
    static void bodyEnded(RoutingContext ctx, StoredPart stored) {
        stored.missing().ifPresentOrElse(missing -> refused(ctx, missing, stored.count()), () -> created(ctx, stored));
    }

    private static void created(RoutingContext ctx, StoredPart stored) {
        PublishHandler.afterSubscribers(ctx, () -> {
            if (!ctx.response().closed()) {
                var body = new JsonObject().put("count", stored.count());
                stored.last().ifPresent(id -> body.put("id", id.toString()));
                ctx.response()
                        .setStatusCode(201)
                        .putHeader(HttpHeaders.CONTENT_TYPE, "application/json")
                        .end(body.toBuffer());
            }
        });
    }

    static void invalid(RoutingContext ctx, String fault) {
        ConnectionClose.afterResponseAndBody(ctx);
        Problem.BAD_REQUEST.fail(ctx, fault);
    }

    static void tooLarge(RoutingContext ctx, int maxBytes) {
        ConnectionClose.afterResponseAndBody(ctx);
        Problem.CONTENT_TOO_LARGE.fail(
                ctx, "An event is too large (expected: at most " + maxBytes + " bytes of data, publish.maxBytes).");
    }

    static void expired(RoutingContext ctx) {
        ConnectionClose.afterResponseAndBody(ctx);
        AccessGuard.challenge(ctx, ", error=\"invalid_token\", error_description=\"The token has expired.\"");
        Problem.UNAUTHORIZED.fail(ctx, "The token has expired.");
    }

    /** Fails a request whose last append the log has refused, or would refuse. */
    static void refused(RoutingContext ctx, Throwable failure, long count) {
        if (failure instanceof PublishException refused && refused.end().isPresent()) {
            ConnectionClose.atOnce(ctx);
        } else {
            ConnectionClose.afterResponseAndBody(ctx);
        }
        if (failure instanceof PublishException refused && refused.reason() == PublishException.Reason.KEY_REUSED) {
            Problem.UNPROCESSABLE_CONTENT.fail(ctx, refused.getMessage()); // says where the body differs
        } else {
            PublishHandler.failed(ctx, failure, count == 0 ? "Nothing was published" : "No more was published");
        }
    }

    static void noMemory(RoutingContext ctx) {
        ConnectionClose.afterResponseAndBody(ctx);
        Problem.UNAVAILABLE.failWithRetry(ctx, "The bodies of all open requests take too much memory.");
    }

    static void stopping(RoutingContext ctx) {
        ConnectionClose.afterResponseAndBody(ctx);
        Problem.UNAVAILABLE.failWithRetry(ctx, "Crier is stopping.");
    }
}
