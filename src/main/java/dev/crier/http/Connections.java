package dev.crier.http;

import dev.crier.metrics.Metrics;
import io.vertx.core.Context;
import io.vertx.core.http.HttpConnection;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.stream.Stream;

/**
 * The connections of one event loop. Whatever waits on a client has a timeout: a connection without a request, a response that
 * its client does not take, a body that does not arrive. When no connection is free, those that have waited longest are closed.
 */
final class Connections {

    private static final long WATCH_MILLIS = 100;

    /** A response that has made no progress for this long may be ended to make room. */
    private static final long SLOW_NANOS = 1_000_000_000;

    /** Responses of one HTTP/2 connection at a time, besides its event streams. */
    private static final int MAX_ANSWERS = 128;

    private static final Comparator<Guest> SLOWEST = Comparator.comparingLong(Guest::stalledNanos);

    /** Slow downloads that are ended at a time. */
    private static final int MAX_ENDED = 8;

    private static final long NO_ERROR = 0;

    /** Approximate memory of an open response over HTTP/2. */
    private static final int ANSWER_BYTES = 16 << 10;

    /** The part of the heap that all of them may take. */
    private static final int ANSWERS_PART = 16;

    private final Context context;
    private final ConnectionLimit limit;
    private final BiConsumer<RoutingContext, String> refuse;
    private final Metrics metrics;
    private final long headNanos;
    private final long answerNanos;
    private final long maxAnswers = Runtime.getRuntime().maxMemory() / ANSWERS_PART / ANSWER_BYTES;
    private long watching;
    private final Map<HttpConnection, Guest> guests = new HashMap<>();

    /** Connections without a request, with the time since when; the longest-waiting first. */
    private final Map<Guest, Long> waiting = new LinkedHashMap<>();

    /** Waiting connections that have sent part of a head, in that order. */
    private final Set<Guest> halfHeads = new LinkedHashSet<>();

    /** Connections with a request that is being answered, except event streams over HTTP/1. */
    private final Set<Guest> busy = new LinkedHashSet<>();

    private final Set<Body> bodies = new HashSet<>();

    /** How many connections could be closed to make room; read by the other event loops. */
    private volatile int spare;

    /**
     * @param refuse refuses a request whose connection exceeds the limit, for the given reason
     * @param headTimeout how long a connection may be without a complete request head
     * @param answerTimeout how long a client may take nothing of a response
     */
    Connections(
            Context context,
            ConnectionLimit limit,
            BiConsumer<RoutingContext, String> refuse,
            Metrics metrics,
            Duration headTimeout,
            Duration answerTimeout) {
        this.context = context;
        this.limit = limit;
        this.refuse = refuse;
        this.metrics = metrics;
        this.headNanos = headTimeout.toNanos();
        this.answerNanos = answerTimeout.toNanos();
    }

    void watch() {
        limit.add(this);
        watching = context.owner().setPeriodic(WATCH_MILLIS, id -> closeLate());
    }

    void unwatch() {
        context.owner().cancelTimer(watching);
        limit.remove(this);
    }

    void opened(HttpConnection connection) {
        Wire.channel(connection).ifPresent(channel -> {
            limit.count(channel);
            Gate.pass(channel);
        });
        Wire.capHeaderTable(connection);
        var guest = new Guest(connection, limit, this::active, this::idle, this::headCame);
        guests.put(connection, guest);
        metrics.connected();
        connection.closeHandler(closed -> closed(guest));
        guest.surplus = limit.isOver() && !giveWay();
        await(guest);
    }

    private void closed(Guest guest) {
        metrics.disconnected();
        guests.remove(guest.connection);
        guest.forgetHead();
        unawait(guest);
        busy.remove(guest);
    }

    private void await(Guest guest) {
        busy.remove(guest);
        if (guests.containsKey(guest.connection)) {
            waiting.put(guest, System.nanoTime());
            spare = waiting.size();
        }
    }

    private void unawait(Guest guest) {
        waiting.remove(guest);
        halfHeads.remove(guest);
        spare = waiting.size();
    }

    /** Called when a part of a head has arrived. */
    private void headCame(Guest guest) {
        if (guest.shed) {
            return;
        }
        halfHeads.add(guest);
        if (limit.isOverInHeads()) {
            shed(halfHeads.iterator().next());
        }
    }

    /** Called when an HTTP/2 connection opens its first stream. */
    private void active(Guest guest) {
        unawait(guest);
        busy.add(guest);
    }

    /** Called when an HTTP/2 connection closes its last stream. */
    private void idle(Guest guest) {
        if (guest.leaving) {
            guest.connection.close();
        } else {
            await(guest);
        }
    }

    /** Closes a waiting connection of this event loop, or else one of another. */
    private boolean giveWay() {
        return shedLongest() || limit.giveWay(this);
    }

