package dev.crier.transport;

import dev.crier.limit.ConnectionLimit;
import dev.crier.metrics.Metrics;
import io.vertx.core.Context;
import io.vertx.core.http.HttpConnection;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.IntPredicate;
import java.util.function.LongConsumer;

/**
 * The connections of one event loop. Whatever waits on a client has a timeout: a connection without a request, a response that
 * its client does not take, a body that does not arrive. When no connection is free, those that have waited longest are closed.
 */
public final class ConnectionTracker {

    private static final long WATCH_MILLIS = 100;

    /** A response that has made no progress for this long may be ended to make room. */
    private static final long SLOW_NANOS = 1_000_000_000;

    private static final Comparator<Slow> SLOWEST_FIRST =
            Comparator.comparingLong(Slow::nanos).reversed();

    private static final long NO_ERROR = 0;

    /** Approximate memory of an open response over HTTP/2. */
    private static final int ANSWER_BYTES = 16 << 10;

    /** The part of the heap that all of them may take. */
    private static final int ANSWERS_PART = 16;

    private final Context context;
    private final IntPredicate shedForOthers = this::shedForOthers;
    private final ConnectionLimit limit;
    private final BiConsumer<RoutingContext, String> refuse;
    private final Metrics metrics;
    private final long headNanos;
    private final long answerNanos;
    private final long maxAnswers = Runtime.getRuntime().maxMemory() / ANSWERS_PART / ANSWER_BYTES;
    private long watching;
    private final Map<HttpConnection, TrackedConnection> guests = new HashMap<>();

    /** Connections without a request, with the time since when; the longest-waiting first. */
    private final Map<TrackedConnection, Long> waiting = new LinkedHashMap<>();

    /** A slow response over HTTP/2, or a connection whose socket takes nothing. */
    private record Slow(long nanos, TrackedConnection guest, Optional<Http2Responses.Answer> answer) {}

    /** Connections with a request that is being answered, except event streams. */
    private final Set<TrackedConnection> busy = new LinkedHashSet<>();

    /** A check of the progress of each request body that is arriving. */
    private final Set<LongConsumer> bodies = new HashSet<>();

    /** Connections that had nothing but slow responses at the last check, the slowest first. */
    private final Deque<TrackedConnection> stuck = new ArrayDeque<>();

    /** How many connections could be closed to make room; read by the other event loops. */
    private volatile int spare;

