package dev.crier.http;

import dev.crier.limit.ConnectionLimit;
import dev.crier.transport.ConnectionTracker;
import dev.crier.transport.TrackedConnection;
import io.vertx.core.Context;
import io.vertx.ext.web.RoutingContext;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Files that one event loop sends from a folder. Each is open until its client has taken it, so the number of downloads is
 * limited, for each connection and in all. Others wait for their turn.
 */
public final class Downloads {

    /** As many connections as a browser opens for HTTP/1.1. */
    private static final int MAX_PER_CONNECTION = 6;

    private static final int MAX_WAITING_PER_CONNECTION = 32;

    private static final int MAX_WAITING = 1_000;

    private static final long RETRY_MILLIS = 100;

    private final Context context;
    private final ConnectionTracker connections;
    private final ConnectionLimit limit;
    private final Set<Waiting> waiting = new LinkedHashSet<>();
    private boolean retrying;
    private boolean soon;

    /** A request that waits for its turn. */
    private record Waiting(RoutingContext ctx, TrackedConnection guest) {}

    public Downloads(Context context, ConnectionTracker connections, ConnectionLimit limit) {
        this.context = context;
        this.connections = connections;
        this.limit = limit;
    }

    /** Continues the request when its turn comes. */
    void queue(RoutingContext ctx) {
        if (begin(ctx)) {
            return;
        }
        TrackedConnection guest = connections.guest(ctx).orElseThrow(); // without one, begin has nothing to wait for
        if (waiting.size() >= MAX_WAITING || guest.waitingDownloads >= MAX_WAITING_PER_CONNECTION) {
            Problem.UNAVAILABLE.failForNow(ctx, "Too many downloads are waiting.");
            return;
        }
        waiting.add(new Waiting(ctx, guest));
        guest.waitingDownloads++;
        limit.need(1);
        retryLater();
    }

    /** Begins the download. Returns false if it is not its turn. */
    private boolean begin(RoutingContext ctx) {
        TrackedConnection guest = connections.guest(ctx).orElse(null);
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
            retrySoon();
        });
        ctx.next();
        return true;
    }

    /** Another event loop may give a file back, of which this one is not told. */
    private void retryLater() {
        if (!retrying) {
            retrying = true;
            context.owner().setTimer(RETRY_MILLIS, id -> {
                retrying = false;
                retry();
            });
        }
    }

    private void retrySoon() {
        if (!soon && !waiting.isEmpty()) {
            soon = true;
            context.runOnContext(turn -> {
                soon = false;
                retry();
            });
        }
    }

    /** The connections with the fewest downloads first, so that one with many does not delay others. */
    private void retry() {
        List<Waiting> next = waiting.stream()
                .sorted(Comparator.comparingInt(download -> download.guest.downloads))
                .toList();
        for (Waiting download : next) {
            if (begin(download.ctx)) {
                waiting.remove(download);
                download.guest.waitingDownloads--;
                limit.need(-1);
            }
        }
        if (!waiting.isEmpty()) {
            retryLater();
        }
    }
}
