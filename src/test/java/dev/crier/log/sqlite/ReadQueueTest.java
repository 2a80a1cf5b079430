package dev.crier.log.sqlite;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.log.store.AbandonedException;
import dev.crier.log.store.Requester;
import dev.crier.testing.RunningCrier;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** One address cannot keep others from reading, and nothing is read for a client that has left. */
class ReadQueueTest {

    private static final BooleanSupplier STAYS = () -> false;

    private final Vertx vertx = Vertx.vertx();

    /** The thread that reads, which does a step when the test says so. */
    private final Queue<Runnable> thread = new ArrayDeque<>();

    private final ReadQueue queue = new ReadQueue(vertx, thread::add);
    private final List<String> done = new ArrayList<>();

    @AfterEach
    void close() throws TimeoutException {
        RunningCrier.await(vertx.close());
    }

    private Future<String> read(String address, String name, BooleanSupplier hasLeft) {
        return queue.add(new Requester(address, hasLeft), () -> {
            done.add(name);
            return name;
        });
    }

    private void step() {
        thread.remove().run();
    }

    private void runAll() {
        while (!thread.isEmpty()) {
            step();
        }
    }

    @Test
    void anotherAddressIsServedAfterOneReadOfTheAddressThatHasThousandsQueued() {
        for (int i = 0; i < 2_500; i++) {
            read("192.0.2.1", "flood" + i, STAYS);
        }
        step();
        read("198.51.100.7", "honest", STAYS);
        step();
        step();
        assertEquals(List.of("flood0", "flood1", "honest"), done);
    }

    @Test
    void addressesTakeTurnsAndKeepTheirOwnOrder() {
        for (String name : List.of("a1", "a2", "a3", "b1", "b2", "c1")) {
            read(name.substring(0, 1), name, STAYS);
        }
        runAll();
        assertEquals(List.of("a1", "b1", "c1", "a2", "b2", "a3"), done);
    }

    @Test
    void noReadIsDoneForAClientThatHasLeft() throws Exception {
        var left = new AtomicBoolean();
        var abandoned = new ArrayList<Future<String>>();
        Future<String> stays = read("192.0.2.1", "stays", STAYS);
        for (int i = 0; i < 2_500; i++) {
            abandoned.add(read("192.0.2.1", "leaves", left::get));
        }
        Future<String> last = read("192.0.2.1", "last", STAYS);
        left.set(true);
        step();
        step();
        assertEquals(List.of("stays", "last"), done);
        assertEquals("stays", RunningCrier.await(stays));
        assertEquals("last", RunningCrier.await(last));
        RunningCrier.await(Future.join(abandoned).otherwiseEmpty());
        assertInstanceOf(AbandonedException.class, abandoned.get(0).cause());
    }

    @Test
    void aReadThatFailsDoesNotStopTheOthers() throws Exception {
        Future<String> failing = queue.add(new Requester("192.0.2.1", STAYS), () -> {
            throw new StackOverflowError("a failing read");
        });
        Future<String> next = read("192.0.2.1", "next", STAYS);
        runAll();
        assertEquals("next", RunningCrier.await(next));
        assertInstanceOf(StackOverflowError.class, failing.cause());
    }

    @Test
    void aFailingCheckForADepartedClientDoesNotStopOtherReads() throws Exception {
        Future<String> failing = read("192.0.2.1", "failing", () -> {
            throw new IllegalStateException("no connection");
        });
        Future<String> next = read("192.0.2.1", "next", STAYS);
        runAll();
        assertEquals("next", RunningCrier.await(next));
        assertInstanceOf(IllegalStateException.class, failing.cause());
        assertEquals(List.of("next"), done);
    }

    @Test
    void waitingAndLaterReadsFailWhenTheQueueCloses() throws Exception {
        Future<String> waiting = read("192.0.2.1", "waits", STAYS);
        queue.close();
        RunningCrier.await(waiting.otherwiseEmpty());
        assertTrue(waiting.failed());
        Future<String> later = read("192.0.2.1", "later", STAYS);
        RunningCrier.await(later.otherwiseEmpty());
        assertTrue(later.failed());
    }
}
