package dev.crier.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.event.ChannelName;
import dev.crier.event.Entry;
import dev.crier.event.Event;
import dev.crier.event.EventId;
import dev.crier.event.Publication;
import dev.crier.event.Publication.Attempt;
import dev.crier.log.store.LogLimits;
import dev.crier.log.store.ReadResult;
import dev.crier.log.store.Store;
import dev.crier.metrics.Metrics;
import dev.crier.testing.Eventually;
import dev.crier.testing.RunningCrier;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Two event logs on one store, each on its own event loop, as on two machines. */
class SharedLogTest extends EventLogContract {

    private final SharedStore shared = new SharedStore();
    private final SharedStore.Node here = shared.new Node();
    private final List<Set<ChannelName>> otherNotifications = new CopyOnWriteArrayList<>();
    private Context otherContext;
    private EventLog other;

    @Override
    protected Store store() {
        return here;
    }

    @BeforeEach
    void openOther() throws Exception {
        RunningCrier.await(vertx.deployVerticle(context -> {
            otherContext = context;
            return Future.succeededFuture();
        }));
        other = new EventLog(
                RETENTION,
                shared.new Node(),
                clock(),
                otherNotifications::add,
                Duration.ofMinutes(10),
                LogLimits.NONE,
                Metrics.NONE);
        RunningCrier.await(onOther(other::open));
    }

    private <T> Future<T> onOther(Supplier<Future<T>> work) {
        Promise<T> done = Promise.promise();
        otherContext.runOnContext(run -> work.get().onComplete(done));
        return done.future();
    }

    @Override
    protected void publishElsewhere(ChannelName channel, String data) throws Exception {
        publishAtOther(channel, data);
    }

    private EventId publishAtOther(ChannelName channel, String data) throws Exception {
        return RunningCrier.await(other.append(new Publication(channel, List.of(Event.of(data)), Attempt.ONCE)))
                .get(0);
    }

    private static List<Entry> all(EventLog log) {
        return ((ReadResult.Entries) log.read(NEWS, ALL, EventId.FIRST)).entries();
    }

    @Test
    void bothLogsShowTheSameEntriesInTheSameOrder() throws Exception {
        var answers = new ArrayList<Future<Boolean>>();
        for (int i = 0; i < 200; i++) {
            var publication = new Publication(NEWS, List.of(Event.of("n" + i)), Attempt.ONCE);
            EventLog at = i % 2 == 0 ? log : other;
            answers.add(at.append(publication).map(ids -> !at.newest().isBefore(ids.get(0))));
        }
        for (Future<Boolean> answer : answers) {
            assertTrue(RunningCrier.await(answer), "the entries are shown before the answer");
        }
        Eventually.until("both have shown all", () -> log.newest().equals(other.newest()));
        assertEquals(200, all(log).size());
        assertEquals(all(log), all(other));
        List<EventId> ids = all(log).stream().map(Entry::id).toList();
        assertEquals(ids.stream().sorted().distinct().toList(), ids);
    }

    @Test
    void anEntryOfOneLogIsNotifiedOnceByEachLog() throws Exception {
        publishAtOther(NEWS, "a");
        Eventually.until("shown here", () -> !notifications.isEmpty());
        assertEquals(List.of(Set.of(NEWS)), notifications);
        assertEquals(List.of(Set.of(NEWS)), otherNotifications);
    }

    @Test
    void aSubscriberAheadOfThisLogWaitsWithoutAGapAndMissesNothing() throws Exception {
        here.hold();
        EventId last = publishAtOther(NEWS, "seen at the other");
        assertTrue(log.newest().isBefore(last));
        var none = new ReadResult.Gap(last, Optional.empty());
        assertEquals(none, RunningCrier.await(log.gap(NEWS, last, ANYONE)));
        assertEquals(List.of(), read(NEWS, last));
        publishAtOther(NEWS, "new");
        here.release();
        Eventually.until("shown here", () -> read(NEWS, last).equals(List.of("new")));
    }

    @Test
    void aPublisherIsNotAnsweredBeforeItsEntryIsShownHere() throws Exception {
        here.hold();
        Future<List<EventId>> answer = publishing(NEWS, Attempt.ONCE, "a");
        Eventually.until("shown at the other", () -> !all(other).isEmpty());
        assertFalse(answer.isComplete());
        here.release();
        assertEquals(
                List.of(RunningCrier.await(answer).get(0)),
                all(log).stream().map(Entry::id).toList());
    }

    @Test
    void aRetryAtTheOtherLogGetsTheIdsOfTheFirstAttempt() throws Exception {
        var attempt = new Attempt("key", "digest");
        List<EventId> first = RunningCrier.await(publishing(NEWS, attempt, "a"));
        var retry = new Publication(NEWS, List.of(Event.of("a")), attempt);
        assertEquals(first, RunningCrier.await(other.append(retry)));
        assertEquals(1, all(log).size());
    }
}
