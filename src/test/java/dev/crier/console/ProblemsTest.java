package dev.crier.console;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.crier.log.StoreFailure;
import dev.crier.log.store.Store;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProblemsTest {

    private final Moments moments = new Moments();
    private final Moment before = moments.moment();

    @AfterEach
    void close() {
        moments.metrics.close();
    }

    private List<String> problems() {
        return Problems.of(before, moments.moment());
    }

    private static StoreFailure failure(String cause) {
        return new StoreFailure(Moments.NOW.minusSeconds(90).toEpochMilli(), cause);
    }

    @Test
    void nothingIsWrong() {
        assertEquals(List.of(), problems());
    }

    @Test
    void theLogCannotStore() {
        moments.failure = Optional.of(failure("the disk is full"));
        assertEquals(List.of("The log cannot store since 2026-01-31 11:58:30 UTC: the disk is full."), problems());
        moments.readable = false;
        assertEquals(List.of("The log cannot be read since 2026-01-31 11:58:30 UTC: the disk is full."), problems());
    }

    @Test
    void redisIsAway() {
        moments.shared = Optional.of(new Store.Shared(false, 1, "1-0"));
        moments.failure = Optional.of(failure("Redis at localhost:6379: the connection was closed"));
        assertEquals(
                List.of("Redis is away since 2026-01-31 11:58:30 UTC: Redis at localhost:6379: the connection was"
                        + " closed."),
                problems());
        moments.shared = Optional.of(new Store.Shared(true, 1, "1-0"));
        assertEquals(
                List.of("The log cannot store since 2026-01-31 11:58:30 UTC: Redis at localhost:6379: the connection"
                        + " was closed."),
                problems());
    }

    @Test
    void theLogIsFull() {
        moments.full = Optional.of("the event log is full (log.memoryBytes)");
        assertEquals(List.of("Publishing is refused, because the event log is full (log.memoryBytes)."), problems());
    }

    @ParameterizedTest
    @CsvSource({
        "P13DT23H, 'The certificate expires in 13 days, at 2026-02-14 11:00:00 UTC.'",
        "P1DT1H, 'The certificate expires in 1 day, at 2026-02-01 13:00:00 UTC.'",
        "PT1H, 'The certificate expires in less than a day, at 2026-01-31 13:00:00 UTC.'",
        "PT-1H, 'The certificate has expired, at 2026-01-31 11:00:00 UTC.'"
    })
    void theCertificateExpires(Duration left, String sentence) {
        moments.certificateEnd = Optional.of(Moments.NOW.plus(left));
        assertEquals(List.of(sentence), problems());
    }

    @Test
    void withoutTlsNoCertificateExpires() {
        moments.certificateEnd = Optional.empty();
        assertEquals(List.of(), problems());
    }

    @Test
    void filesAndConnectionsAreNearTheirLimits() {
        moments.files = 901;
        moments.connections = 1_000;
        assertEquals(
                List.of(
                        "901 of 1000 files are open (expected: a higher limit of open files, LimitNOFILE).",
                        "1000 of 1000 connections are open (expected: a higher limit of connections,"
                                + " limits.connections)."),
                problems());
    }

    @Test
    void anEventLoopIsBlocked() {
        moments.blocked = List.of("vert.x-eventloop-thread-1");
        assertEquals(
                List.of("vert.x-eventloop-thread-1 is blocked, so its subscribers get their events late."), problems());
    }

    @Test
    void anEventLoopWasBlocked() {
        moments.metrics.eventLoopDelayed(2_000_000_000);
        assertEquals(List.of(), problems());
        moments.metrics.eventLoopDelayed(2_000_000_001);
        assertEquals(
                List.of("An event loop was blocked for more than 2 s in the last minute; the log names it."),
                problems());
    }

    @Test
    void subscribersOfAnAddressAreRefused() {
        moments.refusedByAddress = 1;
        assertEquals(
                List.of("1 subscriber was refused in the last minute, because their address has too many"
                        + " (limits.subscribersPerAddress)."),
                problems());
        moments.refusedByAddress = 12;
        assertEquals(
                List.of("12 subscribers were refused in the last minute, because their address has too many"
                        + " (limits.subscribersPerAddress)."),
                problems());
    }

    @Test
    void logLinesAreDropped() {
        var dropped = new AtomicLong();
        moments.metrics.observeDroppedLines(dropped::get);
        dropped.set(3);
        assertEquals(
                List.of("3 log lines were dropped in the last minute, because standard output does not accept them."),
                problems());
    }

    @Test
    void theClockIsBehindTheNewestEvent() {
        moments.newestMillis += 1_000;
        assertEquals(List.of(), problems());
        moments.newestMillis += 11_000;
        assertEquals(List.of("The clock of this machine is 12 s behind the newest event id."), problems());
    }

    @Test
    void crierIsStopping() {
        moments.notReady = Optional.of("Crier is stopping");
        assertEquals(List.of("Crier is stopping."), problems());
    }
}
