package dev.crier.console;

import dev.crier.log.StoreFailure;
import dev.crier.log.store.Store;
import dev.crier.metrics.Prometheus;
import dev.crier.metrics.Reading;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Builds moments of a Crier with which nothing is wrong, and others by single differences. */
final class Moments {

    static final Instant NOW = Instant.parse("2026-01-31T12:00:00Z");

    final Prometheus metrics = new Prometheus(List.of("/news"), Optional::of, Optional.empty(), () -> NOW);
    Optional<String> notReady = Optional.empty();
    int connections = 900;
    int files = 900;
    long refusedByAddress;
    boolean readable = true;
    Optional<String> full = Optional.empty();
    Optional<StoreFailure> failure = Optional.empty();
    long newestMillis = NOW.toEpochMilli();
    Optional<Store.Shared> shared = Optional.empty();
    List<String> blocked = List.of();
    Optional<Instant> certificateEnd = Optional.of(NOW.plus(Duration.ofDays(15)));

    Moment moment() {
        Reading reading = metrics.read();
        return new Moment(
                NOW,
                1_000,
                notReady,
                reading,
                1,
                connections,
                1_000,
                files,
                1_000,
                refusedByAddress,
                new Moment.Log("redis", readable, 1, 1, 1, 2, 3, full, failure, newestMillis, shared, List.of()),
                new Moment.Heap(1, 2),
                blocked,
                certificateEnd);
    }
}
