package dev.crier.transport;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The connections of one event loop that wait for a request, the longest-waiting first. */
final class IdleConnections {

    /** The connections, each with the time at which it began to wait. */
    private final Map<TrackedConnection, Long> waiting = new LinkedHashMap<>();

    /** The number of waiting connections, which other event loops read. */
    private volatile int size;

    void add(TrackedConnection connection, long now) {
        waiting.put(connection, now);
        size = waiting.size();
    }

    void remove(TrackedConnection connection) {
        waiting.remove(connection);
        size = waiting.size();
    }

    /** Returns the number of waiting connections. Thread-safe. */
    int size() {
        return size;
    }

    Optional<TrackedConnection> longestWaiting() {
        return waiting.keySet().stream().findFirst();
    }

    /** Returns the longest-waiting connection of those that have sent part of a request head. */
    Optional<TrackedConnection> longestWaitingWithHead() {
        return waiting.keySet().stream().filter(TrackedConnection::hasHeadBytes).findFirst();
    }

    /** Returns the connections that have waited at least this long. */
    List<TrackedConnection> waitingFor(long nanos, long now) {
        return waiting.entrySet().stream()
                .takeWhile(entry -> now - entry.getValue() >= nanos)
                .map(Map.Entry::getKey)
                .toList();
    }
}
