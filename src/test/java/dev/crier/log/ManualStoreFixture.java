package dev.crier.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.event.ChannelName;
import dev.crier.event.Event;
import dev.crier.event.EventId;
import dev.crier.event.Publication;
import dev.crier.event.Publication.Attempt;
import dev.crier.event.PublishException;
import dev.crier.event.Retention;
import dev.crier.log.store.AgeClock;
import dev.crier.log.store.LogLimits;
import dev.crier.log.store.ReadResult;
import dev.crier.metrics.Metrics;
import io.vertx.core.Future;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;

/** An event log on a store whose test completes or fails each batch. */
abstract class ManualStoreFixture {

    static final ChannelName NEWS = new ChannelName("/news");
    static final Retention ALL = new Retention.Events(Retention.Events.ANY_NUMBER, Retention.Events.ANY_AGE);

    final ManualStore store = new ManualStore();
    final List<Object> notifications = new ArrayList<>();
    EventLog log;

    @BeforeEach
    void open() {
        open(LogLimits.NONE);
    }

    void open(LogLimits limits) {
        log = new EventLog(
                channel -> Optional.of(ALL),
                store,
                new AgeClock(() -> Instant.ofEpochMilli(1_000), () -> 1_000_000_000),
                notifications::add,
                Duration.ofMinutes(10),
                limits,
                Metrics.NONE);
        log.open();
    }

    Future<List<EventId>> publish(String data, Attempt attempt) {
        return publish(NEWS, data, attempt);
    }

    Future<List<EventId>> publish(ChannelName channel, String data, Attempt attempt) {
        return log.append(new Publication(channel, List.of(Event.of(data)), attempt));
    }

    List<String> read() {
        return ((ReadResult.Entries) log.read(NEWS, ALL, EventId.FIRST))
                .entries().stream().map(entry -> entry.event().data()).toList();
    }

    static void assertUnavailable(Future<?> refused) {
        assertFailed(PublishException.Reason.UNAVAILABLE, refused);
    }

    static void assertFailed(PublishException.Reason reason, Future<?> failed) {
        assertTrue(failed.failed());
        assertEquals(reason, ((PublishException) failed.cause()).reason());
    }
}
