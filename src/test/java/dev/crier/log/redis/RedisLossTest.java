package dev.crier.log.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.crier.event.ChannelSet;
import dev.crier.event.EventId;
import dev.crier.event.Publication.Attempt;
import dev.crier.event.PublishException;
import dev.crier.log.EventLogFixture;
import dev.crier.log.store.Store;
import dev.crier.testing.Eventually;
import dev.crier.testing.FaultyLink;
import dev.crier.testing.RedisServer;
import dev.crier.testing.RunningCrier;
import io.vertx.core.Future;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/**
 * Two nodes while Redis fails, with and without a loss of entries. There are two, because a loss must give the subscribers of
 * all nodes the same gap.
 */
class RedisLossTest extends EventLogFixture {

    @TempDir
    Path folder;

    private RedisServer redis;
    private FaultyLink link;
    private OtherNode other;

    @Override
    protected Store store() throws Exception {
        return Redises.store(vertx, Redises.conf(link.port(), "test"));
    }

    @BeforeEach
    @Override
    protected void openLog() throws Exception {
        redis = RedisServer.start(folder);
        link = new FaultyLink(redis.port());
        super.openLog();
        other = new OtherNode(this, Redises.conf(redis.port(), "test"), clock());
    }

    @AfterEach
    @Override
    protected void closeLog() throws Exception {
        other.close();
        super.closeLog();
        link.close();
        redis.close();
    }

    private void untilBothStore() throws Exception {
        untilTrimmed(log::stores);
        Eventually.until("the other stores", () -> {
            other.trim();
            return other.log().stores();
        });
    }

    private void restart() throws Exception {
        redis.kill();
        Eventually.until("noticed", () -> !log.stores() && !other.log().stores());
        redis.restart();
        untilBothStore();
    }

    private void assertReads(List<String> expected, EventId after) throws Exception {
        Eventually.until("here: " + expected, () -> read(NEWS, after).equals(expected));
        Eventually.until("there: " + expected, () -> other.read(NEWS, after).equals(expected));
    }

    private void makeDurable() throws Exception {
        redis.command("CONFIG", "SET", "appendonly", "yes");
        redis.command("CONFIG", "SET", "appendfsync", "always");
        redis.command("CONFIG", "REWRITE");
        Eventually.until(
                "the file is written",
                () -> redis.info("aof_rewrite_in_progress").equals("0"));
    }

    @Test
    void restartsThatLoseNothingCauseNoGap() throws Exception {
        makeDurable();
        EventId before = log.newest();
        EventId a = publish(NEWS, "a").get(0);
        EventId one = publish(TIME, "one").get(0);
        restart();
        restart(); // nothing was published since
        EventId b = publish(NEWS, "b").get(0);
        assertTrue(a.isBefore(b));
        restart();
        publish(NEWS, "c");
        assertReads(List.of("a", "b", "c"), before);
        assertReads(List.of("b", "c"), a);
        assertReads(List.of("c"), b);
        assertEquals(List.of(), read(TIME, one), "it was not appended again");
        try (var late = new OtherNode(this, Redises.conf(redis.port(), "test"), clock())) {
            Eventually.until("at a new node", () -> late.read(NEWS, a).equals(List.of("b", "c")));
        }
    }

    /** Redis crashes twice, and each time starts from the same snapshot. */
    @Test
    void aRestartThatLosesOnlyTheBeginningOfTheRunBeforeCausesNoGap() throws Exception {
        EventId last = publish(NEWS, "a").get(0);
        Eventually.until("shown there", () -> !other.log().newest().isBefore(last));
        redis.command("SAVE");
        restart();
        restart();
        publish(NEWS, "b");
        assertReads(List.of("b"), last);
    }

    @Test
    void aBatchWhoseAnswerIsLostInARestartIsStoredOnceEvenWithoutAKey() throws Exception {
        makeDurable();
        EventId before = log.newest();
        link.loseReplyTo("the only one");
        link.refuse();
        Future<List<EventId>> answer = publishing(NEWS, Attempt.ONCE, "the only one");
        Eventually.until("stored", () -> link.lostReplies() == 1);
        redis.kill();
        redis.restart();
        link.accept();
        EventId id = RunningCrier.await(answer).get(0);
        untilBothStore();
        publish(NEWS, "next");
        assertReads(List.of("the only one", "next"), before);
        assertReads(List.of("next"), id);
    }

