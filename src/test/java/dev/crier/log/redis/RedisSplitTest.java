package dev.crier.log.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.event.EventId;
import dev.crier.log.EventLogFixture;
import dev.crier.log.store.ReadResult;
import dev.crier.log.store.Store;
import dev.crier.testing.Eventually;
import dev.crier.testing.FaultyLink;
import dev.crier.testing.RedisServer;
import dev.crier.testing.RunningCrier;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A node that stays with the old primary after a failover, and reaches the new one later. Both primaries have given ids
 * meanwhile, so a position does not say which of their entries a subscriber has received.
 */
class RedisSplitTest extends EventLogFixture {

    @TempDir
    Path folder;

    private RedisServer old;
    private RedisServer promoted;
    private FaultyLink link;
    private OtherNode other;

    /** A node that has joined the old primary when the new one no longer received its writes. */
    private OtherNode late;

    private FaultyLink lateLink;

    /** The newest entry that this node has shown of the old primary, between two entries of the new one. */
    private EventId shownHere;

    @Override
    protected Store store() throws Exception {
        return Redises.store(vertx, Redises.conf(link.port(), "test"));
    }

    @BeforeEach
    @Override
    protected void openLog() throws Exception {
        old = RedisServer.withClock(folder);
        old.setClock(Duration.ofMillis(-100)); // the clocks of two machines differ
        promoted = RedisServer.withClock(folder);
        promoted.replicate(old);
        link = new FaultyLink(old.port());
        super.openLog();
    }

    private EventId publishCommon() throws Exception {
        untilTrimmed(log::stores); // on a busy machine, the first connection may fail
        EventId common = publish(NEWS, "common").get(0);
        Eventually.until(
                "replicated", () -> common.toString().equals(promoted.command("HGET", "{test}:log", "newest")));
        return common;
    }

    private void promote() throws Exception {
        publishCommon();
        promoted.command("REPLICAOF", "NO", "ONE");
        other = new OtherNode(this, Redises.conf(promoted.port(), "test"), clock());
    }

    private void split() throws Exception {
        promote();
        EventId first = other.publish(NEWS, "new, not seen here");
        untilAfter(first, old);
        shownHere = publish(NEWS, "old").get(0);
        untilAfter(shownHere, promoted);
        EventId last = other.publish(NEWS, "new");
        assertTrue(
                first.isBefore(shownHere) && shownHere.isBefore(last),
                () -> "not in order: " + first + ", " + shownHere + ", " + last);
    }

    /** Waits until the next id of the server comes after the other server's id. */
    private static void untilAfter(EventId id, RedisServer next) throws Exception {
        Eventually.until(() -> "the clock of the other Redis passes " + id, () -> next.millis() > id.millis());
    }

    @AfterEach
    @Override
    protected void closeLog() throws Exception {
        for (OtherNode node : new OtherNode[] {other, late}) {
            if (node != null) {
                node.close();
            }
        }
        super.closeLog();
        if (lateLink != null) {
            lateLink.close();
        }
        link.close();
        promoted.close();
        old.close();
    }

    private void assertGapBeforeEverythingNew() throws Exception {
        Eventually.until("both store in a new epoch", () -> {
            trim();
            other.trim();
            return log.stores() && other.log().stores() && Break.epochNumber(log.newest()) > 0;
        });
        publish(NEWS, "next");
        assertEquals(List.of("gap", "next"), read(NEWS, shownHere));
        Eventually.until("the same there", () -> other.read(NEWS, shownHere).equals(List.of("gap", "next")));
    }

    @Test
    void itsSubscribersGetAGapBeforeEntriesOfTheNewPrimary() throws Exception {
        split();
        link.leadTo(promoted.port());
        old.kill();
        assertGapBeforeEverythingNew();
    }

    @Test
    void aSubscriberThatMovesToTheNewPrimaryMeanwhileGetsAGapBeforeWhatItHasMissed() throws Exception {
        split();
        Eventually.until("shown there", () -> !other.log().newest().isBefore(shownHere));
        ReadResult.Gap gap = RunningCrier.await(other.log().gap(NEWS, shownHere, ANYONE));
        assertTrue(gap.through().isBefore(shownHere), gap.toString());
        assertEquals(List.of("new, not seen here", "new"), other.read(NEWS, gap.through()));
    }

