package dev.crier.fanout;

import static dev.crier.fanout.TestFanout.NEWS;
import static dev.crier.fanout.TestFanout.STATE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.event.StartAt;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Subscribers whose connections are full, stalled or broken: they cost no other subscriber an event or a delay. */
class SlowSubscriberTest {

    private final TestFanout fanout = new TestFanout();

    @Test
    void aFullConnectionReceivesNothingAndLaterEveryEvent() {
        List<TestConnection> connections = fanout.join(NEWS, 2);
        TestConnection full = connections.get(0);
        full.full = true;
        List<String> all = IntStream.range(0, 50).mapToObj(String::valueOf).toList();
        all.forEach(data -> {
            fanout.publish(NEWS, data);
            fanout.check();
        });
        assertEquals(List.of(), full.data());
        assertEquals(all, connections.get(1).data());
        full.drain();
        assertEquals(all, full.data());
    }

    @Test
    void aFullConnectionOfALatestChannelReceivesOnlyTheNewestEventLater() {
        List<TestConnection> connections = fanout.join(STATE, 2);
        TestConnection full = connections.get(0);
        fanout.publish(STATE, "one");
        full.full = true;
        fanout.publish(STATE, "two");
        fanout.check();
        fanout.publish(STATE, "three");
        assertEquals(List.of("one"), full.data());
        full.drain();
        assertEquals(List.of("one", "three"), full.data());
        assertEquals(List.of("one", "two", "three"), connections.get(1).data());
    }

    @Test
    void aConnectionThatAcceptsNothingIsClosedAfterTheStallTimeout() {
        TestConnection stalled = fanout.join(STATE);
        stalled.acceptsBytes = false;
        fanout.publish(STATE, "one");
        long since = fanout.now;
        while (fanout.now - since <= 30_000) {
            assertFalse(stalled.aborted, "after " + (fanout.now - since) + " ms");
            fanout.check();
        }
        fanout.check();
        fanout.check();
        assertTrue(stalled.aborted);
        assertEquals(0, fanout.subscribers.count());
    }

    @Test
    void aConnectionThatAcceptsAByteNowAndThenStaysOpen() {
        TestConnection slow = fanout.join(STATE);
        slow.acceptsBytes = false;
        fanout.publish(STATE, "x".repeat(1_000));
        for (int i = 0; i < 300; i++) {
            if (i % 10 == 0) {
                slow.acceptOneByte();
            }
            fanout.check();
        }
        assertFalse(slow.aborted);
    }

    @Test
    void aStreamPastItsEndIsClosedAfterTheStallTimeoutEvenIfItsConnectionAcceptsAByteNowAndThen() {
        var slow = new TestConnection();
        fanout.add(STATE, new StartAt.Now(), slow, Duration.ofSeconds(10));
        slow.acceptsBytes = false;
        fanout.publish(STATE, "x".repeat(100));
        fanout.now += 10_000;
        fanout.subscribers.check();
        fanout.publish(STATE, "after the end");
        assertEquals(List.of("x".repeat(100)), slow.data());
        for (int i = 0; i < 30; i++) {
            assertFalse(slow.aborted);
            fanout.now += 1_000;
            slow.acceptOneByte();
            fanout.subscribers.check();
        }
        fanout.now += 1;
        fanout.subscribers.check();
        assertTrue(slow.aborted);
    }

    @Test
    void theSubscriberWithoutProgressForLongestIsClosedFirst() {
        TestConnection fast = fanout.join(NEWS);
        List<TestConnection> slow = fanout.join(NEWS, 3);
        List<TestConnection> byStall = List.of(slow.get(1), slow.get(0), slow.get(2));
        for (TestConnection connection : byStall) {
            fanout.check();
            connection.acceptsBytes = false;
            fanout.publish(NEWS, "x");
        }
        for (int i = 0; i < 3; i++) {
            TestConnection next = byStall.get(i);
            fanout.subscribers.closeSlowest(() -> !next.aborted);
            assertEquals(
                    byStall.subList(0, i + 1),
                    byStall.stream().filter(connection -> connection.aborted).toList());
        }
        fanout.subscribers.closeSlowest(() -> true);
        assertFalse(fast.aborted, "no bytes wait for it");
        fanout.publish(NEWS, "y");
        assertEquals(List.of("x", "x", "x", "y"), fast.data());
    }

    @Test
    void aConnectionThatHasDrainedSinceTheLastCheckIsNotTheSlowest() {
        List<TestConnection> connections = fanout.join(NEWS, 2);
        TestConnection drained = connections.get(0);
        TestConnection stalled = connections.get(1);
        for (TestConnection connection : connections) {
            fanout.check();
            connection.acceptsBytes = false;
            fanout.publish(NEWS, "x");
        }
        fanout.now += 1;
        drained.drain();
        fanout.subscribers.closeSlowest(() -> !drained.aborted && !stalled.aborted);
        assertTrue(stalled.aborted);
        assertFalse(drained.aborted);
    }

    @Test
    void aFullConnectionReceivesNoHeartbeat() {
        TestConnection full = fanout.join(STATE);
        full.full = true;
        for (int i = 0; i < 12; i++) {
            fanout.check();
        }
        assertEquals(List.of("retry: 2000\n"), full.texts());
    }

    @Test
    void noSubscriberMissesAnEventAfterReadingWasPaused() {
        TestConnection connection = fanout.join(NEWS);
        fanout.readingPaused = true;
        fanout.publish(NEWS, "a");
        fanout.check();
        assertEquals(List.of(), connection.data());
        fanout.readingPaused = false;
        fanout.subscribers.resumeReading();
        assertEquals(List.of("a"), connection.data());
        fanout.publish(NEWS, "b");
        assertEquals(List.of("a", "b"), connection.data());
    }

    @Test
    void aFailedWriteEndsItsStreamAndCostsNoOtherSubscriberAnEvent() {
        TestConnection before = fanout.join(NEWS);
        var broken = new TestConnection();
        Subscriber subscriber = fanout.join(NEWS, broken);
        TestConnection after = fanout.join(NEWS);
        fanout.publish(NEWS, "a");
        broken.failure = outOfMemory();
        fanout.publish(NEWS, "b");
        broken.failure = null;
        fanout.publish(NEWS, "c");
        assertTrue(broken.aborted);
        assertTrue(subscriber.hasEnded());
        assertEquals(List.of("a"), broken.data());
        assertEquals(List.of("a", "b", "c"), before.data());
        assertEquals(List.of("a", "b", "c"), after.data());
        assertEquals(2, fanout.subscribers.count());
    }

    @Test
    void aSubscriberWhoseFirstWriteFailsIsNotCounted() {
        var broken = new TestConnection();
        broken.failure = outOfMemory();
        fanout.join(NEWS, broken);
        assertTrue(broken.aborted);
        assertEquals(0, fanout.subscribers.count());
    }

    private static Error outOfMemory() {
        return new OutOfMemoryError("Cannot reserve 65536 bytes of direct buffer memory");
    }
}
