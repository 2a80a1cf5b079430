package dev.crier.log.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.event.AlreadyStoredException;
import dev.crier.event.ChannelName;
import dev.crier.event.Entry;
import dev.crier.event.Event;
import dev.crier.event.EventId;
import dev.crier.event.Precondition;
import dev.crier.event.Publication;
import dev.crier.event.Publication.Attempt;
import dev.crier.event.PublishException;
import dev.crier.log.EventLog;
import dev.crier.log.EventLogContract;
import dev.crier.log.store.ReadResult;
import dev.crier.log.store.Store;
import dev.crier.testing.Eventually;
import dev.crier.testing.RedisServer;
import dev.crier.testing.RunningCrier;
import io.vertx.core.Future;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two nodes on one Redis, each on its own event loop, as on two machines. */
class RedisSharedLogTest extends EventLogContract {

    @TempDir
    static Path folder;

    private static RedisServer redis;

    @BeforeAll
    static void startRedis() throws Exception {
        redis = RedisServer.start(folder);
    }

    @AfterAll
    static void stopRedis() throws Exception {
        redis.close();
    }

    private OtherNode other;
    private EventId begin;

    @Override
    protected Store store() throws Exception {
        return Redises.store(vertx, Redises.conf(redis.port(), "test"));
    }

    @BeforeEach
    @Override
    protected void openLog() throws Exception {
        redis.command("FLUSHALL");
        super.openLog();
        begin = log.newest();
        other = new OtherNode(this, Redises.conf(redis.port(), "test"), clock());
    }

    @AfterEach
    @Override
    protected void closeLog() throws Exception {
        other.close();
        super.closeLog();
    }

    @Override
    protected void publishElsewhere(ChannelName channel, String data) throws Exception {
        EventId id = other.publish(channel, data);
        Eventually.until("shown here", () -> !log.newest().isBefore(id));
    }

    private List<Entry> all(EventLog log) {
        return ((ReadResult.Entries) log.read(NEWS, ALL, begin)).entries();
    }

    @Test
    void bothLogsShowTheSameEntriesInTheSameOrder() throws Exception {
        var answers = new ArrayList<Future<Boolean>>();
        for (int i = 0; i < 200; i++) {
            var publication = new Publication(NEWS, List.of(Event.of("n" + i)), Attempt.ONCE);
            EventLog at = i % 2 == 0 ? log : other.log();
            answers.add(at.append(publication).map(ids -> !at.newest().isBefore(ids.get(0))));
        }
        for (Future<Boolean> answer : answers) {
            assertTrue(RunningCrier.await(answer), "the entries are shown before the answer");
        }
        Eventually.until(
                "both have shown all", () -> log.newest().equals(other.log().newest()));
        assertEquals(200, all(log).size());
        assertEquals(all(log), all(other.log()));
        List<EventId> ids = all(log).stream().map(Entry::id).toList();
        assertEquals(ids.stream().sorted().distinct().toList(), ids);
    }

    @Test
    void anEntryOfOneLogIsNotifiedOnceByEachLog() throws Exception {
        other.publish(NEWS, "a");
        Eventually.until("shown here", () -> !notifications.isEmpty());
        assertEquals(List.of(Set.of(NEWS)), notifications);
        assertEquals(List.of(Set.of(NEWS)), other.notifications());
    }

    @Test
    void aRetryAtTheOtherLogGetsTheIdsOfTheFirstAttempt() throws Exception {
        var attempt = new Attempt("key", "digest");
        List<EventId> first = RunningCrier.await(publishing(NEWS, attempt, "a"));
        var retry = new Publication(NEWS, List.of(Event.of("a")), attempt);
        assertEquals(first, RunningCrier.await(other.log().append(retry)));
        assertEquals(1, all(log).size());
    }

    @Test
    void publicationsWithTheSameKeyAtBothLogsAtTheSameTimeAreStoredOnce() throws Exception {
        for (int i = 0; i < 50; i++) {
            var publication = new Publication(NEWS, List.of(Event.of("n" + i)), new Attempt("key" + i, "digest"));
            var here = onContext(() -> log.append(publication));
            var there = other.log().append(publication);
            assertEquals(RunningCrier.await(here), RunningCrier.await(there));
        }
        assertEquals(50, readAll(NEWS).size());
    }