    @Test
    void aSubscriberThatMovesToTheNewPrimaryGetsThatGapEvenIfBothGiveIdsInTheSameMillisecond() throws Exception {
        old.setClock(Duration.ofDays(-1));
        promoted.setClock(Duration.ofDays(-1));
        promote();
        other.publish(NEWS, "new 1");
        publish(NEWS, "old 1");
        shownHere = publish(NEWS, "old 2").get(0); // without a number of the epoch, "new 1" would have this id
        other.publish(NEWS, "new 2");
        ReadResult.Gap gap = RunningCrier.await(other.log().gap(NEWS, shownHere, ANYONE));
        assertTrue(shownHere.isBefore(gap.through()), gap.toString());
        assertEquals(List.of("new 1", "new 2"), other.read(NEWS, gap.through()));
    }

    @Test
    void aSubscriberThatIsAheadOfTheNewPrimaryGetsTheSameGap() throws Exception {
        split();
        var ahead = new EventId(shownHere.millis() + 3_600_000, 0);
        ReadResult.Gap gap = RunningCrier.await(other.log().gap(NEWS, ahead, ANYONE));
        assertEquals(List.of("new, not seen here", "new"), other.read(NEWS, gap.through()));
    }

    @Test
    void aSubscriberThatMovesBackToTheOldPrimaryMeanwhileGetsAGapBeforeEverythingThere() throws Exception {
        split();
        EventId shownThere = other.log().newest();
        untilAfter(shownThere, old);
        publish(NEWS, "old, not seen there");
        for (EventId position :
                List.of(shownThere, new EventId(shownHere.millis() + 3_600_000, shownThere.sequence()))) {
            ReadResult.Gap gap = RunningCrier.await(log.gap(NEWS, position, ANYONE));
            assertTrue(gap.through().isBefore(shownHere), gap.toString());
            assertEquals(List.of("common", "old", "old, not seen there"), read(NEWS, gap.through()));
        }
    }

    @Test
    void itsSubscribersGetThatGapEvenIfTheNewPrimaryIsRestartedFirst() throws Exception {
        split();
        promoted.command("SAVE");
        promoted.kill();
        link.leadTo(promoted.port());
        old.kill();
        promoted.restart();
        assertGapBeforeEverythingNew();
    }

    /**
     * This node moves to the new primary, which has everything that this node has shown. The late node stays with the old one.
     * The new primary does not know of it.
     */
    private EventId splitWithoutALoss() throws Exception {
        EventId common = publishCommon();
        promoted.command("REPLICAOF", "NO", "ONE");
        lateLink = new FaultyLink(old.port());
        late = new OtherNode(this, Redises.conf(lateLink.port(), "test"), clock());
        link.leadTo(promoted.port());
        link.cutAll();
        untilTrimmed(
                () -> log.stores() && promoted.info("run_id").equals(promoted.command("HGET", "{test}:log", "run")));
        EventId first = publish(NEWS, "new, not seen there").get(0);
        untilAfter(first, old);
        shownHere = late.publish(NEWS, "old");
        untilAfter(shownHere, promoted);
        EventId last = publish(NEWS, "new").get(0);
        assertTrue(
                first.isBefore(shownHere) && shownHere.isBefore(last),
                () -> "not in order: " + first + ", " + shownHere + ", " + last);
        assertEquals(
                List.of("new, not seen there", "new"), read(NEWS, common)); // nothing is missing, so there is no gap
        return last;
    }

    @Test
    void aSubscriberOfANodeOfWhichTheNewPrimaryDoesNotKnowGetsAGapWhenItMoves() throws Exception {
        splitWithoutALoss();
        ReadResult.Gap gap = RunningCrier.await(log.gap(NEWS, shownHere, ANYONE));
        assertTrue(gap.through().isBefore(shownHere), gap.toString());
        assertEquals(List.of("new, not seen there", "new"), read(NEWS, gap.through()));
    }

    @Test
    void aSubscriberThatMovesToSuchANodeGetsAGapBeforeEverythingThere() throws Exception {
        EventId last = splitWithoutALoss();
        untilAfter(last, old);
        late.publish(NEWS, "old, not seen here");
        ReadResult.Gap gap = RunningCrier.await(late.log().gap(NEWS, last, ANYONE));
        assertTrue(gap.through().isBefore(shownHere), gap.toString());
        assertEquals(List.of("common", "old", "old, not seen here"), late.read(NEWS, gap.through()));
    }

    @Test
    void suchANodeGivesItsSubscribersAGapWhenItMoves() throws Exception {
        splitWithoutALoss();
        lateLink.leadTo(promoted.port());
        old.kill();
        Eventually.until("both store in a new epoch", () -> {
            trim();
            late.trim();
            return log.stores()
                    && late.log().stores()
                    && log.newest().equals(late.log().newest());
        });
        publish(NEWS, "next");
        Eventually.until("here", () -> read(NEWS, shownHere).equals(List.of("gap", "next")));
        Eventually.until("there", () -> late.read(NEWS, shownHere).equals(List.of("gap", "next")));
    }
}
