package dev.crier.fanout;

import static dev.crier.fanout.TestFanout.KEPT;
import static dev.crier.fanout.TestFanout.NEWS;
import static dev.crier.fanout.TestFanout.STATE;
import static dev.crier.fanout.TestFanout.UNLIMITED;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.crier.event.ChannelName;
import dev.crier.event.ChannelSet;
import dev.crier.event.EventId;
import dev.crier.event.StartAt;
import dev.crier.metrics.Prometheus;
import dev.crier.testing.Scrape;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The metrics of deliveries. */
class DeliveryStatsTest {

    private static final StreamTimeouts TIMEOUTS =
            new StreamTimeouts(Duration.ofSeconds(8), Duration.ofHours(1), Duration.ofSeconds(2), Duration.ofHours(10));

    private Prometheus metrics;
    private final TestFanout fanout = new TestFanout(
            TIMEOUTS, clock -> metrics = new Prometheus(List.of("/news"), Optional::of, Optional.of("/events"), clock));

    @AfterEach
    void close() {
        metrics.close();
    }

    private double value(String series) {
        return new Scrape(new String(metrics.scrape("").body(), StandardCharsets.UTF_8)).value(series);
    }

    private double news(String metric) {
        return value(metric + "{channel=\"/news\"}");
    }

    private double ended(String reason) {
        return value("crier_streams_ended_total{reason=\"" + reason + "\"}");
    }

    private void append(String data) {
        fanout.append(NEWS, data);
        fanout.subscribers.notified(NEWS);
    }

    @Test
    void theDelayIsTheAgeOfTheOldestEventWhenTheLastSubscriberHasReceivedIt() {
        fanout.join(NEWS);
        fanout.join(NEWS).onWrite = () -> fanout.now += 20;
        fanout.join(NEWS);
        append("one");
        fanout.now += 100;
        append("two");
        fanout.now += 30;
        fanout.subscribers.deliver();
        assertEquals(1, news("crier_delivery_delay_seconds_count"));
        assertEquals(0.15, news("crier_delivery_delay_seconds_sum"), 1e-9);
        assertEquals(6, news("crier_delivered_events_total"));
    }

    @Test
    void aPassWithoutEventsHasNoDelay() {
        fanout.join(NEWS);
        fanout.subscribers.check();
        assertEquals(0, news("crier_delivery_delay_seconds_count"));
    }

    @Test
    void eventsReceivedAfterADrainHaveNoDelay() {
        TestConnection slow = fanout.join(NEWS);
        slow.full = true;
        append("one");
        fanout.subscribers.deliver();
        fanout.now += 60_000;
        slow.drain();
        fanout.subscribers.check();
        assertEquals(1, news("crier_delivered_events_total"));
        assertEquals(0, news("crier_delivery_delay_seconds_count"));
    }

    @Test
    void replayedEventsAreCountedAndHaveNoDelay() {
        append("one");
        append("two");
        var connection = new TestConnection();
        fanout.add(NEWS, new StartAt.Earliest(), connection, UNLIMITED);
        assertEquals(List.of("one", "two"), connection.data());
        fanout.subscribers.check();
        assertEquals(2, news("crier_delivered_events_total"));
        assertEquals(0, news("crier_delivery_delay_seconds_count"));
    }

    @Test
    void deliveredBytesAreThoseOfTheStreams() {
        List<TestConnection> connections = fanout.join(NEWS, 2);
        append("\u00e9\u20ac");
        fanout.subscribers.deliver();
        int bytes = connections.stream()
                .mapToInt(connection -> connection.written.get(1).length())
                .sum();
        assertEquals(bytes, news("crier_delivered_bytes_total"));
    }

