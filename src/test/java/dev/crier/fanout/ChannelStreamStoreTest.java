package dev.crier.fanout;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.crier.event.Event;
import dev.crier.event.EventId;
import dev.crier.event.StartAt;
import dev.crier.log.sqlite.SqliteStore;
import dev.crier.log.store.Store;
import dev.crier.testing.Eventually;
import io.vertx.core.Future;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Streams that read a file which can fail. Memory has no event. */
class ChannelStreamStoreTest extends ChannelStreamFixture {

    private static final Set<String> READS = Set.of("read", "gap", "newest");

    @TempDir
    private Path folder;

    private volatile boolean failsToOpen;
    private volatile boolean failsToRead;
    private final AtomicInteger reads = new AtomicInteger();

    @Override
    Store store() {
        var file = new SqliteStore(
                vertx, folder.resolve("log.db"), channel -> Optional.ofNullable(DECLARED.get(channel)), 0, 10);
        return (Store) Proxy.newProxyInstance(
                Store.class.getClassLoader(), new Class<?>[] {Store.class}, (proxy, method, args) -> {
                    if (READS.contains(method.getName())) {
                        reads.incrementAndGet();
                    }
                    boolean fails = failsToRead && READS.contains(method.getName())
                            || failsToOpen && method.getName().equals("open");
                    return fails ? Future.failedFuture("the disk is broken") : method.invoke(file, args);
                });
    }

    @Test
    void aStreamReadsTheFileOnlyWithDemand() throws Exception {
        List<EventId> ids = append(
                NEWS, IntStream.range(0, 1_000).mapToObj(n -> Event.of("x" + n)).toList());
        ChannelStream stream = stream(NEWS, StartAt.after(ids.get(0))).pause();
        var follower = new Follower(stream);
        onMine(() -> {});
        Eventually.until("the position is found", () -> reads.get() == 1);
        publish(NEWS, "last");
        onMine(() -> {});
        assertEquals(1, reads.get());
        stream.fetch(1);
        follower.awaitData("x1");
        assertEquals(2, reads.get());
        stream.fetch(10);
        Eventually.until("11 events", () -> follower.entries.size() == 11);
        assertEquals(2, reads.get(), "events that have been read are not read again");
        stream.resume();
        Eventually.until("all events", () -> follower.entries.size() == 1_000);
        assertEquals("last", follower.data().get(999));
    }

    @Test
    void aFailureIsReportedOnceAndTheStreamGoesOnWhereItWas() throws Exception {
        publish(NEWS, "a", "b");
        ChannelStream stream = stream(NEWS, StartAt.earliest()).pause();
        var follower = new Follower(stream);
        stream.fetch(1);
        follower.awaitData("a");
        failsToRead = true;
        stream.resume();
        follower.awaitData("a", "b");
        publish(NEWS, "c");
        Eventually.until("a failure", () -> !follower.failures.isEmpty());
        publish(NEWS, "d");
        onMine(() -> {});
        failsToRead = false;
        publish(NEWS, "e");
        follower.awaitData("a", "b", "c", "d", "e");
        assertEquals(List.of("the disk is broken"), follower.failures);
    }

    @Test
    void aStreamWhosePositionCannotBeReadBeginsWhenItCan() throws Exception {
        List<EventId> ids = publish(NEWS, "a", "b");
        failsToRead = true;
        var follower = follow(NEWS, StartAt.after(ids.get(0)));
        Eventually.until("a failure", () -> !follower.failures.isEmpty());
        assertEquals(List.of(), follower.entries);
        failsToRead = false;
        follower.stream.fetch(0); // as the next check does
        follower.awaitData("b");
        assertEquals(List.of("the disk is broken"), follower.failures);
    }

    @Test
    void aStreamOfALogThatCannotBeOpenedBeginsWhenItIsOpen() throws Exception {
        publish(NEWS, "a");
        closeLog();
        failsToOpen = true;
        open();
        var follower = follow(NEWS, StartAt.earliest());
        Eventually.until("a failure", () -> !follower.failures.isEmpty());
        failsToOpen = false;
        Eventually.until("the log is open", () -> {
            trim();
            return log.isReadable();
        });
        follower.stream.fetch(0);
        follower.awaitData("a");
        assertEquals(List.of("the log cannot be read at present"), follower.failures);
    }
}
