package dev.crier.routes;

import dev.crier.auth.JwtVerifier;
import dev.crier.config.Conf;
import dev.crier.limit.Limits;
import dev.crier.log.EventLog;
import dev.crier.log.Notifications;
import dev.crier.metrics.Metrics;
import dev.crier.transport.stream.QueuedBytes;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/**
 * What the routes of all event loops share.
 *
 * @param jwts empty if no JWT is accepted
 * @param loops the event loops that serve the routes at present
 * @param randoms creates the random generator of each event loop
 */
public record SharedParts(
        Conf conf,
        EventLog log,
        Notifications notifications,
        Optional<JwtVerifier> jwts,
        Limits limits,
        QueuedBytes queued,
        Metrics metrics,
        EventLoops loops,
        Supplier<RandomGenerator> randoms) {

    /** A clock that never goes back, unlike the wall clock. */
    public static long nowMillis() {
        return System.nanoTime() / 1_000_000;
    }
}
