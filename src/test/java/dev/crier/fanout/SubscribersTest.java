package dev.crier.fanout;

import static dev.crier.fanout.TestFanout.NEWS;
import static dev.crier.fanout.TestFanout.STATE;
import static dev.crier.fanout.TestFanout.TIMEOUTS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.event.ChannelSet;
import dev.crier.event.EventId;
import dev.crier.event.StartAt;
import dev.crier.metrics.Metrics;
import dev.crier.metrics.StreamEndReason;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Delivery to subscribers whose connections accept everything, and the end of their streams. */
class SubscribersTest {

    private final TestFanout fanout = new TestFanout();

    @Test
    void aNewSubscriberReceivesTheLatestEventAtOnce() {
        fanout.publish(STATE, "one");
        assertEquals(
                List.of("retry: 2000\n", "data: one\n\n"), fanout.join(STATE).texts());
    }

    @Test
    void repeatedNotificationsDeliverAnEventOnce() {
        TestConnection connection = fanout.join(STATE);
        fanout.publish(STATE, "one");
        fanout.subscribers.notified(STATE);
        fanout.subscribers.deliver();
        fanout.subscribers.deliver();
        assertEquals(List.of("one"), connection.data());
    }

    @Test
    void theNotificationsOfOneTurnCostOneDeliveryAndOneWrite() {
        TestConnection connection = fanout.join(NEWS);
        int flushes = connection.flushes;
        int writes = connection.written.size();
        for (String data : List.of("a", "b", "c")) {
            fanout.append(NEWS, data);
            assertEquals(data.equals("a"), fanout.subscribers.notified(NEWS), "only the first asks for a delivery");
        }
        fanout.subscribers.deliver();
        assertEquals(flushes + 1, connection.flushes);
        assertEquals(writes + 1, connection.written.size());
        assertEquals(List.of("a", "b", "c"), connection.data());
    }

    @Test
    void aNotificationForAChannelWithoutSubscribersAsksForNoDelivery() {
        assertFalse(fanout.subscribers.notified(NEWS));
    }

    /** A client could otherwise make Crier keep a thousand channels with each subscriber that cannot join. */
    @Test
    void channelsOfASubscriberThatCannotJoinAskForNoDeliveryAfterTheNextCheck() {
        var connection = new TestConnection();
        connection.joinFailure = new OutOfMemoryError("no memory for a subscriber");
        var set = new ChannelSet(List.of(NEWS, STATE), List.of());
        assertTrue(fanout.add(set, new StartAt.Now(), connection).failed());
        assertTrue(fanout.add(NEWS, new StartAt.Now(), connection, TestFanout.UNLIMITED)
                .failed());
        fanout.check();
        assertFalse(fanout.subscribers.notified(NEWS));
        assertFalse(fanout.subscribers.notified(STATE));
        fanout.join(set, new StartAt.Now());
        assertTrue(fanout.subscribers.notified(NEWS));
    }

    @Test
    void subscribersAtTheSamePositionShareTheirBytes() {
        List<TestConnection> connections = fanout.join(NEWS, 2);
        fanout.publish(NEWS, "one");
        assertSame(connections.get(0).written.get(1), connections.get(1).written.get(1));
    }

    @Test
    void encodedBytesAreSharedUntilTheNextCheckReleasesThem() {
        EventId start = fanout.log.newest();
        TestConnection first = fanout.join(NEWS);
        fanout.publish(NEWS, "one");
        Buffer shared = first.written.get(1);
        assertSame(shared, resume(start).written.get(1));
        fanout.check();
        Buffer encodedAgain = resume(start).written.get(1);
        assertEquals(shared, encodedAgain);
        assertNotSame(shared, encodedAgain);
    }

    private TestConnection resume(EventId position) {
        var connection = new TestConnection();
        var start = new StartAt.After(position, position.toString());
        fanout.add(NEWS, start, connection, TestFanout.UNLIMITED);
        return connection;
    }

    @Test
    void aCheckDeliversEventsWhoseNotificationWasLost() {
        TestConnection connection = fanout.join(STATE);
        fanout.append(STATE, "one");
        fanout.check();
        assertEquals(List.of("one"), connection.data());
    }

    @Test
    void anIdleStreamReceivesACommentBeforeEachHeartbeatTimeout() {
        TestConnection connection = fanout.join(STATE);
        for (int i = 0; i < 12; i++) {
            fanout.check();
        }
        assertEquals(List.of("retry: 2000\n", ":\n", ":\n", ":\n"), connection.texts());
    }

