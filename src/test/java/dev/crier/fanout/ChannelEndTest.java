package dev.crier.fanout;

import static dev.crier.fanout.TestFanout.NEWS;
import static dev.crier.fanout.TestFanout.RUN;
import static dev.crier.fanout.TestFanout.UNLIMITED;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.event.ChannelSet;
import dev.crier.event.EndReason;
import dev.crier.event.Event;
import dev.crier.event.EventId;
import dev.crier.event.StartAt;
import dev.crier.metrics.Metrics;
import dev.crier.metrics.StreamEndReason;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Subscribers of a channel that ends: each receives the rest, the end once, and the end of its stream. */
class ChannelEndTest {

    private static final Event END = Event.end(EndReason.ENDED);

    private final List<StreamEndReason> ended = new ArrayList<>();
    private final TestFanout fanout = new TestFanout(TestFanout.TIMEOUTS, clock -> metrics());

    private Metrics metrics() {
        return new Metrics() {
            @Override
            public void streamEnded(StreamEndReason reason) {
                ended.add(reason);
            }
        };
    }

    private static String start(EventId position) {
        return "retry: 2000\nevent: crier.start\ndata: {}\nid: " + position + "\n\n";
    }

    private static String event(EventId id, String data) {
        return "data: " + data + "\nid: " + id + "\n\n";
    }

    private static String end(EventId id) {
        return "event: crier.end\ndata: {\"reason\":\"ended\"}\nid: " + id + "\n\n";
    }

    private TestConnection resume(EventId position) {
        var connection = new TestConnection();
        fanout.add(RUN, after(position), connection, UNLIMITED);
        return connection;
    }

    private static StartAt after(EventId position) {
        return new StartAt.After(position, position.toString());
    }

    private boolean isAfterEnd(StartAt start) {
        return fanout.subscribers
                .isAfterEnd(RUN, start, "192.0.2.1", () -> false)
                .result();
    }

    private static String text(TestConnection connection) {
        return String.join("", connection.texts());
    }

    @Test
    void aSubscriberReceivesTheEndOfItsChannelAndItsStreamEnds() {
        EventId begin = fanout.log.newest();
        TestConnection connection = fanout.join(RUN);
        EventId one = fanout.publish(RUN, "one");
        assertFalse(connection.ended);
        EventId end = fanout.publish(RUN, END);
        assertEquals(List.of(start(begin), event(one, "one"), end(end)), connection.texts());
        assertTrue(connection.ended);
        assertFalse(connection.goesAway);
        assertEquals(List.of(StreamEndReason.CHANNEL_ENDED), ended);
        assertEquals(0, fanout.subscribers.count());
    }

    @Test
    void aLateSubscriberReceivesTheWholeTextAndTheEndWithoutAsking() {
        EventId begin = fanout.log.newest();
        EventId one = fanout.append(RUN, "one");
        EventId two = fanout.append(RUN, "two");
        EventId end = fanout.append(RUN, END);
        TestConnection connection = fanout.join(RUN);
        assertEquals(start(begin) + event(one, "one") + event(two, "two") + end(end), text(connection));
        assertTrue(connection.ended);
        assertEquals(0, fanout.subscribers.count());
    }

    @Test
    void aSubscriberOfAChannelThatCannotBeEndedStillStartsNow() {
        fanout.append(NEWS, "one");
        assertEquals(List.of(), fanout.join(NEWS).data());
    }

    @Test
    void aReloadAtEachPositionReceivesTheIdenticalRestOfTheText() {
        int events = 5_000;
        EventId begin = fanout.log.newest();
        var ids = new ArrayList<>(List.of(begin));
        for (int i = 0; i < events; i++) {
            ids.add(fanout.append(RUN, "token " + i + (i % 7 == 0 ? "\nand a second line" : "")));
        }
        ids.add(fanout.append(RUN, END));
        String whole = text(fanout.join(RUN)).substring(start(begin).length());
        byte[] bytes = whole.getBytes(StandardCharsets.UTF_8);
        int from = 0;
        for (int i = 0; i <= events; i++) {
            TestConnection connection = resume(ids.get(i));
            assertEquals(start(ids.get(i)), connection.written.get(0).toString());
            int at = from;
            for (Buffer part : connection.written.subList(1, connection.written.size())) {
                int end = at + part.length();
                assertTrue(Arrays.equals(bytes, at, end, part.getBytes(), 0, part.length()), "from " + ids.get(i));
                at = end;
            }
            assertEquals(bytes.length, at, "from " + ids.get(i));
            assertTrue(connection.ended);
            from = whole.indexOf("\n\n", from) + 2;
        }
        assertEquals(bytes.length, from);
        assertTrue(isAfterEnd(after(ids.get(events + 1))));
    }

