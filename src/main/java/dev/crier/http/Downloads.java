package dev.crier.http;

import io.vertx.core.Context;
import io.vertx.ext.web.RoutingContext;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;

/**
 * Files that one event loop sends from a folder. Each is open until its client has taken it, so the number of downloads is
 * limited, for each connection and in all. Others wait for their turn.
 */
final class Downloads {

    /** As many connections as a browser opens for HTTP/1.1. */
    private static final int MAX_PER_CONNECTION = 6;

    private static final int MAX_WAITING = 1_000;

    private static final long RETRY_MILLIS = 100;

    private final Context context;
    private final Connections connections;
    private final ConnectionLimit limit;
    private final Deque<RoutingContext> waiting = new ArrayDeque<>();
    private boolean retrying;

    Downloads(Context context, Connections connections, ConnectionLimit limit) {
        this.context = context;
        this.connections = connections;
        this.limit = limit;
    }

    /** Continues the request when its turn comes. */
    void queue(RoutingContext ctx) {
        if (waiting.size() >= MAX_WAITING) {
            Problem.UNAVAILABLE.failForNow(ctx, "Too many downloads are waiting.");
        } else if (!begin(ctx)) {
            waiting.add(ctx);
            limit.need(1);
            retryLater();
        }
    }

    /** Begins the download. Returns false if it is not its turn. */
    private boolean begin(RoutingContext ctx) {
        Guest guest = connections.guest(ctx).orElse(null);
        if (guest == null || ctx.response().closed()) {
            return true; // its client has left
        }
        if (guest.downloads >= MAX_PER_CONNECTION || !limit.open()) {
            return false;
        }
        guest.downloads++;
        connections.whenOver(ctx, () -> {
            guest.downloads--;
            limit.closed();
        });
        ctx.next();
        return true;
    }

    private void retryLater() {
        if (!retrying) {
            retrying = true;
            context.owner().setTimer(RETRY_MILLIS, id -> {
                retrying = false;
                retry();
            });
        }
    }

    /** Begins waiting downloads, those of connections with the fewest first, so that one with many does not delay others. */
    private void retry() {
        List<RoutingContext> next = waiting.stream()
                .sorted(Comparator.comparingInt(ctx ->
                        connections.guest(ctx).map(guest -> guest.downloads).orElse(0)))
                .toList();
        for (RoutingContext ctx : next) {
            if (begin(ctx)) {
                waiting.remove(ctx);
                limit.need(-1);
            }
        }
        if (!waiting.isEmpty()) {
            retryLater();
        }
    }
}
