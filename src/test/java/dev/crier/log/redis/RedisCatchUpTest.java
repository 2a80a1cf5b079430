package dev.crier.log.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.event.EventId;
import dev.crier.event.Retention;
import dev.crier.event.StartAt;
import dev.crier.fanout.ChannelStream;
import dev.crier.log.EventLogFixture;
import dev.crier.log.Notifications;
import dev.crier.log.store.Store;
import dev.crier.testing.Eventually;
import dev.crier.testing.FaultyLink;
import dev.crier.testing.RedisServer;
import dev.crier.testing.RunningCrier;
import io.vertx.core.Future;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A node that shows the events of the last minutes after a start or a reconnection. A subscriber that begins "now" must not get
 * them as new ones.
 */
class RedisCatchUpTest extends EventLogFixture {

    /** Several answers to the tail. */
    private static final int EVENTS = 200;

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

    private FaultyLink link;
    private OtherNode other;

    @Override
    protected Store store() throws Exception {
        return Redises.store(vertx, Redises.conf(link.port(), "test"));
    }

    @BeforeEach
    @Override
    protected void openLog() throws Exception {
        redis.command("FLUSHALL");
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
    }

    private EventId publishMany(String last) throws Exception {
        for (int i = 1; i < EVENTS; i++) {
            other.publish(NEWS, "old");
        }
        return other.publish(NEWS, last);
    }

    @Test
    void aLogThatHasOpenedHasShownAllEarlierEvents() throws Exception {
        EventId last = publishMany("last");
        try (var late = new OtherNode(this, Redises.conf(redis.port(), "test"), clock())) {
            assertFalse(late.log().newest().isBefore(last));
            assertTrue(late.log().stores());
        }
    }

    @Test
    void aStartWaitsUntilAllEarlierEventsAreShown() throws Exception {
        EventId last = publishMany("held");
        link.holdReplyWith("held");
        CompletableFuture<OtherNode> start = CompletableFuture.supplyAsync(this::lateNode);
        Eventually.until("held", link::isHoldingReply);
        EventId meanwhile = other.publish(NEWS, "stored before the node is ready");
        assertFalse(start.isDone());
        link.releaseReply();
        try (var late = start.get(30, TimeUnit.SECONDS)) {
            assertFalse(late.log().newest().isBefore(last));
            assertFalse(
                    late.log().newest().isBefore(meanwhile), "shown although it was stored after the node had joined");
        }
    }

    private OtherNode lateNode() {
        try {
            return new OtherNode(this, Redises.conf(link.port(), "test"), clock());
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    /** @param continues whether the stream of recent batches still has all that the node has missed */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aSubscriberThatBeginsWhileANodeCatchesUpGetsOnlyLaterEvents(boolean continues) throws Exception {
        publish(NEWS, "a");
        link.both(FaultyLink.Flow.HOLD);
        Eventually.until("noticed", () -> !log.stores());
        other.publish(NEWS, "b");
        if (!continues) {
            redis.command("XTRIM", "{test}:recent", "MAXLEN", "0");
        }
        EventId last = publishMany("held");
        link.holdReplyWith("held");
        link.both(FaultyLink.Flow.DROP);
        link.both(FaultyLink.Flow.PASS);
        Eventually.until("held", link::isHoldingReply);
        assertTrue(log.newest().isBefore(last));
        Future<EventId> now = onContext(log::now);
        other.publish(NEWS, "new");
        trim();
        assertFalse(log.stores(), "not ready");
        assertFalse(now.isComplete());
        link.releaseReply();
        assertEquals(last, RunningCrier.await(now));
        Eventually.until("the new event", () -> read(NEWS, last).equals(List.of("new")));
        untilTrimmed(log::stores);
        assertEquals(log.newest(), RunningCrier.await(log.now()), "nothing waits any more");
    }

    @Test
    void aSubscriberThatBeginsDuringAnOutageGetsAllThatIsStoredMeanwhile() throws Exception {
        EventId last = publish(NEWS, "a").get(0);
        link.both(FaultyLink.Flow.HOLD);
        Eventually.until("noticed", () -> !log.stores());
        other.publish(NEWS, "b");
        EventId now = RunningCrier.await(onContext(log::now));
        other.publish(NEWS, "c");
        link.both(FaultyLink.Flow.DROP);
        link.both(FaultyLink.Flow.PASS);
        untilTrimmed(log::stores);
        assertEquals(last, now);
        assertEquals(List.of("b", "c"), read(NEWS, now));
    }

    @Test
    void aSubscriberOfALatestChannelThatBeginsWhileANodeCatchesUpGetsOnlyTheNewestEvent() throws Exception {
        publish(NEWS, "before the outage");
        publish(TIME, "before the outage");
        link.both(FaultyLink.Flow.HOLD);
        Eventually.until("noticed", () -> !log.stores());
        other.publish(TIME, "during the outage");
        publishMany("held");
        other.publish(TIME, "newest");
        link.holdReplyWith("held");
        link.both(FaultyLink.Flow.DROP);
        link.both(FaultyLink.Flow.PASS);
        Eventually.until("held", link::isHoldingReply);
        var received = new CopyOnWriteArrayList<String>();
        var context = vertx.getOrCreateContext();
        var stream = new ChannelStream(context, log, new Notifications(), TIME, new Retention.Latest(), StartAt.now());
        stream.handler(entry -> received.add(entry.event().data()));
        var news = new ChannelStream(
                context,
                log,
                new Notifications(),
                NEWS,
                new Retention.Events(10, Retention.Events.ANY_AGE),
                StartAt.earliest());
        var seen = new CopyOnWriteArrayList<String>();
        news.handler(entry -> seen.add(entry.event().data()));
        Eventually.until("a stream that need not wait", () -> !seen.isEmpty());
        assertEquals(List.of(), received);
        link.releaseReply();
        Eventually.until("the newest event", () -> received.contains("newest"));
        assertEquals(List.of("newest"), received);
        stream.close();
        news.close();
    }

    @Test
    void aSubscriberThatWaitsFailsIfTheConnectionIsLostAgain() throws Exception {
        link.both(FaultyLink.Flow.HOLD);
        Eventually.until("noticed", () -> !log.stores());
        publishMany("held");
        link.holdReplyWith("held");
        link.both(FaultyLink.Flow.DROP);
        link.both(FaultyLink.Flow.PASS);
        Eventually.until("held", link::isHoldingReply);
        Future<EventId> now = onContext(log::now);
        link.refuse();
        link.cutAll();
        Eventually.until("failed", now::failed);
        link.releaseReply();
        link.accept();
        untilTrimmed(log::stores);
        assertEquals(log.newest(), RunningCrier.await(log.now()));
    }
}
