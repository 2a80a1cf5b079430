package dev.crier.fanout;

import dev.crier.event.ChannelName;
import dev.crier.event.Entry;
import dev.crier.event.Event;
import dev.crier.event.EventId;
import dev.crier.event.Publication;
import dev.crier.event.Retention;
import dev.crier.event.StartAt;
import dev.crier.log.EventLog;
import dev.crier.log.Notifications;
import dev.crier.log.store.MemoryStore;
import dev.crier.log.store.Store;
import dev.crier.testing.Eventually;
import dev.crier.testing.RunningCrier;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** An event log on one event loop, and streams on another one. */
abstract class ChannelStreamFixture {

    /** A channel that keeps three events. */
    static final ChannelName THREE = new ChannelName("/three");

    static final ChannelName NEWS = new ChannelName("/news");

    /** A channel that can be ended. */
    static final ChannelName RUN = new ChannelName("/run");

    static final ChannelName STATE = new ChannelName("/state");

    static final Map<ChannelName, Retention> DECLARED = Map.of(
            THREE,
            new Retention.Events(3, Retention.Events.ANY_AGE),
            NEWS,
            new Retention.Events(Retention.Events.ANY_NUMBER, Retention.Events.ANY_AGE),
            RUN,
            new Retention.Events(Retention.Events.ANY_NUMBER, Duration.ofHours(1), true),
            STATE,
            new Retention.Latest());

    final Vertx vertx = Vertx.vertx();
    private final Context logs = vertx.getOrCreateContext();
    final Context mine = vertx.getOrCreateContext();
    final Notifications notifications = new Notifications();
    EventLog log;

    Store store() throws Exception {
        return new MemoryStore();
    }

    @BeforeEach
    void open() throws Exception {
        log = new EventLog(
                channel -> Optional.ofNullable(DECLARED.get(channel)),
                store(),
                InstantSource.system(),
                notifications::send,
                Duration.ofMinutes(10));
        RunningCrier.await(on(logs, log::open));
    }

    final void closeLog() throws Exception {
        RunningCrier.await(on(logs, log::close));
    }

    @AfterEach
    void close() throws Exception {
        closeLog();
        RunningCrier.await(vertx.close());
    }

    private static <T> Future<T> on(Context context, Supplier<Future<T>> work) {
        Promise<T> done = Promise.promise();
        context.runOnContext(
                turn -> Future.succeededFuture().compose(begin -> work.get()).onComplete(done));
        return done.future();
    }

    /** Runs the work on the context of the streams. */
    final void onMine(Runnable work) throws Exception {
        RunningCrier.await(on(mine, () -> {
            work.run();
            return Future.<Void>succeededFuture();
        }));
    }

    final void trim() throws Exception {
        RunningCrier.await(on(logs, () -> {
            log.trim();
            return Future.<Void>succeededFuture();
        }));
    }

    final List<EventId> publish(ChannelName channel, String... data) throws Exception {
        return append(channel, Stream.of(data).map(Event::of).toList());
    }

    final List<EventId> append(ChannelName channel, List<Event> events) throws Exception {
        return RunningCrier.await(log.append(new Publication(channel, events, Publication.Attempt.ONCE)));
    }

    final ChannelStream stream(ChannelName channel, StartAt start) {
        return new ChannelStream(mine, log, notifications, channel, DECLARED.get(channel), start);
    }

    final Follower follow(ChannelName channel, StartAt start) {
        return new Follower(stream(channel, start));
    }

    /** A stream whose events are recorded. */
    static final class Follower {

        final ChannelStream stream;
        final List<Entry> entries = new CopyOnWriteArrayList<>();
        final List<String> failures = new CopyOnWriteArrayList<>();
        volatile boolean ended;

        Follower(ChannelStream stream) {
            this.stream = stream;
            stream.exceptionHandler(failure -> failures.add(failure.getMessage()));
            stream.endHandler(end -> ended = true);
            stream.handler(entries::add);
        }

        List<String> data() {
            return entries.stream().map(entry -> entry.event().data()).toList();
        }

        void awaitData(String... data) throws Exception {
            Eventually.until(() -> String.join(", ", data) + ": " + data(), () -> data().equals(List.of(data)));
        }
    }
}
