package dev.crier.http;

import dev.crier.metrics.Metrics;
import io.vertx.core.Context;
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

    private static final long NO_ERROR = 0;

    private final Context context;
    private final Limits limits;
    private final Refusal refusal;
    private final Metrics metrics;
    private final long headTimeoutNanos;
    private long watching;
    private final Map<HttpConnection, Guest> guests = new HashMap<>();

    /** On which nothing is asked, and since when; the longest first. */
    private final Map<HttpConnection, Long> waiting = new LinkedHashMap<>();

    /** How many of them there are, for the other event loops. */
    private volatile int spare;

    private static final class Guest {
        private boolean surplus;
        private boolean leaving;
        private int requests;
    }

    /** @param headTimeout how long it may be until the whole head of a request comes */
    Connections(Context context, Limits limits, Refusal refusal, Metrics metrics, Duration headTimeout) {
        this.context = context;
        this.limits = limits;
        this.refusal = refusal;
        this.metrics = metrics;
        this.headTimeoutNanos = headTimeout.toNanos();
    }

    void watch() {
        limits.share(this);
        watching = context.owner().setPeriodic(WATCH_MILLIS, id -> closeLate());
    }

    void unwatch() {
        context.owner().cancelTimer(watching);
        limits.unshare(this);
    }

    void opened(HttpConnection connection) {
        var guest = new Guest();
        guests.put(connection, guest);
        metrics.connected();
        connection.closeHandler(closed -> closed(connection));
        switch (limits.connected()) {
            case FREE -> {}
            case NONE -> guest.surplus = !giveWay();
            case NO_FILES -> {
                if (!giveWay()) {
                    shed(connection);
                    return;
                }
            }
        }
        await(connection);
    }

    private void closed(HttpConnection connection) {
        limits.disconnected();
        metrics.disconnected();
        guests.remove(connection);
        unawait(connection);
    }

    private void await(HttpConnection connection) {
        waiting.put(connection, System.nanoTime());
        spare = waiting.size();
    }

    private void unawait(HttpConnection connection) {
        waiting.remove(connection);
        spare = waiting.size();
    }

    /** One that waits here is closed, or else one of another event loop. */
    private boolean giveWay() {
        return shedLongest() || limits.ask(this);
    }

    /** Another event loop needs a place; for any thread. The answer is whether there seems to be one. */
    boolean asked() {
        boolean has = spare > 0;
        if (has) {
            context.runOnContext(turn -> shedLongest());
        }
        return has;
    }

    private boolean shedLongest() {
        var longest = waiting.keySet().iterator();
        if (!longest.hasNext()) {
            return false;
        }
        shed(longest.next());
        return true;
    }

    private void shed(HttpConnection connection) {
        unawait(connection);
        metrics.shed();
        Wire.cut(connection);
    }

    /** Each request comes by here first. */
    void admit(RoutingContext ctx) {
        HttpConnection connection = ctx.request().connection();
        Guest guest = guests.get(connection);
        if (guest == null) {
            return; // it is closed, and nobody there to be answered
        }
        if (Wire.isFull(connection)) {
            shed(connection); // who asks on and on, and reads no answer, would fill the memory
            return;
        }
        guest.requests++;
        unawait(connection);
        guest.surplus &= limits.isOver();
        if (guest.surplus) {
            ctx.addEndHandler(ended -> connection.close());
            refusal.any(
                    ctx, Problem.UNAVAILABLE, "All connections that Crier may have are taken (limits.connections).");
        } else {
            ctx.addEndHandler(ended -> answered(connection));
            ctx.next();
        }
    }

    /** A request is over. */
    void answered(HttpConnection connection) {
        Guest guest = guests.get(connection);
        if (guest == null || --guest.requests > 0) {
            return;
        }
        if (guest.leaving) {
            connection.close();
        } else {
            await(connection);
        }
    }

    /**
     * Takes nothing new on a connection of HTTP/2, and closes it when what is open on it has ended. Not by Vert.x' shutdown:
     * that keeps what it needs for it until its time is over, also of a connection that has broken.
     */
    @SuppressWarnings("deprecation")
    void dismiss(HttpConnection connection) {
        Guest guest = guests.get(connection);
        if (guest != null && !guest.leaving) {
            guest.leaving = true;
            connection.goAway(NO_ERROR);
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