    @Test
    void oneOfTwoConditionalPublicationsAtBothLogsAtTheSameTimeIsStored() throws Exception {
        Precondition next = new Precondition.Empty();
        for (int i = 0; i < 50; i++) {
            Precondition expected = next;
            var publication = new Publication(NEWS, List.of(Event.of("n" + i)), Attempt.ONCE, expected);
            var both = List.of(
                    onContext(() -> log.append(publication)), other.log().append(publication));
            var ids = new ArrayList<EventId>();
            for (Future<List<EventId>> one : both) {
                try {
                    ids.addAll(RunningCrier.await(one));
                } catch (PublishException refusal) {
                    assertEquals(PublishException.Reason.PRECONDITION, refusal.reason());
                }
            }
            assertEquals(1, ids.size());
            next = new Precondition.Newest(ids.get(0));
        }
        assertEquals(50, readAll(NEWS).size());
    }

    @Test
    void exactlyOneOfTwoEndsAtBothLogsAtTheSameTimeIsStoredAndIsShownToBoth() throws Exception {
        for (int i = 0; i < 20; i++) {
            redis.command("DEL", "{test}:c:" + ANSWER);
            var end = new Publication(ANSWER, List.of(END), Attempt.ONCE);
            Future<List<EventId>> first = here.append(end);
            Future<List<EventId>> second = other.log().append(end);
            RunningCrier.await(Future.join(first, second).otherwiseEmpty());
            assertEquals(true, first.succeeded() != second.succeeded());
            EventId id = (first.succeeded() ? first : second).result().get(0);
            assertEnded(id, first.succeeded() ? second : first);
            assertEquals(Optional.of(id), log.recentEnd(ANSWER).map(Entry::id));
            assertEquals(Optional.of(id), other.log().recentEnd(ANSWER).map(Entry::id));
        }
    }

    @Test
    void aNodeThatStartsLaterKnowsThatAChannelHasEnded() throws Exception {
        EventId end = RunningCrier.await(appending(ANSWER, "a", "END")).get(1);
        publish(NEWS, "x");
        redis.command("XTRIM", "{test}:recent", "MAXLEN", "1");
        try (var late = new OtherNode(this, Redises.conf(redis.port(), "test"), clock())) {
            assertEquals(Optional.empty(), late.log().recentEnd(ANSWER).map(Entry::id), "it is not in memory");
            assertEquals(Optional.of(end), RunningCrier.await(late.log().end(ANSWER, ANYONE)));
            assertEnded(end, late.log().append(new Publication(ANSWER, events("b"), Attempt.ONCE)));
        }
    }

    /** The sender goes on after the last event that the other node has stored, so this node must have shown it. */
    @Test
    void aPartThatTheOtherLogHasStoredIsShownBeforeTheAnswer() throws Exception {
        List<Event> stream =
                events(IntStream.range(0, 50).mapToObj(i -> "n" + i).toArray(String[]::new));
        for (int i = 0; i < 50; i++) {
            Publication part = part(ANSWER, stream, i, i + 1);
            Future<List<EventId>> there = other.log().append(part);
            Future<Boolean> answeredHere = here.append(part)
                    .map(ids -> !log.newest().isBefore(ids.get(0)))
                    .recover(failure ->
                            Future.succeededFuture(!log.newest().isBefore(((AlreadyStoredException) failure).last())));
            assertTrue(RunningCrier.await(answeredHere), "shown before the answer");
            RunningCrier.await(there.otherwiseEmpty());
        }
        assertEquals(50, readAll(ANSWER).size());
    }

    @Test
    void sendersOfTheSameStreamAtBothLogsStoreEachEventOnceInOrder() throws Exception {
        List<String> texts = IntStream.range(0, 200).mapToObj(i -> "n" + i).toList();
        List<Event> stream = events(texts.toArray(String[]::new));
        RunningCrier.await(Future.all(
                sending(here, stream, 0, 2), sending(other.log()::append, stream, 0, 3), sending(here, stream, 0, 5)));
        assertEquals(texts, readAll(ANSWER));
        Eventually.until("shown there", () -> other.read(ANSWER, begin).equals(texts));
    }

