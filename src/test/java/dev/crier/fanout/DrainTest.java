package dev.crier.fanout;

import static dev.crier.fanout.TestFanout.STATE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class DrainTest {

    private static final Duration WINDOW = Duration.ofSeconds(5);

    private final TestFanout fanout = new TestFanout();

    private static long ended(List<TestConnection> connections) {
        return connections.stream().filter(connection -> connection.ended).count();
    }

    @Test
    void aDrainEndsStreamsEvenlyAndInRandomOrder() {
        List<TestConnection> connections = fanout.join(STATE, 1_000);
        Drain drain = fanout.subscribers.drain(WINDOW);
        drain.endDueStreams();
        assertEquals(0, ended(connections));
        fanout.now += 1_000;
        drain.endDueStreams();
        assertEquals(200, ended(connections));
        assertEquals(20, ended(connections.subList(0, 100)), 15, "in random order");
        fanout.now += 4_000;
        drain.endDueStreams();
        assertEquals(1_000, ended(connections));
        assertEquals(0, fanout.subscribers.count());
    }

    /** During the drain, a proxy answers 502, after which browsers never reconnect. */
    @Test
    void retryTimesSpreadClientsOverAnotherWindowAfterTheDrain() {
        List<TestConnection> connections = fanout.join(STATE, 1_000);
        Drain drain = fanout.subscribers.drain(WINDOW);
        long end = fanout.now + WINDOW.toMillis();
        var returns = new ArrayList<Long>();
        for (int step = 0; step < 50; step++) {
            fanout.now += 100;
            List<TestConnection> open =
                    connections.stream().filter(connection -> !connection.ended).toList();
            drain.endDueStreams();
            open.stream()
                    .filter(connection -> connection.ended)
                    .forEach(connection -> returns.add(fanout.now + connection.retryAtEnd() - end));
        }
        returns.sort(null);
        assertEquals(1_000, returns.size());
        assertTrue(returns.get(0) >= 2_000, () -> "first after " + returns.get(0) + " ms");
        assertTrue(returns.get(999) <= 7_000, () -> "last after " + returns.get(999) + " ms");
        for (int i = 0; i < 1_000; i += 100) {
            assertEquals(2_000 + 5 * i, returns.get(i), 500, "spread evenly");
        }
    }

    @Test
    void aStreamEndedAfterTheWindowAsksForAtLeastTheUsualRetryTime() {
        TestConnection connection = fanout.join(STATE);
        Drain drain = fanout.subscribers.drain(WINDOW);
        fanout.now += 5_900;
        drain.endDueStreams();
        assertTrue(connection.retryAtEnd() >= 2_000, connection.texts()::toString);
    }

    @Test
    void aConnectionWithWaitingBytesIsEndedWhenItHasAcceptedThem() {
        List<TestConnection> connections = fanout.join(STATE, 2);
        TestConnection slow = connections.get(0);
        slow.acceptsBytes = false;
        fanout.publish(STATE, "one");
        Drain drain = fanout.subscribers.drain(WINDOW);
        fanout.now += 5_000;
        drain.endDueStreams();
        assertEquals(1, ended(connections));
        fanout.publish(STATE, "two");
        assertEquals(List.of("one"), slow.data(), "otherwise a busy channel would never be drained");
        slow.acceptsBytes = true;
        slow.acceptAll();
        drain.endDueStreams();
        assertEquals(2, ended(connections));
    }

    @Test
    void aSubscriberThatJoinsDuringADrainIsEndedWithTheOthers() {
        Drain drain = fanout.subscribers.drain(WINDOW);
        List<TestConnection> late = fanout.join(STATE, 3);
        fanout.now += 5_000;
        drain.endDueStreams();
        assertEquals(3, ended(late));
    }

    @Test
    void aSubscriberThatLeavesDuringADrainIsSentNothing() {
        var connection = new TestConnection();
        Subscriber subscriber = fanout.join(STATE, connection);
        Drain drain = fanout.subscribers.drain(WINDOW);
        subscriber.leave();
        fanout.now += 5_000;
        drain.endDueStreams();
        assertEquals(List.of("retry: 2000\n"), connection.texts());
    }
}
