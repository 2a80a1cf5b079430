package dev.crier.fanout;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.crier.event.ChannelName;
import dev.crier.event.Event;
import dev.crier.event.Publication;
import dev.crier.event.Retention;
import dev.crier.log.EventLog;
import dev.crier.log.MemoryStore;
import dev.crier.metrics.Prometheus;
import dev.crier.testing.Scrape;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is measured of walks, by a clock that the test sets. */
class DeliveryStatsTest {

    private static final Duration FOR_EVER = Duration.ofMillis(Long.MAX_VALUE);
    private static final ChannelName NEWS = new ChannelName("/news");
    private static final Retention ALL = new Retention.Events(Retention.Events.ANY_NUMBER, Retention.Events.ANY_AGE);
    private static final StreamTimeouts PATIENCE = new StreamTimeouts(
            Duration.ofSeconds(8), Duration.ofHours(1), Duration.ofSeconds(2), Duration.ofMinutes(10));

    private long now = 1_000_000;
    private final InstantSource clock = () -> Instant.ofEpochMilli(now);
    private final Prometheus metrics = new Prometheus(List.of("/news"), Optional::of, clock);
    private final EventLog log =
            new EventLog(name -> Optional.of(ALL), new MemoryStore(), clock, grown -> {}, Duration.ofMinutes(10));
    private final Subscribers subscribers =
            new Subscribers(log, PATIENCE, () -> now, new Random(1), metrics, () -> false);

    @BeforeEach
    void open() {
        log.open();
    }

    @AfterEach
    void close() {
        metrics.close();
    }

    private double value(String series) {
        return new Scrape(new String(metrics.scrape("").body(), StandardCharsets.UTF_8)).value(series);
    }

    private double ofNews(String metric) {
        return value(metric + "{channel=\"/news\"}");
    }

    private void store(String data) {
        log.append(new Publication(NEWS, List.of(Event.of(data)), Publication.Attempt.ONCE));
        subscribers.notified(NEWS);
    }

    private Connection join() {
        var connection = new Connection();
        subscribers.add(NEWS, ALL, new StartAt.Now(), connection, FOR_EVER, "a", () -> false);
        return connection;
    }

    @Test
    void theDelayOfAWalkIsThatOfItsOldestEventToTheEndOfTheWalk() {
        join();
        Connection last = join();
        last.onWrite = () -> now += 20;
        join();
        last.written.clear();
        store("one");
        now += 100;
        store("two");
        now += 30;
        subscribers.deliver();
        assertEquals(1, ofNews("crier_delivery_delay_seconds_count"));
        assertEquals(0.15, ofNews("crier_delivery_delay_seconds_sum"), 1e-9);
        assertEquals(6, ofNews("crier_delivered_events_total"));
    }

    @Test
    void aWalkThatDeliversNothingHasNone() {
        join();
        subscribers.check();
        assertEquals(0, ofNews("crier_delivery_delay_seconds_count"));
    }

    @Test
    void norHasWhatAReaderCatchesUpWith() {
        Connection slow = join();
        slow.full = true;
        store("one");
        subscribers.deliver();
        now += 60_000;
        slow.drained();
        subscribers.check();
        assertEquals(1, ofNews("crier_delivered_events_total"));
        assertEquals(0, ofNews("crier_delivery_delay_seconds_count"));
    }

    @Test
    void theLagIsTheAgeOfTheOldestEventThatAReaderLacks() {
        join();
        Connection slow = join();
        Connection slower = join();
        slower.full = true;
        store("one");
        subscribers.deliver();
        now += 1_000;
        slow.full = true;
        store("two");
        subscribers.deliver();
        now += 500;
        subscribers.check();
        assertEquals(2, ofNews("crier_lagging_subscribers"));
        assertEquals(1.5, ofNews("crier_lag_seconds"));
        now += 500;
        assertEquals(2, ofNews("crier_lag_seconds"), "it grows between the walks too");
        slower.drained();
        subscribers.check();
        assertEquals(1, ofNews("crier_lagging_subscribers"));
        assertEquals(1, ofNews("crier_lag_seconds"));
        slow.drained();
        subscribers.check();
        assertEquals(0, ofNews("crier_lagging_subscribers"));
        assertEquals(0, ofNews("crier_lag_seconds"));
    }

    @Test
    void whoseConnectionIsFullButHasAllDoesNotLag() {
        join().full = true;
        subscribers.check();
        assertEquals(0, ofNews("crier_lagging_subscribers"));
    }

    @Test
    void whoLeavesLagsNoMore() {
        var connection = new Connection();
        Subscriber subscriber = subscribers
                .add(NEWS, ALL, new StartAt.Now(), connection, FOR_EVER, "a", () -> false)
                .result();
        connection.full = true;
        store("one");
        subscribers.deliver();
        subscribers.check();
        assertEquals(1, ofNews("crier_lagging_subscribers"));
        subscriber.leave();
        assertEquals(0, ofNews("crier_lagging_subscribers"));
        assertEquals(0, ofNews("crier_subscribers"));
    }

    @Test
    void eachStreamEndsForOneReason() {
        subscribers
                .add(NEWS, ALL, new StartAt.Now(), new Connection(), FOR_EVER, "a", () -> false)
                .result()
                .leave();
        join();
        now += Duration.ofMinutes(10).toMillis();
        subscribers.check();
        join();
        join();
        Drain drain = subscribers.drain(Duration.ofSeconds(1));
        now += 1_000;
        drain.endDueStreams();
        assertEquals(1, value("crier_streams_ended_total{reason=\"left\"}"));
        assertEquals(1, value("crier_streams_ended_total{reason=\"lifetime\"}"));
        assertEquals(2, value("crier_streams_ended_total{reason=\"shutdown\"}"));
        assertEquals(0, value("crier_streams_ended_total{reason=\"stalled\"}"));
        assertEquals(0, ofNews("crier_subscribers"));
    }
}