    @Test
    void aRestartThatLosesEntriesCausesAGapExactlyThereAtBothNodes() throws Exception {
        EventId before = log.newest();
        EventId kept = publish(NEWS, "kept").get(0);
        redis.command("SAVE");
        EventId lost = publish(NEWS, "lost").get(0);
        other.publish(ORDERS, "lost too");
        restart();
        EventId next = publish(NEWS, "next").get(0);
        assertTrue(lost.isBefore(next));
        assertReads(List.of("kept", "gap", "next"), before);
        assertReads(List.of("gap", "next"), kept);
        assertReads(List.of("gap", "next"), lost);
        assertReads(List.of(), next);
        assertEquals(
                lost.isBefore(RunningCrier.await(log.gap(NEWS, lost, ANYONE)).through()), true);
    }

    @Test
    void aSetWithoutLaterEntriesGetsTheGapToo() throws Exception {
        EventId received = publish(NEWS, "received").get(0);
        publish(LAST_THREE, "not in the set");
        redis.command("SAVE");
        EventId lost = publish(NEWS, "lost").get(0);
        restart();
        EventId next = publish(LAST_THREE, "not in the set either").get(0);
        Eventually.until("shown", () -> !log.newest().isBefore(next));
        var set = new ChannelSet(List.of(NEWS, ORDERS), List.of());
        assertEquals(List.of("gap /news", "gap /orders"), read(set, received));
        assertEquals(List.of("gap /news", "gap /orders"), read(set, lost));
    }

    @Test
    void anEmptiedDatabaseCausesAGapBeforeEverythingNew() throws Exception {
        EventId before = log.newest();
        EventId lost = publish(NEWS, "lost").get(0);
        redis.command("FLUSHALL");
        Eventually.until("noticed by both", () -> {
            trim();
            other.trim();
            return log.stores()
                    && other.log().stores()
                    && redis.command("LLEN", "{test}:breaks").equals(1L);
        });
        untilTrimmed(() -> log.newest().equals(other.log().newest()) && lost.isBefore(log.newest()));
        untilBothStore();
        publish(NEWS, "next");
        assertReads(List.of("gap", "next"), before);
        assertReads(List.of("gap", "next"), lost);
    }

    @Test
    void latestEventsThatRedisHasLostAreAppendedAgain() throws Exception {
        publish(TIME, "old");
        redis.command("SAVE");
        EventId newest = publish(TIME, "new").get(0);
        Eventually.until("shown there", () -> other.read(TIME, EventId.FIRST).equals(List.of("new")));
        restart();
        assertEquals(List.of("new"), read(TIME, EventId.FIRST));
        Eventually.until("delivered again", () -> other.read(TIME, newest).equals(List.of("new")));
        try (var late = new OtherNode(this, Redises.conf(redis.port(), "test"), clock())) {
            Eventually.until(
                    "at a new node", () -> late.read(TIME, EventId.FIRST).equals(List.of("new")));
        }
    }

    /** The node that is first to append has shown an older event than the other one, which must not show that one again. */
    @Test
    void ofTheLatestEventsThatRedisHasLostTheNewestIsAppendedAgain() throws Exception {
        other.close();
        try (var slow = new FaultyLink(redis.port())) {
            other = new OtherNode(this, Redises.conf(slow.port(), "test"), clock());
            redis.command("SAVE");
            publish(TIME, "older");
            Eventually.until(
                    "shown there", () -> other.read(TIME, EventId.FIRST).equals(List.of("older")));
            slow.replies(FaultyLink.Flow.HOLD);
            publish(TIME, "newest");
            slow.refuse();
            redis.kill();
            slow.cutAll();
            slow.replies(FaultyLink.Flow.PASS);
            Eventually.until("noticed", () -> !log.stores() && !other.log().stores());
            redis.restart();
            Eventually.until(
                    "this node waits for the other one",
                    () -> redis.command("EXISTS", "{test}:checkin").toString().equals("1"));
            notifications.clear();
            slow.accept();
            untilBothStore();
            Eventually.until("there", () -> other.read(TIME, EventId.FIRST).equals(List.of("newest")));
            Eventually.until(
                    "here, too", () -> !log.newest().isBefore(other.log().newest()));
            assertEquals(List.of("newest"), read(TIME, EventId.FIRST));
            assertEquals(List.of(Set.of(TIME)), notifications, "only the newest is shown again");
        }
    }

    @Test
    void aBatchWhoseAnswerIsLostIsStoredOnceEvenWithoutAKey() throws Exception {
        EventId before = log.newest();
        link.loseReplyTo("the only one");
        EventId id = publish(NEWS, "the only one").get(0);
        assertEquals(1, link.lostReplies());
        untilTrimmed(log::stores);
        publish(NEWS, "next");
        assertReads(List.of("the only one", "next"), before);
        assertEquals(List.of("next"), read(NEWS, id));
    }

