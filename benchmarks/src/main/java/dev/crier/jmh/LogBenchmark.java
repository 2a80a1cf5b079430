package dev.crier.jmh;

import dev.crier.event.ChannelName;
import dev.crier.event.Event;
import dev.crier.event.EventId;
import dev.crier.event.Publication;
import dev.crier.event.Retention;
import dev.crier.log.EventLog;
import dev.crier.log.store.MemoryStore;
import io.vertx.core.Future;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** Publishes an event with 100 bytes of data to an event log in memory, from the log's only publisher. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class LogBenchmark {

    static final ChannelName NEWS = new ChannelName("/news");
    static final Retention KEEP = new Retention.Events(1_000, Retention.Events.ANY_AGE);
    static final Publication PUBLICATION =
            new Publication(NEWS, List.of(Event.of("x".repeat(100))), Publication.Attempt.ONCE);

    private EventLog log;

    /** Returns a log with one channel, which keeps 1,000 events and is full. */
    static EventLog fullLog() {
        var log = new EventLog(
                channel -> Optional.of(KEEP),
                new MemoryStore(),
                InstantSource.system(),
                channels -> {},
                Duration.ofMinutes(10));
        log.open();
        for (int i = 0; i < 1_000; i++) {
            log.append(PUBLICATION);
        }
        return log;
    }

    @Setup
    public void openLog() {
        log = fullLog();
    }

    @Benchmark
    public Future<List<EventId>> append() {
        return log.append(PUBLICATION);
    }
}