    @Test
    void aStreamOf5000EventsIsReadWithFewerThan20WritesAndOneFlush() {
        for (int i = 0; i < 5_000; i++) {
            fanout.append(RUN, "token %014d".formatted(i));
        }
        fanout.append(RUN, END);
        TestConnection connection = fanout.join(RUN);
        assertTrue(connection.ended);
        assertTrue(connection.written.size() < 20, "writes: " + connection.written.size());
        assertEquals(1, connection.flushes);
    }

    @Test
    void aClientIsAfterTheEndOnlyIfItHasReceivedIt() {
        EventId one = fanout.append(RUN, "one");
        assertFalse(isAfterEnd(after(one)), "the channel has not ended");
        EventId end = fanout.append(RUN, END);
        EventId later = fanout.append(NEWS, "later");
        assertFalse(isAfterEnd(after(one)));
        assertTrue(isAfterEnd(after(end)));
        assertTrue(isAfterEnd(after(later)));
        assertTrue(isAfterEnd(new StartAt.From(new EventId(999_999_999_999_999L, 0), "in the future")));
        assertFalse(isAfterEnd(new StartAt.From(EventId.FIRST, "long ago")));
        assertFalse(isAfterEnd(after(new EventId(99_999_999_999_999L, 0))), "an id of another log");
        assertFalse(isAfterEnd(new StartAt.Now()));
        assertFalse(isAfterEnd(new StartAt.Earliest()));
        assertFalse(isAfterEnd(new StartAt.Unknown("rubbish")));
    }

    @Test
    void afterRetentionHasDroppedTheEndTheChannelIsAsNew() {
        EventId one = fanout.append(RUN, "one");
        EventId end = fanout.append(RUN, END);
        fanout.now += Duration.ofHours(2).toMillis();
        fanout.log.trim();
        assertFalse(isAfterEnd(after(end)));
        TestConnection before = resume(one);
        TestConnection after = resume(end);
        TestConnection bare = fanout.join(RUN);
        EventId again = fanout.publish(RUN, "again");
        assertTrue(text(before).endsWith("id: " + end + "\n\n" + event(again, "again")), text(before));
        assertTrue(text(before).contains("event: crier.gap"), text(before));
        assertEquals(start(end) + event(again, "again"), text(after));
        assertEquals(List.of("again"), bare.data());
        assertFalse(before.ended || after.ended || bare.ended);
    }

    @Test
    void aSlowSubscriberReceivesTheRestTheEndAndTheEndOfItsStream() {
        TestConnection connection = fanout.join(RUN);
        connection.full = true;
        EventId one = fanout.publish(RUN, "one");
        EventId end = fanout.publish(RUN, END);
        fanout.check();
        assertEquals(List.of(), connection.data());
        connection.acceptsBytes = false;
        connection.drain();
        assertTrue(text(connection).endsWith(event(one, "one") + end(end)), text(connection));
        for (int i = 0; i < 4; i++) {
            connection.acceptOneByte();
            fanout.check();
        }
        assertFalse(connection.ended, "bytes wait");
        connection.acceptAll();
        assertTrue(connection.ended);
        fanout.check();
        assertTrue(text(connection).endsWith(end(end)), "neither a heartbeat nor another end follows");
        assertEquals(List.of(StreamEndReason.CHANNEL_ENDED), ended);
    }

    @Test
    void aStreamEndsAsSoonAsItsConnectionHasAcceptedTheEnd() {
        TestConnection connection = fanout.join(RUN);
        connection.acceptsBytes = false;
        fanout.publish(RUN, END);
        assertFalse(connection.ended);
        connection.acceptAll();
        assertTrue(connection.ended);
    }