    @Test
    void aBatchWithoutAnAnswerInTimeMayBeStoredAndARetryWithItsKeyIsSafe() throws Exception {
        var attempt = new Attempt("key", "digest");
        link.replies(FaultyLink.Flow.HOLD);
        var refusal = assertThrows(PublishException.class, () -> RunningCrier.await(publishing(NEWS, attempt, "a")));
        assertEquals(
                "It is unknown whether this was published, because the log did not answer in time"
                        + " (expected: a retry with the same Idempotency-Key, which is published once)",
                refusal.getMessage());
        link.replies(FaultyLink.Flow.PASS);
        untilTrimmed(log::stores);
        EventId id = RunningCrier.await(publishing(NEWS, attempt, "a")).get(0);
        assertEquals(List.of("a"), readAll(NEWS));
        assertEquals(List.of("a"), other.read(NEWS, new EventId(id.millis() - 1, 0)));
    }

    @Test
    void aNodeThatReconnectsCatchesUpWithoutAGap() throws Exception {
        EventId before = publish(NEWS, "a").get(0);
        link.both(FaultyLink.Flow.HOLD);
        Eventually.until("noticed", () -> !log.stores());
        other.publish(NEWS, "b");
        link.both(FaultyLink.Flow.DROP);
        link.both(FaultyLink.Flow.PASS);
        untilTrimmed(log::stores);
        assertReads(List.of("b"), before);
    }

    @Test
    void aNodeThatReconnectsLaterThanTheStreamReachesReadsFromTheHistory() throws Exception {
        EventId before = publish(NEWS, "a").get(0);
        link.both(FaultyLink.Flow.HOLD);
        Eventually.until("noticed", () -> !log.stores());
        other.publish(NEWS, "b");
        redis.command("XTRIM", "{test}:recent", "MAXLEN", "0");
        EventId last = other.publish(NEWS, "c");
        link.both(FaultyLink.Flow.DROP);
        link.both(FaultyLink.Flow.PASS);
        untilTrimmed(() -> log.stores() && !log.newest().isBefore(last));
        assertReads(List.of("b", "c"), before);
    }

    /** A connection fails its requests before it reports its end. Any of the three connections may be the first. */
    @Test
    void aConnectionThatIsLostDuringATrimIsLoggedAsOneFailure() throws Exception {
        var lines = new ListAppender<ILoggingEvent>();
        var logger = (Logger) LoggerFactory.getLogger("dev.crier.log");
        lines.start();
        logger.addAppender(lines);
        try {
            for (int i = 0; i < 10; i++) {
                link.requests(FaultyLink.Flow.HOLD);
                trim();
                link.cutAll();
                Eventually.until("noticed", () -> !log.stores());
                link.requests(FaultyLink.Flow.PASS);
                untilTrimmed(log::stores);
            }
            assertEquals(
                    List.of(),
                    lines.list.stream()
                            .map(ILoggingEvent::getFormattedMessage)
                            .filter(line -> line.contains("trimmed"))
                            .toList());
        } finally {
            logger.detachAppender(lines);
        }
    }

    @Test
    void aFullRedisRefusesPublicationsUntilItHasMemory() throws Exception {
        EventId before = publish(NEWS, "a").get(0);
        redis.command("CONFIG", "SET", "maxmemory", "1");
        assertThrows(PublishException.class, () -> publish(NEWS, "b"));
        assertFalse(log.stores());
        assertEquals(List.of("a"), readAll(NEWS));
        redis.command("CONFIG", "SET", "maxmemory", "0");
        untilTrimmed(log::stores);
        publish(NEWS, "c");
        assertReads(List.of("c"), before);
    }

    @Test
    void aMissingBatchIsNoticedWhateverTheReason() throws Exception {
        EventId before = publish(NEWS, "a").get(0);
        link.both(FaultyLink.Flow.HOLD);
        Eventually.until("noticed", () -> !log.stores());
        EventId removed = other.publish(NEWS, "b");
        redis.command("XDEL", "{test}:recent", removed.toString());
        EventId last = other.publish(NEWS, "c");
        link.both(FaultyLink.Flow.DROP);
        link.both(FaultyLink.Flow.PASS);
        untilTrimmed(() -> log.stores() && !log.newest().isBefore(last));
        Eventually.until("read from the history", () -> read(NEWS, before).equals(List.of("b", "c")));
    }
}
