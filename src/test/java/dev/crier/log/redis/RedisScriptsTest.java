package dev.crier.log.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.event.Event;
import dev.crier.event.Publication;
import dev.crier.event.Publication.Attempt;
import dev.crier.log.EventLogFixture;
import dev.crier.log.store.AgeClock;
import dev.crier.log.store.Store;
import dev.crier.testing.Eventually;
import dev.crier.testing.RedisServer;
import dev.crier.testing.RunningCrier;
import io.vertx.core.Future;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What single scripts do to the keys, where a race of several nodes would otherwise be needed to see it. */
class RedisScriptsTest extends EventLogFixture {

    private static final String OTHER = "other";

    @TempDir
    static Path folder;

    private static RedisServer redis;

    @BeforeAll
    static void startRedis() throws Exception {
        redis = RedisServer.start(folder);
    }

    @AfterAll
    static void stopRedis() {
        redis.close();
    }

    @Override
    protected Store store() {
        return Redises.store(vertx, Redises.conf(redis.port(), "test"));
    }

    @BeforeEach
    @Override
    protected void openLog() throws Exception {
        redis.command("FLUSHALL");
        super.openLog();
    }

    private static Object command(String... words) throws Exception {
        return redis.command(words);
    }

    @Test
    void aNodeWhoseClockStandsStillIsAliveAndDatesItsEntriesLikeTheOthers() throws Exception {
        long before = now;
        var standing = new AgeClock(() -> Instant.ofEpochMilli(before), () -> 0);
        try (var other = new OtherNode(this, Redises.conf(redis.port(), "test"), standing)) {
            now += 60_000;
            Eventually.until(
                    "both beats are new",
                    () -> times("HVALS", "{test}:nodes").stream().allMatch(time -> time >= now));
            publish(NEWS, "here");
            other.publish(NEWS, "there");
            List<Long> stored =
                    times("LRANGE", "{test}:c:/news", "0", "-1").stream().toList();
            assertEquals(2, stored.size());
            assertTrue(stored.get(0) <= stored.get(1), stored.toString());
        }
    }

    /** Returns the times of beats or of items. */
    private static List<Long> times(String... command) throws Exception {
        var times = new ArrayList<Long>();
        for (Object value : (List<?>) command(command)) {
            String[] words = value.toString().split("[ \n]");
            times.add(Long.parseLong(command[0].equals("HVALS") ? words[0] : words[1]));
        }
        return times;
    }

    @Test
    void theStreamOfRecentBatchesIsLimitedInBytesEvenIfEachBatchIsLarge() throws Exception {
        String large = "x".repeat(1_000_000);
        for (int i = 0; i < 18; i++) {
            List<Event> events =
                    List.of(Event.of(large), Event.of(large), Event.of(large), Event.of(large), Event.of(large));
            RunningCrier.await(onContext(() -> log.append(new Publication(LAST_THREE, events, Attempt.ONCE))));
        }
        long batches = (Long) command("XLEN", "{test}:recent");
        assertTrue(batches >= 13 && batches <= 15, "batches of 5 MB in the stream: " + batches);
    }

    @Test
    void aStepThatLeavesOldReceiptsSaysThatThereIsMore() throws Exception {
        var attempts = new ArrayList<Future<?>>();
        for (int i = 0; i < 1_500; i++) {
            attempts.add(publishing(NEWS, new Attempt("key " + i, "digest"), "a"));
        }
        RunningCrier.await(Future.all(attempts));
        now += 3_600_000;
        trim();
        Eventually.until(
                "all dropped by one trim",
                () -> command("LLEN", "{test}:receipts:order").equals(0L));
    }
}
