package dev.crier.http;

import dev.crier.metrics.Metrics;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The connections of one event loop. One on which nothing is asked has its place only for a time; and where all places are
 * taken, the one that has waited longest gives its own to who comes. So who is being answered, and who reads, loses nothing
 * to those that only hold a connection.
 */
final class Connections {

    /** How often it is looked for those that keep their place too long. */
    private static final long WATCH_MILLIS = 100;

    private final Vertx vertx;
    private final Limits limits;
    private final Metrics metrics;
    private final long headTimeoutNanos;
    private long watching;
    private final Map<HttpConnection, Guest> guests = new HashMap<>();

    /** On which nothing is asked, and since when; the longest first. */
    private final Map<HttpConnection, Long> waiting = new LinkedHashMap<>();

    private static final class Guest {
        private boolean surplus;
        private int requests;
    }

    /** @param headTimeout how long it may be until a whole request comes */
    Connections(Vertx vertx, Limits limits, Metrics metrics, Duration headTimeout) {
        this.vertx = vertx;
        this.limits = limits;
        this.metrics = metrics;
        this.headTimeoutNanos = headTimeout.toNanos();
    }

    void watch() {
        watching = vertx.setPeriodic(WATCH_MILLIS, id -> closeLate());
    }

    void unwatch() {
        vertx.cancelTimer(watching);
    }

    void opened(HttpConnection connection) {
        var guest = new Guest();
        guests.put(connection, guest);
        metrics.connected();
        connection.closeHandler(closed -> closed(connection));
        switch (limits.connected()) {
            case FREE -> {}
            case NONE -> guest.surplus = !leavesOne();
            case NO_FILES -> {
                if (!leavesOne()) {
                    shed(connection);
                    return;
                }
            }
        }
        waiting.put(connection, System.nanoTime());
    }

    private void closed(HttpConnection connection) {
        limits.disconnected();
        metrics.disconnected();
        guests.remove(connection);
        waiting.remove(connection);
    }

    private boolean leavesOne() {
        var longest = waiting.keySet().iterator();
        if (!longest.hasNext()) {
            return false;
        }
        shed(longest.next());
        return true;
    }

    private void shed(HttpConnection connection) {
        waiting.remove(connection);
        metrics.shed();
        connection.close();
    }

    /** Each request comes by here first. */
    void admit(RoutingContext ctx) {
        HttpConnection connection = ctx.request().connection();
        Guest guest = guests.get(connection);
        if (guest == null) {
            return; // it is closed, and nobody there to be answered
        }
        guest.requests++;
        waiting.remove(connection);
        if (guest.surplus) {
            ctx.addEndHandler(ended -> connection.close());
            Problem.UNAVAILABLE.failForNow(ctx, "All connections that Crier may have are taken (limits.connections).");
        } else {
            ctx.addEndHandler(ended -> answered(connection));
            ctx.next();
        }
    }

    /** A request is over. */
    void answered(HttpConnection connection) {
        Guest guest = guests.get(connection);
        if (guest != null && --guest.requests == 0) {
            waiting.put(connection, System.nanoTime());
        }
    }

    private void closeLate() {
        limits.forget();
        long since = System.nanoTime() - headTimeoutNanos;
        List<HttpConnection> late = new ArrayList<>();
        for (var guest : waiting.entrySet()) {
            if (guest.getValue() - since > 0) {
                break;
            }
            late.add(guest.getKey());
        }
        late.forEach(this::shed);
    }
}
