package dev.crier.transport;

import dev.crier.limit.ConnectionLimit;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * The connections of one event loop that have open requests. A response that its client does not take holds memory and
 * perhaps a file, so it ends after a timeout, or earlier if others need what it holds. Event streams are not counted here;
 * {@link dev.crier.fanout.Subscribers} has a timeout for them.
 */
final class BusyConnections {

    /** After this long without progress, a response may be ended because others need what it holds. */
    private static final long STALLED_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** Approximate memory of an open response over HTTP/2. */
    private static final int HTTP2_RESPONSE_BYTES = 16 << 10;

    /** Open responses over HTTP/2 may take the heap divided by this. */
    private static final int HTTP2_RESPONSES_HEAP_DIVISOR = 16;

    private static final long MAX_HTTP2_RESPONSES =
            Runtime.getRuntime().maxMemory() / HTTP2_RESPONSES_HEAP_DIVISOR / HTTP2_RESPONSE_BYTES;

    private static final Comparator<Stalled> SLOWEST_FIRST =
            Comparator.comparingLong(Stalled::nanos).reversed();

    private final ConnectionLimit limit;
    private final long timeoutNanos;
    private final Set<TrackedConnection> busy = new LinkedHashSet<>();

    /** The connections that had nothing but stalled responses at the last check, the slowest first. */
    private final Deque<TrackedConnection> stalled = new ArrayDeque<>();

    /** The number of stalled connections, which other event loops read. */
    private volatile int stalledCount;

    /** A response over HTTP/2 that makes no progress, or a connection whose socket takes nothing. */
    private record Stalled(long nanos, TrackedConnection connection, Optional<Http2Response> response) {

        int responses() {
            return response.isPresent() ? 1 : connection.http2Responses();
        }

        int files() {
            return response.map(http2 -> http2.hasFile ? 1 : 0).orElse(connection.downloads);
        }
    }

    /** @param timeoutNanos how long a client may take nothing of a response */
    BusyConnections(ConnectionLimit limit, long timeoutNanos) {
        this.limit = limit;
        this.timeoutNanos = timeoutNanos;
    }

    void add(TrackedConnection connection) {
        connection.resetProgress();
        busy.add(connection);
    }

    void remove(TrackedConnection connection) {
        busy.remove(connection);
    }

    /** Returns approximately how many connections {@link #pollSlowest} can return. Thread-safe. */
    int stalled() {
        return stalledCount;
    }

    /** Removes and returns the slowest connection that has nothing but stalled responses. */
    Optional<TrackedConnection> pollSlowest() {
        TrackedConnection next = stalled.poll();
        while (next != null && !(busy.contains(next) && next.isStalled(STALLED_NANOS))) {
            next = stalled.poll();
        }
        stalledCount = stalled.size();
        return Optional.ofNullable(next);
    }

    /** Ends the responses that have made no progress for the timeout. */
    void endTimedOut(long now, Consumer<TrackedConnection> close) {
        for (TrackedConnection connection : List.copyOf(busy)) {
            if (connection.endStalled(now, timeoutNanos)) {
                close.accept(connection);
            }
        }
    }

    /** Ends the slowest responses if others need what they hold, and remembers the connections that may be closed. */
    void endSlowest(Consumer<TrackedConnection> close) {
        List<Stalled> slowest = slowest();
        free(slowest, close);
        stalled.clear();
        slowest.stream()
                .map(Stalled::connection)
                .distinct()
                .filter(busy::contains)
                .filter(connection -> connection.isStalled(STALLED_NANOS))
                .forEach(stalled::add);
        stalledCount = stalled.size();
    }

    private List<Stalled> slowest() {
        var slowest = new ArrayList<Stalled>();
        for (TrackedConnection connection : busy) {
            if (connection.socketStalledNanos() >= STALLED_NANOS && !connection.hasEventStreams()) {
                slowest.add(new Stalled(connection.socketStalledNanos(), connection, Optional.empty()));
            } else {
                connection
                        .stalledResponses(STALLED_NANOS)
                        .forEach(response ->
                                slowest.add(new Stalled(response.stalledNanos(), connection, Optional.of(response))));
            }
        }
        slowest.sort(SLOWEST_FIRST);
        return slowest;
    }

    /** Ends responses, the slowest first, until all responses fit in memory and the downloads that wait have files. */
    private void free(List<Stalled> slowest, Consumer<TrackedConnection> close) {
        long responses =
                busy.stream().mapToLong(TrackedConnection::http2Responses).sum()
                        - MAX_HTTP2_RESPONSES / limit.eventLoops();
        int files = limit.downloads().filesWanted();
        for (Stalled next : slowest) {
            int endedResponses = next.responses();
            int endedFiles = next.files();
            if (responses > 0 && endedResponses > 0 || files > 0 && endedFiles > 0) {
                responses -= endedResponses;
                files -= endedFiles;
                next.response.ifPresentOrElse(
                        response -> next.connection.http2.orElseThrow().end(response),
                        () -> close.accept(next.connection));
            }
        }
        slowest.forEach(next -> next.connection.http2.ifPresent(Http2Responses::flush));
    }
}
