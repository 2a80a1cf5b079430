package dev.crier.log.redis;

import dev.crier.config.RedisConf;
import dev.crier.event.ChannelName;
import dev.crier.event.Event;
import dev.crier.event.EventId;
import dev.crier.event.Publication;
import dev.crier.log.EventLog;
import dev.crier.log.EventLogFixture;
import dev.crier.log.store.AgeClock;
import dev.crier.log.store.LogLimits;
import dev.crier.log.store.ReadResult;
import dev.crier.metrics.Metrics;
import dev.crier.testing.RunningCrier;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/** A second node of the log, on its own event loop. */
final class OtherNode implements AutoCloseable {

    private final List<Set<ChannelName>> notifications = new CopyOnWriteArrayList<>();
    private final EventLog log;
    private Context context;

    OtherNode(EventLogFixture fixture, RedisConf conf, AgeClock clock) throws Exception {
        RunningCrier.await(fixture.vertx.deployVerticle(own -> {
            context = own;
            return Future.succeededFuture();
        }));
        log = new EventLog(
                EventLogFixture.RETENTION,
                Redises.store(fixture.vertx, conf),
                clock,
                notifications::add,
                Duration.ofMinutes(10),
                LogLimits.NONE,
                Metrics.NONE);
        RunningCrier.await(onContext(log::open));
    }

    private <T> Future<T> onContext(Supplier<Future<T>> work) {
        Promise<T> done = Promise.promise();
        context.runOnContext(run -> work.get().onComplete(done));
        return done.future();
    }

    EventLog log() {
        return log;
    }

    List<Set<ChannelName>> notifications() {
        return notifications;
    }

    EventId publish(ChannelName channel, String data) throws Exception {
        return RunningCrier.await(
                        log.append(new Publication(channel, List.of(Event.of(data)), Publication.Attempt.ONCE)))
                .get(0);
    }

    void trim() throws Exception {
        RunningCrier.await(onContext(() -> {
            log.trim();
            return Future.succeededFuture();
        }));
    }

    /** Reads everything after the position, as a subscriber does. Returns the data of the events, and "gap" for a gap. */
    List<String> read(ChannelName channel, EventId after) throws Exception {
        var read = new ArrayList<String>();
        EventId position = after;
        while (true) {
            ReadResult result =
                    log.read(channel, EventLogFixture.RETENTION.apply(channel).orElseThrow(), position);
            if (result instanceof ReadResult.Elsewhere) {
                result = RunningCrier.await(log.fetch(channel, position, EventLogFixture.ANYONE));
            }
            if (result instanceof ReadResult.Gap gap) {
                read.add("gap");
                position = gap.through();
                continue;
            }
            var entries = (ReadResult.Entries) result;
            entries.entries().forEach(entry -> read.add(entry.event().data()));
            if (!entries.more() && entries.through().equals(position)) {
                return read;
            }
            position = entries.through();
        }
    }

    @Override
    public void close() throws TimeoutException {
        RunningCrier.await(onContext(log::close));
    }
}