    @Test
    void aSubscriberThatDoesNotAcceptTheEndIsClosedAfterTheStallTimeout() {
        TestConnection connection = fanout.join(RUN);
        connection.acceptsBytes = false;
        fanout.publish(RUN, END);
        for (int i = 0; i < 20; i++) {
            fanout.check();
        }
        assertTrue(connection.aborted);
        assertEquals(List.of(StreamEndReason.STALLED), ended);
    }

    @Test
    void aDrainWhileTheEndWaitsAddsNoSecondEnd() {
        TestConnection connection = fanout.join(RUN);
        connection.acceptsBytes = false;
        EventId end = fanout.publish(RUN, END);
        Drain drain = fanout.subscribers.drain(Duration.ofSeconds(1));
        fanout.now += 1_000;
        drain.endDueStreams();
        assertFalse(connection.ended);
        connection.acceptAll();
        assertTrue(connection.ended);
        drain.endDueStreams();
        assertTrue(text(connection).endsWith(end(end)));
        assertEquals(1, text(connection).split("crier.end", -1).length - 1);
        assertEquals(List.of(StreamEndReason.CHANNEL_ENDED), ended);
    }

    @Test
    void theEndOfTheLifetimeWhileTheEndWaitsAddsNoSecondEnd() {
        var connection = new TestConnection();
        fanout.add(RUN, new StartAt.Now(), connection, Duration.ofSeconds(10));
        connection.acceptsBytes = false;
        EventId end = fanout.publish(RUN, END);
        fanout.now += 10_000;
        fanout.subscribers.check();
        connection.acceptAll();
        assertTrue(connection.ended);
        fanout.subscribers.check();
        assertTrue(text(connection).endsWith(end(end)));
    }

    @Test
    void aSubscriberWhoseStreamIsEndingResumesAndReceivesTheEndOfTheChannel() {
        var connection = new TestConnection();
        Subscriber subscriber = fanout.join(RUN, connection);
        EventId one = fanout.publish(RUN, "one");
        connection.acceptsBytes = false;
        EventId two = fanout.publish(RUN, "two");
        assertFalse(subscriber.tryEnd(Duration.ofSeconds(3), StreamEndReason.SHUTDOWN));
        EventId end = fanout.publish(RUN, END);
        connection.acceptAll();
        assertTrue(subscriber.tryEnd(Duration.ofSeconds(3), StreamEndReason.SHUTDOWN));
        assertTrue(
                text(connection)
                        .endsWith(event(one, "one") + event(two, "two")
                                + "retry: 3000\nevent: crier.end\ndata: {}\nid: " + two + "\n\n"),
                text(connection));
        assertTrue(connection.goesAway);
        assertEquals(start(two) + end(end), text(resume(two)));
        assertEquals(List.of(StreamEndReason.SHUTDOWN, StreamEndReason.CHANNEL_ENDED), ended);
    }

    @Test
    void aSubscriberOfSeveralChannelsReceivesTheEndAsAnEventAndItsStreamGoesOn() {
        EventId before = fanout.append(RUN, "before");
        TestConnection connection = fanout.join(new ChannelSet(List.of(NEWS, RUN), List.of()), new StartAt.Now());
        EventId end = fanout.publish(RUN, END);
        EventId news = fanout.publish(NEWS, "news");
        assertEquals(
                start(before) + "event: crier.end\ndata: {\"reason\":\"ended\"}\nid: " + end + " /runs/42\n\n"
                        + "data: news\nid: " + news + " /news\n\n",
                text(connection));
        assertFalse(connection.ended);
    }

    @Test
    void subscribersThatEndTogetherAllReceiveTheEnd() {
        List<TestConnection> connections = fanout.join(RUN, 50);
        EventId end = fanout.publish(RUN, END);
        for (TestConnection connection : connections) {
            assertTrue(connection.ended);
            assertTrue(text(connection).endsWith(end(end)));
        }
        assertEquals(0, fanout.subscribers.count());
    }
}
