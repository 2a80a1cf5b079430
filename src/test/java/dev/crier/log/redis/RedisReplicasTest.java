package dev.crier.log.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.crier.event.Entry;
import dev.crier.event.Event;
import dev.crier.event.EventId;
import dev.crier.event.Publication;
import dev.crier.event.Publication.Attempt;
import dev.crier.event.PublishException;
import dev.crier.log.EventLog;
import dev.crier.log.EventLogFixture;
import dev.crier.log.store.ReadResult;
import dev.crier.log.store.Store;
import dev.crier.testing.Eventually;
import dev.crier.testing.RedisServer;
import dev.crier.testing.RunningCrier;
import io.vertx.core.Future;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** Two nodes: one shows an entry only after a replica has it, the other does not wait for the replica. */
class RedisReplicasTest extends EventLogFixture {

    @TempDir
    static Path folder;

    private static RedisServer redis;
    private static RedisServer replica;

    @BeforeAll
    static void startRedis() throws Exception {
        redis = RedisServer.start(folder);
        replica = RedisServer.start(folder);
    }

    @AfterAll
    static void stopRedis() throws Exception {
        replica.close();
        redis.close();
    }

    private OtherNode other;
    private EventId begin;

    @Override
    protected Store store() throws Exception {
        return Redises.store(vertx, Redises.conf(redis.port(), "test", 1));
    }

    @BeforeEach
    @Override
    protected void openLog() throws Exception {
        redis.command("FLUSHALL");
        replica.replicate(redis);
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

    /** Stops replication, so that the node shows nothing until {@link #attach}. */
    private void detach() throws Exception {
        replica.command("REPLICAOF", "NO", "ONE");
        Eventually.until("detached", () -> redis.info("connected_slaves").equals("0"));
    }

    private void attach() throws Exception {
        replica.replicate(redis);
    }

    private List<Entry> all(EventLog log) {
        return ((ReadResult.Entries) log.read(NEWS, ALL, begin)).entries();
    }

    @Test
    void aSubscriberAheadOfThisNodeWaitsWithoutAGapAndMissesNothing() throws Exception {
        detach();
        EventId last = other.publish(NEWS, "seen at the other");
        assertTrue(log.newest().isBefore(last));
        var none = new ReadResult.Gap(last, Optional.empty());
        assertEquals(none, RunningCrier.await(log.gap(NEWS, last, ANYONE)));
        assertEquals(List.of(), read(NEWS, last));
        other.publish(NEWS, "new");
        attach();
        Eventually.until("shown here", () -> read(NEWS, last).equals(List.of("new")));
    }

    @Test
    void aPublisherIsNotAnsweredBeforeItsEntryIsShownHere() throws Exception {
        detach();
        Future<List<EventId>> answer = publishing(NEWS, Attempt.ONCE, "a");
        Eventually.until("shown at the other", () -> !all(other.log()).isEmpty());
        assertFalse(answer.isComplete());
        attach();
        assertEquals(
                List.of(RunningCrier.await(answer).get(0)),
                all(log).stream().map(Entry::id).toList());
    }

    /** The answer names an id that no node has shown, so its loss causes no gap. */
    @Test
    void aBatchThatRedisHasLostAfterItsAnswerIsStoredAgain() throws Exception {
        publish(NEWS, "a");
        other.close(); // it would show the batch
        redis.command("SAVE");
        Object saved = newestInRedis();
        detach();
        Future<List<EventId>> answer = publishing(NEWS, Attempt.ONCE, "b");
        Eventually.until("stored", () -> !newestInRedis().equals(saved));
        redis.kill();
        redis.restart();
        attach();
        RunningCrier.await(answer);
        assertEquals(List.of("a", "b"), read(NEWS, begin));
        other = new OtherNode(this, Redises.conf(redis.port(), "test"), clock());
        Eventually.until("read there", () -> other.read(NEWS, begin).equals(List.of("a", "b")));
    }

    private static Object newestInRedis() throws Exception {
        return redis.command("HGET", "{test}:log", "newest");
    }

    @Test
    void aLogWithoutItsReplicasRefusesPublicationsUntilTheyAreBack() throws Exception {
        publish(NEWS, "a");
        detach();
        Eventually.until("noticed, although nothing is published", () -> !log.stores());
        assertThrows(PublishException.class, () -> publish(NEWS, "b"));
        attach();
        untilTrimmed(log::stores);
        publish(NEWS, "c");
        assertEquals(List.of("a", "c"), readAll(NEWS));
    }

    /** It may be read, and is not ready. */
    @Test
    void aLogOpensWithoutItsReplicasAlthoughItCannotShowTheRecentEvents() throws Exception {
        detach();
        EventId last = other.publish(NEWS, "a");
        try (var late = new OtherNode(this, Redises.conf(redis.port(), "test", 1), clock())) {
            assertFalse(late.log().stores());
            assertTrue(late.log().newest().isBefore(last));
            attach();
            Eventually.until("ready", () -> {
                late.trim();
                return late.log().stores();
            });
            assertFalse(late.log().newest().isBefore(last));
        }
    }

    @Test
    void missingReplicasAreLoggedOnce() throws Exception {
        var lines = new ListAppender<ILoggingEvent>();
        var logger = (Logger) LoggerFactory.getLogger(EventLog.class);
        lines.start();
        logger.addAppender(lines);
        try {
            detach();
            Eventually.until("noticed", () -> !log.stores());
            int[] probes = {0};
            untilTrimmed(() -> ++probes[0] > 10);
            assertEquals(
                    List.of(
                            "The log cannot store, and publishing is refused until it can: fewer than 1 replicas have the"
                                    + " last entries (log.redis.replicas)"),
                    lines.list.stream()
                            .filter(line -> line.getLevel() == Level.ERROR)
                            .map(ILoggingEvent::getFormattedMessage)
                            .toList());
        } finally {
            logger.detachAppender(lines);
        }
    }

    @Test
    void aRetryIsNotAnsweredBeforeTheEntriesOfItsFirstAttemptAreShownHere() throws Exception {
        detach();
        Eventually.until("noticed", () -> !log.stores());
        var publication = new Publication(NEWS, List.of(Event.of("a")), new Attempt("key", "digest"));
        List<EventId> ids = RunningCrier.await(other.log().append(publication));
        assertThrows(PublishException.class, () -> RunningCrier.await(log.append(publication)));
        attach();
        Eventually.until("shown here", () -> read(NEWS, begin).equals(List.of("a")));
        assertEquals(ids, RunningCrier.await(log.append(publication)));
    }
}
