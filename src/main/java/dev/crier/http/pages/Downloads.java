package dev.crier.http.pages;

import dev.crier.http.Problem;
import dev.crier.limit.DownloadLimit;
import dev.crier.transport.ConnectionTracker;
import dev.crier.transport.TrackedConnection;
import io.vertx.core.Context;
import io.vertx.ext.web.RoutingContext;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The downloads of one event loop: responses with a file of the webroot folder. Each has its file open until the client has
 * received it, so downloads are limited, per connection and in total. Requests beyond a limit wait for their turn.
 */
public final class Downloads {

    /** As many as the connections that a browser opens for HTTP/1.1. */
    private static final int MAX_PER_CONNECTION = 6;

    private static final int MAX_WAITING_PER_CONNECTION = 32;

    private static final int MAX_WAITING = 1_000;

    private static final long RETRY_MILLIS = 100;

    private final Context context;
    private final ConnectionTracker connections;
    private final DownloadLimit limit;
    private final Set<Waiting> waiting = new LinkedHashSet<>();
    private boolean timerSet;
    private boolean retryScheduled;

    /** A request that waits for its turn. */
    private record Waiting(RoutingContext ctx, TrackedConnection connection) {}

    public Downloads(Context context, ConnectionTracker connections, DownloadLimit limit) {
        this.context = context;
        this.connections = connections;
        this.limit = limit;
    }

    /** Begins the download, now or when its turn comes. Fails the request if too many are waiting. */
    void begin(RoutingContext ctx) {
        if (tryBegin(ctx)) {
            return;
        }
        TrackedConnection connection = connections.connectionOf(ctx).orElseThrow(); // tryBegin has seen it
        if (waiting.size() >= MAX_WAITING || connection.waitingDownloads >= MAX_WAITING_PER_CONNECTION) {
            Problem.UNAVAILABLE.failWithRetry(ctx, "Too many downloads are waiting.");
            return;
        }
        waiting.add(new Waiting(ctx, connection));
        connection.waitingDownloads++;
        limit.startWaiting();
        retryLater();
    }

    /** Begins the download, or drops it if the client has left. Returns false if it must wait. */
    private boolean tryBegin(RoutingContext ctx) {
        TrackedConnection connection = connections.connectionOf(ctx).orElse(null);
        if (connection == null || ctx.response().closed()) {
            return true; // the client has left
        }
        if (connection.downloads >= MAX_PER_CONNECTION || !limit.tryOpen()) {
            return false;
        }
        connection.downloads++;
        connections.onFileSent(ctx, () -> {
            connection.downloads--;
            limit.closed();
            retrySoon();
        });
        ctx.next();
        return true;
    }

    /** Retries regularly, because a download that ends on another event loop is not reported here. */
    private void retryLater() {
        if (!timerSet) {
            timerSet = true;
            context.owner().setTimer(RETRY_MILLIS, id -> {
                timerSet = false;
                retry();
            });
        }
    }

    /** Retries at the end of this turn of the event loop. */
    private void retrySoon() {
        if (!retryScheduled && !waiting.isEmpty()) {
            retryScheduled = true;
            context.runOnContext(turn -> {
                retryScheduled = false;
                retry();
            });
        }
    }

    /** Starts with the connections that have the fewest downloads, so that one with many does not delay others. */
    private void retry() {
        List<Waiting> next = waiting.stream()
                .sorted(Comparator.comparingInt(request -> request.connection.downloads))
                .toList();
        for (Waiting request : next) {
            if (tryBegin(request.ctx)) {
                waiting.remove(request);
                request.connection.waitingDownloads--;
                limit.stopWaiting();
            }
        }
        if (!waiting.isEmpty()) {
            retryLater();
        }
    }
}