    /**
     * @param refuse refuses a request whose connection exceeds the limit, for the given reason
     * @param headTimeout how long a connection may be without a complete request head
     * @param answerTimeout how long a client may take nothing of a response
     */
    public ConnectionTracker(
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

    public void watch() {
        limit.add(shedForOthers);
        watching = context.owner().setPeriodic(WATCH_MILLIS, id -> closeLate());
    }

    public void unwatch() {
        context.owner().cancelTimer(watching);
        limit.remove(shedForOthers);
    }

    public void opened(HttpConnection connection) {
        NettyConnection.channel(connection).ifPresent(channel -> {
            limit.count(channel);
            ConnectionGate.pass(channel);
        });
        NettyConnection.capHeaderTable(connection);
        var guest = new TrackedConnection(connection, limit, this::active, this::idle, this::headCame);
        guests.put(connection, guest);
        metrics.connectionOpened();
        connection.closeHandler(closed -> closed(guest));
        guest.surplus = limit.isOver() && !giveWay();
        await(guest);
    }

    private void closed(TrackedConnection guest) {
        metrics.connectionClosed();
        guests.remove(guest.connection);
        guest.forgetHead();
        unawait(guest);
        busy.remove(guest);
    }

    private void await(TrackedConnection guest) {
        busy.remove(guest);
        if (guests.containsKey(guest.connection)) {
            waiting.put(guest, System.nanoTime());
            spare = waiting.size();
        }
    }

    private void unawait(TrackedConnection guest) {
        waiting.remove(guest);
        spare = waiting.size();
    }

    /** Called when a part of a head has arrived. */
    private void headCame(TrackedConnection guest) {
        if (!guest.shed && limit.isOverInHeads()) {
            waiting.keySet().stream()
                    .filter(TrackedConnection::hasHeadBytes)
                    .findFirst()
                    .ifPresent(this::shed);
        }
    }

    /** Called when a connection opens a request, and had none besides event streams. */
    private void active(TrackedConnection guest) {
        unawait(guest);
        guest.begin();
        busy.add(guest);
    }

    /** Called when an HTTP/2 connection has no open request besides event streams any more. */
    private void idle(TrackedConnection guest) {
        busy.remove(guest);
        if (guest.hasStreams()) {
            return;
        }
        if (guest.leaving) {
            guest.connection.close();
        } else {
            await(guest);
        }
    }

    /** Closes a waiting connection of this event loop, or else one of another. */
    private boolean giveWay() {
        return shedLongest() || limit.giveWay(shedForOthers);
    }

    /**
     * Closes up to this many waiting connections, for another event loop or the gate. Returns whether one seems to wait.
     * Thread-safe.
     */
    private boolean shedForOthers(int places) {
        boolean has = spare > 0;
        if (has) {
            context.runOnContext(turn -> {
                for (int i = 0; i < places && shedLongest(); i++) {}
            });
        }
        return has;
    }

    private boolean shedLongest() {
        TrackedConnection longest =
                waiting.isEmpty() ? nextStuck() : waiting.keySet().iterator().next();
        if (longest == null) {
            return false;
        }
        shed(longest);
        return true;
    }

    /** The slowest connection that is still stuck; null if there is none. */
    private TrackedConnection nextStuck() {
        TrackedConnection next = stuck.poll();
        while (next != null && (!busy.contains(next) || !isStuck(next))) {
            next = stuck.poll();
        }
        return next;
    }

    /** Whether the connection makes no progress, and has nothing that does. */
    private static boolean isStuck(TrackedConnection guest) {
        return !guest.hasStreams()
                && (guest.socketStalledNanos() >= SLOW_NANOS
                        || guest.http2Answers() > 0
                                && guest.stalledAnswers(SLOW_NANOS).count() == guest.http2Answers());
    }

    /** Returns the responses and connections that make no progress, the slowest first. */
    private List<Slow> slow() {
        var slow = new ArrayList<Slow>();
        for (TrackedConnection guest : busy) {
            if (guest.socketStalledNanos() >= SLOW_NANOS && !guest.hasStreams()) {
                slow.add(new Slow(guest.socketStalledNanos(), guest, Optional.empty()));
            } else {
                guest.stalledAnswers(SLOW_NANOS)
                        .forEach(answer -> slow.add(new Slow(answer.stalledNanos(), guest, Optional.of(answer))));
            }
        }
        slow.sort(SLOWEST_FIRST);
        return slow;
    }

    private void shed(TrackedConnection guest) {
        unawait(guest);
        busy.remove(guest);
        if (!guest.shed) {
            guest.shed = true;
            metrics.idleConnectionClosed();
            NettyConnection.cut(guest.connection);
        }
    }

    /** Each request comes by here first. */
    public void admit(RoutingContext ctx) {
        HttpConnection connection = ctx.request().connection();
        TrackedConnection guest = guests.get(connection);
        if (guest == null) {
            return; // it is closed, and nobody there to be answered
        }
        if (NettyConnection.isFull(connection)) {
            shed(guest); // a client that keeps sending requests and reads no response would fill the memory
            return;
        }
        if (guest.answers.isPresent()) {
            guest.answers.get().admit(ctx.request());
        } else {
            guest.headComplete(ctx.request());
            if (guest.requests++ == 0) {
                active(guest);
            }
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

    /** Called when an event stream answers the request. {@link dev.crier.fanout.Subscribers} watches it from now on. */
    public void streams(RoutingContext ctx) {
        TrackedConnection guest = guests.get(ctx.request().connection());
        if (guest != null) {
            guest.answers.ifPresentOrElse(answers -> answers.becomeStream(ctx.request()), () -> {
                guest.becomeStream();
                busy.remove(guest);
            });
        }
    }

    /** Called when a request is over. With HTTP/2, that only means that Vert.x has the whole response. */
    public void answered(HttpConnection connection) {
        TrackedConnection guest = guests.get(connection);
        if (guest == null || guest.answers.isPresent() || --guest.requests > 0) {
            return;
        }
        guest.answered();
        await(guest);
    }

    /** Runs this once the answer, which holds a file, is over: its client has taken it, or will not. */
    public void whenOver(RoutingContext ctx, Runnable over) {
        TrackedConnection guest = guests.get(ctx.request().connection());
        if (guest == null) {
            over.run();
        } else if (guest.answers.isPresent()) {
            guest.answers.get().whenOver(ctx.request(), over);
        } else {
            ctx.addEndHandler(ended -> over.run());
        }
    }

    public Optional<TrackedConnection> guest(RoutingContext ctx) {
        return Optional.ofNullable(guests.get(ctx.request().connection()));
    }

    /** Calls the check with the current {@link System#nanoTime} regularly, until it is {@link #received}. */
    public void receive(LongConsumer body) {
        bodies.add(body);
    }

    public void received(LongConsumer body) {
        bodies.remove(body);
    }

    /**
     * Takes nothing new on a connection of HTTP/2, and closes it when what is open on it has ended. Not by Vert.x' shutdown:
     * that keeps what it needs for it until its time is over, also of a connection that has broken.
     */
    @SuppressWarnings("deprecation")
    public void dismiss(HttpConnection connection) {
        TrackedConnection guest = guests.get(connection);
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
        for (TrackedConnection guest : List.copyOf(busy)) {
            if (guest.watch(now, answerNanos)) {
                shed(guest);
            }
        }
        List.copyOf(bodies).forEach(body -> body.accept(now));
        List<Slow> slow = slow();
        relieve(slow);
        stuck.clear();
        slow.stream()
                .map(Slow::guest)
                .distinct()
                .filter(busy::contains)
                .filter(ConnectionTracker::isStuck)
                .forEach(stuck::add);
        spare = waiting.size() + stuck.size();
    }

    /** Ends the slowest answers where all answers take too much memory, or downloads wait for files. */
    private void relieve(List<Slow> slow) {
        long tooMany = busy.stream().mapToLong(TrackedConnection::http2Answers).sum() - maxAnswers / limit.eventLoops();
        int files = limit.filesNeeded();
        for (Slow each : slow) {
            TrackedConnection guest = each.guest;
            int answers = each.answer.isPresent() ? 1 : guest.http2Answers();
            int held = each.answer.map(answer -> answer.holdsFile() ? 1 : 0).orElse(guest.downloads);
            if (tooMany > 0 && answers > 0 || files > 0 && held > 0) {
                tooMany -= answers;
                files -= held;
                each.answer.ifPresentOrElse(
                        answer -> guest.answers.orElseThrow().end(answer), () -> shed(guest));
            }
        }
        slow.forEach(each -> each.guest.answers.ifPresent(Http2Responses::flush));
    }
}