    @Test
    void aGapAtTheStartOfAStreamIsCounted() {
        for (int i = 0; i < KEPT + 2; i++) {
            append(String.valueOf(i));
        }
        fanout.log.trim();
        fanout.add(NEWS, new StartAt.After(EventId.FIRST, "0-0"), new TestConnection(), UNLIMITED);
        fanout.add(NEWS, new StartAt.Unknown("x"), new TestConnection(), UNLIMITED);
        fanout.subscribers.check();
        assertEquals(2, news("crier_gaps_total"));
        assertEquals(2 * KEPT, news("crier_delivered_events_total"));
    }

    @Test
    void aGapThatASlowSubscriberRunsIntoIsCountedAndIsNoDelivery() {
        TestConnection slow = fanout.join(NEWS);
        slow.full = true;
        for (int i = 0; i < KEPT + 2; i++) {
            append(String.valueOf(i));
        }
        fanout.log.trim();
        fanout.now += 1_000;
        slow.full = false;
        fanout.subscribers.deliver();
        assertEquals(1, news("crier_gaps_total"));
        assertEquals(KEPT, news("crier_delivered_events_total"));
        assertEquals(1, news("crier_delivery_delay_seconds_sum"), 1e-9);
    }

    @Test
    void theLagIsTheAgeOfTheOldestEventThatASubscriberHasNotReceived() {
        fanout.join(NEWS);
        TestConnection slow = fanout.join(NEWS);
        TestConnection slower = fanout.join(NEWS);
        slower.full = true;
        append("one");
        fanout.subscribers.deliver();
        fanout.now += 1_000;
        slow.full = true;
        append("two");
        fanout.subscribers.deliver();
        fanout.now += 500;
        fanout.subscribers.check();
        assertEquals(2, news("crier_lagging_subscribers"));
        assertEquals(1.5, news("crier_lag_seconds"));
        fanout.now += 500;
        assertEquals(2, news("crier_lag_seconds"), "it grows between checks");
        slower.drain();
        fanout.subscribers.check();
        assertEquals(1, news("crier_lagging_subscribers"));
        assertEquals(1, news("crier_lag_seconds"));
        slow.drain();
        fanout.subscribers.check();
        assertEquals(0, news("crier_lagging_subscribers"));
        assertEquals(0, news("crier_lag_seconds"));
    }

    @Test
    void aSubscriberWithAFullConnectionThatHasReceivedAllEventsDoesNotLag() {
        fanout.join(NEWS).full = true;
        fanout.subscribers.check();
        assertEquals(0, news("crier_lagging_subscribers"));
    }

    /** A new subscriber receives the newest events of latest channels, which may be years old. */
    @Test
    void aSubscriberThatIsFullBeforeItsStartDoesNotLag() {
        fanout.append(STATE, "on");
        fanout.now += 60_000;
        var connection = new TestConnection();
        connection.full = true;
        fanout.add(new ChannelSet(List.of(NEWS, STATE), List.of()), new StartAt.Now(), connection);
        fanout.subscribers.check();
        assertEquals(0, value("crier_lagging_subscribers{channel=\"/events\"}"));
        connection.drain();
        connection.full = true;
        append("one");
        fanout.subscribers.deliver();
        fanout.subscribers.check();
        assertEquals(1, value("crier_lagging_subscribers{channel=\"/events\"}"));
    }

    private TestConnection joinSet(String other) {
        return fanout.join(new ChannelSet(List.of(NEWS, new ChannelName(other)), List.of()), new StartAt.Now());
    }

    @Test
    void theDelayOfAnEventThatManySetsReceiveIsOfTheLastOfThem() {
        for (String other : List.of("/1", "/2", "/3")) {
            joinSet(other).onWrite = () -> fanout.now += 10;
        }
        append("one");
        fanout.subscribers.deliver();
        assertEquals(1, value("crier_delivery_delay_seconds_count{channel=\"/events\"}"));
        assertEquals(0.03, value("crier_delivery_delay_seconds_sum{channel=\"/events\"}"), 1e-9);
        assertEquals(3, value("crier_delivered_events_total{channel=\"/events\"}"));
    }