    /** Closes up to this many waiting connections, for another event loop or the gate. Returns whether one seems to wait. Thread-safe. */
    boolean asked(int places) {
        boolean has = spare > 0;
        if (has) {
            context.runOnContext(turn -> {
                for (int i = 0; i < places && shedLongest(); i++) {}
            });
        }
        return has;
    }

    private boolean shedLongest() {
        Optional<Guest> longest = waiting.isEmpty()
                ? slow().filter(guest -> !guest.hasStreams()).max(SLOWEST)
                : Optional.of(waiting.keySet().iterator().next());
        longest.ifPresent(this::shed);
        return longest.isPresent();
    }

    /** Returns the connections whose clients have taken nothing of a response for a while. */
    private Stream<Guest> slow() {
        return busy.stream().filter(guest -> guest.stalledNanos() >= SLOW_NANOS);
    }

    private void shed(Guest guest) {
        unawait(guest);
        busy.remove(guest);
        if (!guest.shed) {
            guest.shed = true;
            metrics.shed();
            Wire.cut(guest.connection);
        }
    }

    /** Each request comes by here first. */
    void admit(RoutingContext ctx) {
        HttpConnection connection = ctx.request().connection();
        Guest guest = guests.get(connection);
        if (guest == null) {
            return; // it is closed, and nobody there to be answered
        }
        if (Wire.isFull(connection)) {
            shed(guest); // a client that keeps sending requests and reads no response would fill the memory
            return;
        }
        if (guest.answers.isPresent()) {
            Http2Answers answers = guest.answers.get();
            if (answers.count() > MAX_ANSWERS) {
                answers.refuse(ctx.request());
                return;
            }
            answers.admit(ctx.request());
        } else {
            guest.requests++;
            guest.headComplete(Body.announced(ctx.request()));
            unawait(guest);
            busy.add(guest);
        }
        guest.surplus &= limit.isOver();
        if (guest.surplus) {
            ctx.addEndHandler(ended -> connection.close());
            refuse.accept(ctx, "All connections are in use (limits.connections).");
        } else {
            ctx.addEndHandler(ended -> answered(connection));
            ctx.next();
        }
    }

    /** Called when an event stream answers the request. {@link dev.crier.channel.Subscribers} watches it from now on. */
    void streams(RoutingContext ctx) {
        Guest guest = guests.get(ctx.request().connection());
        if (guest != null) {
            guest.answers.ifPresentOrElse(answers -> answers.becomeStream(ctx.request()), () -> {
                guest.becomeStream();
                busy.remove(guest);
            });
        }
    }

    /** Called when a request is over. With HTTP/2, that only means that Vert.x has the whole response. */
    void answered(HttpConnection connection) {
        Guest guest = guests.get(connection);
        if (guest == null || guest.answers.isPresent() || --guest.requests > 0) {
            return;
        }
        guest.forgetHead();
        await(guest);
    }

    /** Runs this once the client has taken the response or never will. */
    void whenOver(RoutingContext ctx, Runnable over) {
        Guest guest = guests.get(ctx.request().connection());
        if (guest == null) {
            over.run();
        } else if (guest.answers.isPresent()) {
            guest.answers.get().whenOver(ctx.request(), over);
        } else {
            ctx.addEndHandler(ended -> over.run());
        }
    }

    Optional<Guest> guest(RoutingContext ctx) {
        return Optional.ofNullable(guests.get(ctx.request().connection()));
    }

    /** Ends the slowest response, except event streams. Returns whether one was slow. */
    boolean endSlowest() {
        Optional<Guest> slowest = slow().max(SLOWEST);
        slowest.ifPresent(guest -> guest.answers.ifPresentOrElse(Http2Answers::endSlowest, () -> shed(guest)));
        return slowest.isPresent();
    }

    /** Watches a body that begins to arrive, until it is {@link #received}. */
    void receive(RoutingContext ctx, Body body) {
        bodies.add(body);
        guest(ctx).ifPresent(guest -> guest.receives(true));
    }

    void received(RoutingContext ctx, Body body) {
        bodies.remove(body);
        guest(ctx).ifPresent(guest -> guest.receives(false));
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
        long now = System.nanoTime();
        waiting.entrySet().stream()
                .takeWhile(guest -> now - guest.getValue() >= headNanos)
                .map(Map.Entry::getKey)
                .toList()
                .forEach(this::shed);
        for (Guest guest : List.copyOf(busy)) {
            if (guest.watch(now, answerNanos)) {
                shed(guest);
            }
        }
        List.copyOf(bodies).forEach(body -> body.watch(now));
        long answers = busy.stream().mapToLong(Guest::http2Answers).sum();
        while (answers > maxAnswers / limit.eventLoops() && endSlowest()) {
            answers--;
        }
        for (int i = 0; i < MAX_ENDED && limit.needsFiles(); i++) {
            endSlowest();
        }
        spare = waiting.size() + (int) slow().count();
    }
}