    @Test
    void aStreamThatReceivesEventsReceivesNoComment() {
        TestConnection connection = fanout.join(STATE);
        for (int i = 0; i < 4; i++) {
            fanout.publish(STATE, "x");
            fanout.check();
        }
        assertFalse(connection.texts().contains(":\n"));
    }

    @Test
    void aSubscriberThatHasLeftReceivesNothing() {
        var connection = new TestConnection();
        Subscriber subscriber = fanout.join(STATE, connection);
        subscriber.leave();
        subscriber.leave();
        fanout.publish(STATE, "one");
        assertEquals(List.of(), connection.data());
        assertEquals(0, fanout.subscribers.count());
    }

    @Test
    void subscribersThatLeaveDuringADeliveryCostNoOtherSubscriberItsEvent() {
        var connections = new ArrayList<TestConnection>();
        var subscribers = new ArrayList<Subscriber>();
        for (int i = 0; i < 10; i++) {
            connections.add(new TestConnection());
            subscribers.add(fanout.join(STATE, connections.get(i)));
        }
        connections.get(5).onWrite =
                () -> List.of(9, 5, 0, 2).forEach(i -> subscribers.get(i).leave());
        fanout.publish(STATE, "one");
        assertEquals(6, fanout.subscribers.count());
        for (int stayed : List.of(1, 3, 4, 6, 7, 8)) {
            assertEquals(List.of("one"), connections.get(stayed).data(), "subscriber " + stayed);
        }
    }

    @Test
    void aConnectionThatDrainsDuringAWriteReceivesNothingTwice() {
        TestConnection connection = fanout.join(NEWS);
        connection.onWrite = connection::drain;
        fanout.publish(NEWS, "a");
        fanout.publish(NEWS, "b");
        assertEquals(List.of("a", "b"), connection.data());
    }

    @Test
    void nothingFollowsTheEndOfAStream() {
        var connection = new TestConnection();
        Subscriber subscriber = fanout.join(STATE, connection);
        assertTrue(subscriber.tryEnd(Duration.ofSeconds(3), StreamEndReason.SHUTDOWN));
        fanout.publish(STATE, "one");
        connection.drain();
        fanout.check();
        assertEquals(List.of("retry: 2000\n", "retry: 3000\nevent: crier.end\ndata: {}\n\n"), connection.texts());
        assertTrue(connection.ended);
    }

    @Test
    void theEndOfAStreamNamesThePositionOfAChannelThatKeepsEvents() {
        var connection = new TestConnection();
        Subscriber subscriber = fanout.join(NEWS, connection);
        fanout.publish(NEWS, "one");
        assertTrue(subscriber.tryEnd(Duration.ofSeconds(3), StreamEndReason.SHUTDOWN));
        assertEquals(
                "retry: 3000\nevent: crier.end\ndata: {}\nid: " + fanout.log.newest() + "\n\n",
                connection.texts().get(2));
    }

    @Test
    void aStreamEndsWhenTheClientsPermissionExpires() {
        var connection = new TestConnection();
        fanout.add(STATE, new StartAt.Now(), connection, Duration.ofSeconds(10));
        fanout.now += 9_999;
        fanout.subscribers.check();
        assertFalse(connection.ended);
        fanout.now += 1;
        fanout.subscribers.check();
        assertTrue(connection.ended);
        assertEquals(2_000, connection.retryAtEnd());
        assertEquals(0, fanout.subscribers.count());
    }

    @Test
    void aStreamLastsBetween80And100PercentOfTheMaximumLifetime() {
        var timeouts =
                new StreamTimeouts(TIMEOUTS.heartbeat(), TIMEOUTS.stall(), TIMEOUTS.retry(), Duration.ofSeconds(1_000));
        var limited = new TestFanout(timeouts, clock -> Metrics.NONE);
        List<TestConnection> connections = limited.join(STATE, 100);
        limited.now += 799_999;
        limited.subscribers.check();
        assertEquals(0, ended(connections));
        limited.now += 100_001;
        limited.subscribers.check();
        assertEquals(50, ended(connections), 20);
        limited.now += 100_000;
        limited.subscribers.check();
        assertEquals(100, ended(connections));
        assertTrue(connections.stream().allMatch(connection -> connection.retryAtEnd() == 2_000));
    }

    private static long ended(List<TestConnection> connections) {
        return connections.stream().filter(connection -> connection.ended).count();
    }
}