    @Test
    void theSubscribersThatLagInDifferentSetsAddUp() {
        var connection = new TestConnection();
        Subscriber leaving = fanout.add(new ChannelSet(List.of(NEWS, STATE), List.of()), new StartAt.Now(), connection)
                .result();
        connection.full = true;
        joinSet("/1").full = true;
        TestConnection draining = joinSet("/2");
        draining.full = true;
        append("one");
        fanout.subscribers.deliver();
        fanout.subscribers.check();
        assertEquals(3, value("crier_lagging_subscribers{channel=\"/events\"}"));
        draining.drain();
        leaving.leave();
        fanout.subscribers.check();
        assertEquals(1, value("crier_lagging_subscribers{channel=\"/events\"}"));
    }

    @Test
    void noSubscriberLagsAfterTheLastSetIsLeft() {
        var connection = new TestConnection();
        Subscriber subscriber = fanout.add(
                        new ChannelSet(List.of(NEWS, STATE), List.of()), new StartAt.Now(), connection)
                .result();
        append("one");
        fanout.subscribers.deliver();
        connection.full = true;
        append("two");
        fanout.subscribers.deliver();
        fanout.subscribers.check();
        append("three");
        fanout.subscribers.deliver();
        subscriber.leave();
        assertEquals(0, value("crier_lagging_subscribers{channel=\"/events\"}"));
        assertEquals(1, value("crier_delivered_events_total{channel=\"/events\"}"));
    }

    @Test
    void theGapsOfAChannelSetAreCounted() {
        fanout.add(
                new ChannelSet(List.of(NEWS, new ChannelName("/other")), List.of()),
                new StartAt.Unknown("x"),
                new TestConnection());
        fanout.subscribers.check();
        assertEquals(2, value("crier_gaps_total{channel=\"/events\"}"));
    }

    @Test
    void aSubscriberThatHasLeftDoesNotLag() {
        var connection = new TestConnection();
        Subscriber subscriber = fanout.join(NEWS, connection);
        connection.full = true;
        append("one");
        fanout.subscribers.deliver();
        fanout.subscribers.check();
        assertEquals(1, news("crier_lagging_subscribers"));
        subscriber.leave();
        assertEquals(0, news("crier_lagging_subscribers"));
        assertEquals(0, news("crier_subscribers"));
    }

    @Test
    void eachStreamIsCountedUnderTheReasonOfItsEnd() {
        fanout.join(NEWS, new TestConnection()).leave();
        fanout.add(NEWS, new StartAt.Now(), new TestConnection(), Duration.ofMinutes(1));
        fanout.now += 60_000;
        fanout.subscribers.check();
        TestConnection stalled = fanout.join(NEWS);
        stalled.acceptsBytes = false;
        append("one");
        fanout.subscribers.deliver();
        fanout.subscribers.check();
        fanout.now += TIMEOUTS.stall().toMillis() + 1;
        fanout.subscribers.check();
        TestConnection slow = fanout.join(NEWS);
        slow.acceptsBytes = false;
        append("two");
        fanout.subscribers.deliver();
        fanout.subscribers.closeSlowest(() -> true);
        fanout.join(NEWS).failure = new OutOfMemoryError("no direct memory");
        append("three");
        fanout.subscribers.deliver();
        fanout.join(NEWS, 2);
        Drain drain = fanout.subscribers.drain(Duration.ofSeconds(1));
        fanout.now += 1_000;
        drain.endDueStreams();
        fanout.join(NEWS);
        fanout.subscribers.abortAll();
        assertEquals(1, ended("left"));
        assertEquals(1, ended("lifetime"));
        assertEquals(1, ended("stalled"));
        assertEquals(1, ended("evicted"));
        assertEquals(1, ended("write_failed"));
        assertEquals(3, ended("shutdown"));
        assertEquals(0, ended("unreadable"));
        assertEquals(0, news("crier_subscribers"));
        assertEquals(0, fanout.subscribers.count());
    }
}
