package dev.crier.fanout;

import dev.crier.event.ChannelName;
import dev.crier.event.ChannelSet;
import dev.crier.event.Event;
import dev.crier.event.EventId;
import dev.crier.event.Publication;
import dev.crier.event.Retention;
import dev.crier.event.StartAt;
import dev.crier.log.EventLog;
import dev.crier.log.store.MemoryStore;
import dev.crier.metrics.Metrics;
import io.vertx.core.Future;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.Function;

/** The subscribers of one event loop, with a log in memory and a clock that the test sets. */
final class TestFanout {

    /** A channel that keeps events. */
    static final ChannelName NEWS = new ChannelName("/news");

    /** A channel that keeps events and can be ended. */
    static final ChannelName RUN = new ChannelName("/runs/42");

    /** A channel that keeps the latest event. */
    static final ChannelName STATE = new ChannelName("/state");

    static final Duration UNLIMITED = Duration.ofMillis(Long.MAX_VALUE);
    static final StreamTimeouts TIMEOUTS =
            new StreamTimeouts(Duration.ofSeconds(8), Duration.ofSeconds(30), Duration.ofSeconds(2), Duration.ZERO);

    /** The number of events that {@link #NEWS} keeps. */
    static final int KEPT = 100;

    private static final Retention EVENTS = new Retention.Events(KEPT, Retention.Events.ANY_AGE);
    private static final Retention ENDS = new Retention.Events(10_000, Duration.ofHours(1), true);
    private static final Retention LATEST = new Retention.Latest();

    long now = 1_000_000;
    boolean readingPaused;
    final EventLog log;
    final Subscribers subscribers;

    TestFanout() {
        this(TIMEOUTS, clock -> Metrics.NONE);
    }

    TestFanout(StreamTimeouts timeouts, Function<InstantSource, ? extends Metrics> metrics) {
        InstantSource clock = () -> Instant.ofEpochMilli(now);
        log = new EventLog(
                channel -> Optional.of(retention(channel)),
                new MemoryStore(),
                clock,
                channels -> {},
                Duration.ofMinutes(10));
        log.open();
        subscribers =
                new Subscribers(log, timeouts, () -> now, new Random(1), metrics.apply(clock), () -> readingPaused);
    }

    private static Retention retention(ChannelName channel) {
        if (channel.equals(RUN)) {
            return ENDS;
        }
        return channel.equals(STATE) ? LATEST : EVENTS;
    }

    Subscriber join(ChannelName channel, TestConnection connection) {
        return add(channel, new StartAt.Now(), connection, UNLIMITED).result();
    }

    TestConnection join(ChannelName channel) {
        var connection = new TestConnection();
        join(channel, connection);
        return connection;
    }

    List<TestConnection> join(ChannelName channel, int subscribers) {
        var connections = new ArrayList<TestConnection>();
        for (int i = 0; i < subscribers; i++) {
            connections.add(join(channel));
        }
        return connections;
    }

    Future<Subscriber> add(ChannelSet set, StartAt start, TestConnection connection) {
        return subscribers.add(set, start, connection, UNLIMITED, "192.0.2.1", () -> false);
    }

    TestConnection join(ChannelSet set, StartAt start) {
        var connection = new TestConnection();
        add(set, start, connection).result();
        return connection;
    }

    Future<Subscriber> add(ChannelName channel, StartAt start, TestConnection connection, Duration validity) {
        return subscribers.add(channel, retention(channel), start, connection, validity, "192.0.2.1", () -> false);
    }

    /** Appends an event to the log, without a notification. Returns its id. */
    EventId append(ChannelName channel, String data) {
        return append(channel, Event.of(data));
    }

    EventId append(ChannelName channel, Event event) {
        return log.append(new Publication(channel, List.of(event), Publication.Attempt.ONCE))
                .result()
                .get(0);
    }

    /** Appends an event, and delivers it as the event loop does after a notification. Returns its id. */
    EventId publish(ChannelName channel, String data) {
        return publish(channel, Event.of(data));
    }

    EventId publish(ChannelName channel, Event event) {
        EventId id = append(channel, event);
        if (subscribers.notified(channel)) {
            subscribers.deliver();
        }
        return id;
    }

    /** Lets the time until the next check pass, and checks. */
    void check() {
        now += subscribers.checkMillis();
        subscribers.check();
    }
}
