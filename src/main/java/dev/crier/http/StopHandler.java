package dev.crier.http;

import dev.crier.auth.Decision;
import dev.crier.event.ChannelName;
import dev.crier.event.EndReason;
import dev.crier.event.Event;
import dev.crier.event.EventId;
import dev.crier.event.Precondition;
import dev.crier.event.Publication;
import dev.crier.event.PublishException;
import dev.crier.http.request.PreconditionHeaders;
import dev.crier.limit.Limits;
import dev.crier.log.EventLog;
import io.vertx.core.Future;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import java.util.List;

/**
 * {@code DELETE} of a channel: ends the channel, and answers with the id of its end. A channel that has ended before stays as it
 * is. Ignores the body, which has no meaning (RFC 9110, 9.3.5).
 */
public final class StopHandler {

    private final EventLog log;
    private final Limits limits;

    public StopHandler(EventLog log, Limits limits) {
        this.log = log;
        this.limits = limits;
    }

    void handle(RoutingContext ctx, ChannelName channel, Decision.Granted granted) {
        Precondition precondition;
        try {
            precondition = PreconditionHeaders.parse(ctx.request().headers());
        } catch (IllegalArgumentException e) {
            Problem.BAD_REQUEST.fail(ctx, e.getMessage());
            return;
        }
        int seconds = limits.tryPublish(granted.bearer(), 1);
        if (seconds > 0) {
            Problem.TOO_MANY_REQUESTS.failWithRetry(
                    ctx, seconds, "This token publishes more events than limits.publicationsPerSecond allows.");
            return;
        }
        var end = List.of(Event.end(EndReason.STOPPED));
        log.append(new Publication(channel, end, Publication.Attempt.ONCE, precondition))
                .map(ids -> ids.get(0))
                .recover(StopHandler::earlierEnd)
                .onSuccess(id -> PublishHandler.afterSubscribers(ctx, () -> stopped(ctx, id)))
                .onFailure(failure -> PublishHandler.failed(ctx, failure, "The channel was not stopped"));
    }

    private static Future<EventId> earlierEnd(Throwable failure) {
        return failure instanceof PublishException refused && refused.end().isPresent()
                ? Future.succeededFuture(refused.end().get())
                : Future.failedFuture(failure);
    }

    private static void stopped(RoutingContext ctx, EventId end) {
        if (!ctx.response().closed()) {
            ctx.response()
                    .putHeader(HttpHeaders.CONTENT_TYPE, "application/json")
                    .end(new JsonObject().put("id", end.toString()).toBuffer());
        }
    }
}
