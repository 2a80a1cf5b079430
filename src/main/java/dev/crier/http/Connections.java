package dev.crier.http;

import io.vertx.core.http.HttpConnection;
import io.vertx.ext.web.RoutingContext;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * The connections of one event loop. One on which nothing is asked has its place only for a time; and where all places are
 * taken, the one that has waited longest gives its own to who comes. So who is being answered, and who reads, loses nothing
 * to those that only hold a connection.
 */
final class Connections {

    private final Limits limits;
    private final long headTimeoutMillis;
    private final LongSupplier nowMillis;
    private final Map<HttpConnection, Guest> guests = new HashMap<>();

    /** On which nothing is asked, and since when; the longest first. */
    private final Map<HttpConnection, Long> waiting = new LinkedHashMap<>();

    private static final class Guest {
        private boolean surplus;
        private int requests;
    }

    /** @param nowMillis a clock that never goes back */
    Connections(Limits limits, long headTimeoutMillis, LongSupplier nowMillis) {
        this.limits = limits;
        this.headTimeoutMillis = headTimeoutMillis;
        this.nowMillis = nowMillis;
    }

    void opened(HttpConnection connection) {
        var guest = new Guest();
        guests.put(connection, guest);
        connection.closeHandler(closed -> closed(connection));
        switch (limits.connected()) {
            case FREE -> {}
            case NONE -> guest.surplus = !leavesOne();
            case NO_FILES -> {
                if (!leavesOne()) {
                    connection.close();
                    return;
                }
            }
        }
        waiting.put(connection, nowMillis.getAsLong());
    }

    private void closed(HttpConnection connection) {
        limits.disconnected();
        guests.remove(connection);
        waiting.remove(connection);
    }

    private boolean leavesOne() {
        var longest = waiting.keySet().iterator();
        if (!longest.hasNext()) {
            return false;
        }
        HttpConnection leaving = longest.next();
        longest.remove();
        leaving.close();
        return true;
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
            waiting.put(connection, nowMillis.getAsLong());
        }
    }

    /** Closes those that have waited long enough; to be called now and then. */
    void beat() {
        limits.forget();
        long since = nowMillis.getAsLong() - headTimeoutMillis;
        List<HttpConnection> late = new ArrayList<>();
        for (var guest : waiting.entrySet()) {
            if (guest.getValue() > since) {
                break;
            }
            late.add(guest.getKey());
        }
        late.forEach(HttpConnection::close);
    }
}
