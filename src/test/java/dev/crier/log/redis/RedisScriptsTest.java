package dev.crier.log.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.event.ChannelName;
import dev.crier.event.Entry;
import dev.crier.event.Event;
import dev.crier.event.EventId;
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
import java.util.Collection;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Restored events, late clocks, large batches, and a node that is closed while it reconnects. A test of the whole log would
 * reach these cases only by chance, so the tests call the scripts and the classes around them directly.
 */
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

    /** Restores an event of the latest channel, as another node does that has shown it with this id. */
    private void restore(String shownId, String data) throws Exception {
        var entry = new Entry(EventId.parse(shownId).orElseThrow(), TIME, Event.of(data), 0);
        String epoch = command("HGET", "{test}:log", "epoch").toString();
        command("HSET", "{test}:nodes", OTHER + data, now + " 0-0");
        RunningCrier.await(onContext(() -> new Dialer(vertx, Redises.conf(redis.port(), "test"))
                .dial()
                .compose(link -> new Batches(vertx, OTHER + data, new AppendCall(RETENTION, () -> now))
                        .restore(new Session(link, epoch, new Keys("test")), List.of(entry))
                        .onComplete(done -> link.close()))));
    }

    private void assertLatest(String data) throws Exception {
        Eventually.until("shown: " + data, () -> read(TIME, EventId.FIRST).equals(List.of(data)));
        String item = command("LINDEX", "{test}:c:/time", "-1").toString();
        assertTrue(item.endsWith("\n" + data), item);
        assertEquals(1L, command("LLEN", "{test}:c:/time"));
    }

    @Test
    void aRestoredLatestEventNeverReplacesOneThatWasPublishedSince() throws Exception {
        publish(TIME, "published");
        restore("1-0", "restored");
        assertLatest("published");
    }

    @Test
    void theNewestLatestEventIsRestoredOnceWhicheverNodeComesFirst() throws Exception {
        restore("5-0", "five");
        assertLatest("five");
        restore("6-0", "six");
        assertLatest("six");
        Object batches = command("XLEN", "{test}:recent");
        restore("5-0", "five again");
        restore("6-0", "six again");
        assertLatest("six");
        assertEquals(batches, command("XLEN", "{test}:recent"));
        publish(TIME, "published");
        restore("6-0", "six once more");
        assertLatest("published");
    }

    @Test
    void aNodeWhoseClockStandsStillIsAliveAndDatesItsEntriesAsOthersDo() throws Exception {
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
    void aNodeRequestsFewBatchesAtATimeIfTheyAreLarge() throws Exception {
        EventId before = log.newest();
        EventId last = before;
        for (int i = 0; i < 6; i++) {
            String large = "x".repeat(1_000_000);
            last = publish(NEWS, large, large).get(1);
        }
        command("CONFIG", "SET", "slowlog-log-slower-than", "0");
        var shown = new AtomicReference<>(before);
        RedisLink link = RunningCrier.await(onContext(() -> new Dialer(vertx, Redises.conf(redis.port(), "test"))
                .dial()
                .onSuccess(dialed -> new Tail(
                                new Session(dialed, "", new Keys("test")), before, 0, null, new ShownIds(shown))
                        .start())));
        EventId all = last;
        Eventually.until("all shown", () -> shown.get().equals(all));
        assertEquals(List.of("2", "2", "2", "1"), requestedBatches());
        RunningCrier.await(onContext(() -> {
            link.close();
            return Future.succeededFuture();
        }));
    }

    private record ShownIds(AtomicReference<EventId> last) implements Tail.Sink {

        @Override
        public void show(List<Entry> entries, EventId through) {
            last.set(through);
        }

        @Override
        public void forget(Collection<ChannelName> channels) {}

        @Override
        public void unconfirmed() {}
    }

    /** Returns the maximum number of batches in each request that Redis has answered without waiting, the newest first. */
    private static List<String> requestedBatches() throws Exception {
        var counts = new ArrayList<String>();
        for (Object entry : (List<?>) command("SLOWLOG", "GET", "-1")) {
            var words = (List<?>) ((List<?>) entry).get(3);
            if (words.get(0).toString().equalsIgnoreCase("XREAD")) {
                counts.add(words.get(2).toString());
            }
        }
        return counts;
    }

    @Test
    void aNodeThatIsClosedWhileItReconnectsLeavesTheLog() throws Exception {
        var conf = Redises.conf(redis.port(), "test");
        var membership = new AtomicReference<Membership>();
        RunningCrier.await(onContext(() -> {
            membership.set(new Membership(vertx, conf, OTHER, () -> now, new IdleNode()));
            return membership.get().connect().map(joined -> {
                membership.get().close(null);
                membership.get().watch(joined.session());
                return null;
            });
        }));
        Eventually.until("left", () -> command("HEXISTS", "{test}:nodes", OTHER).equals(0L));
        Eventually.until(
                "only the connections of the open log, and this one",
                () -> redis.info("connected_clients").equals("4"));
    }

    private static final class IdleNode implements Membership.Node {

        @Override
        public EventId shown() {
            return EventId.FIRST;
        }

        @Override
        public String passed() {
            return "";
        }

        @Override
        public Future<Void> joined(Joined joined) {
            return Future.succeededFuture();
        }

        @Override
        public void lost(RedisUnavailableException cause) {}

        @Override
        public void unreachable(Throwable cause) {}

        @Override
        public void cannotWrite(Throwable cause) {}
    }
}