    @Test
    void aKeyWithOtherContentIsRejectedAtTheOtherLog() throws Exception {
        RunningCrier.await(publishing(NEWS, new Attempt("key", "one"), "a"));
        var changed = new Publication(NEWS, List.of(Event.of("b")), new Attempt("key", "other"));
        var refusal = assertThrows(
                PublishException.class, () -> RunningCrier.await(other.log().append(changed)));
        assertEquals(PublishException.Reason.KEY_REUSED, refusal.reason());
    }

    @Test
    void aSubscriberResumesAtTheOtherLogWithoutGapOrRepetition() throws Exception {
        EventId seen = publish(NEWS, "a").get(0);
        other.publish(NEWS, "b");
        publish(NEWS, "c");
        Eventually.until("shown there", () -> !other.log().newest().isBefore(log.newest()));
        assertEquals(
                seen, RunningCrier.await(other.log().gap(NEWS, seen, ANYONE)).through());
        assertEquals(List.of("b", "c"), other.read(NEWS, seen));
    }

    @Test
    void aNodeThatStartsLaterHasTheHistoryAndTheLatestEvents() throws Exception {
        EventId first = publish(NEWS, "a", "b").get(0);
        publish(TIME, "one", "two");
        try (var late = new OtherNode(this, Redises.conf(redis.port(), "test"), clock())) {
            Eventually.until("the history", () -> late.read(NEWS, first).equals(List.of("b")));
            Eventually.until(
                    "the latest value", () -> late.read(TIME, EventId.FIRST).equals(List.of("two")));
        }
    }

    @Test
    void latestEventsReachBothLogs() throws Exception {
        publish(TIME, "one");
        other.publish(TIME, "two");
        Eventually.until("shown here", () -> read(TIME, EventId.FIRST).equals(List.of("two")));
        assertEquals(List.of("two"), other.read(TIME, EventId.FIRST));
    }

    @Test
    void theOtherLogTrimsForBoth() throws Exception {
        List<EventId> ids = publish(LAST_THREE, "a", "b", "c", "d", "e");
        EventId before = new EventId(ids.get(0).millis(), 0);
        Eventually.until("trimmed", () -> {
            other.trim();
            return redis.command("LLEN", "{test}:c:" + LAST_THREE).equals(3L);
        });
        try (var late = new OtherNode(this, Redises.conf(redis.port(), "test"), clock())) {
            Eventually.until("the rest", () -> late.read(LAST_THREE, before).equals(List.of("gap", "c", "d", "e")));
            assertEquals(List.of("gap", "c", "d", "e"), read(LAST_THREE, before));
        }
    }

    /** The stream of recent batches still has the entry, so the node that starts later gets and drops it by itself. */
    @Test
    void aNodeThatStartsLaterReportsWhatTheOtherLogHasDroppedByAge() throws Exception {
        EventId before = log.newest();
        EventId expired = publish(ORDERS, "expired").get(0);
        now += Duration.ofHours(2).toMillis();
        publish(ORDERS, "kept");
        Eventually.until("trimmed", () -> {
            other.trim();
            return redis.command("LLEN", "{test}:c:" + ORDERS).equals(1L);
        });
        String millis = String.valueOf(now);
        Eventually.until(
                "a beat has the time",
                () -> redis.command("HGET", "{test}:log", "millis").equals(millis));
        try (var late = new OtherNode(this, Redises.conf(redis.port(), "test"), clock())) {
            Eventually.until("the gap", () -> {
                late.trim();
                return late.read(ORDERS, before).equals(List.of("gap", "kept"));
            });
            assertEquals(List.of("kept"), late.read(ORDERS, expired));
        }
    }

    @Test
    void onlyOneOfTheLogsTrimsAtATime() throws Exception {
        trim();
        Eventually.until("leased", () -> redis.command("EXISTS", "{test}:lease").equals(1L));
        Object holder = redis.command("GET", "{test}:lease");
        other.trim();
        assertEquals(holder, redis.command("GET", "{test}:lease"));
    }
}
