package dev.crier.fanout;

import static dev.crier.fanout.TestFanout.KEPT;
import static dev.crier.fanout.TestFanout.NEWS;
import static dev.crier.fanout.TestFanout.STATE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.event.ChannelName;
import dev.crier.event.ChannelPattern;
import dev.crier.event.ChannelSet;
import dev.crier.event.EventId;
import dev.crier.event.StartAt;
import dev.crier.metrics.StreamEndReason;
import dev.crier.testing.StreamParser;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Subscribers of several channels over one connection. */
class SetFanoutTest {

    private static final ChannelName ORDER = new ChannelName("/orders/é 1");
    private static final ChannelPattern ORDERS = new ChannelPattern(new ChannelName("/orders/:id"));
    private static final ChannelSet SET = new ChannelSet(List.of(STATE, NEWS), List.of(ORDERS));
    private static final StartAt NOW = new StartAt.Now();

    private final TestFanout fanout = new TestFanout();

    private TestConnection join(StartAt start) {
        return fanout.join(SET, start);
    }

    private TestConnection resume(EventId position) {
        return join(new StartAt.After(position, position.toString()));
    }

    private static String start(EventId position) {
        return "retry: 2000\nevent: crier.start\ndata: {}\nid: " + position + "\n\n";
    }

    private static String block(String data, EventId id, String channel) {
        return "data: " + data + "\nid: " + id + " " + channel + "\n\n";
    }

    private static String gap(String channel, String asked, Object oldest, EventId position) {
        return gap(channel, asked, oldest).stripTrailing() + "\nid: " + position + " " + channel + "\n\n";
    }

    /** A gap without an id. */
    private static String gap(String channel, String asked, Object oldest) {
        return "event: crier.gap\ndata: {\"channel\":\"" + channel + "\",\"asked\":\"" + asked + "\",\"oldest\":"
                + oldest + "}\n\n";
    }

    @Test
    void eventsOfAllChannelsComeInOneOrderAndNameTheirChannel() {
        EventId before = fanout.log.newest();
        TestConnection connection = join(NOW);
        EventId a = fanout.publish(NEWS, "a");
        EventId b = fanout.publish(ORDER, "b");
        EventId c = fanout.publish(STATE, "c");
        fanout.publish(new ChannelName("/other"), "not in the set");
        assertEquals(
                List.of(
                        start(before),
                        block("a", a, "/news"),
                        block("b", b, "/orders/%C3%A9%201"),
                        block("c", c, "/state")),
                connection.texts());
    }

    @Test
    void aNewSubscriberReceivesTheNewestOfEachLatestChannelAndThenTheStart() {
        fanout.publish(NEWS, "older than the subscriber");
        fanout.publish(STATE, "old");
        EventId state = fanout.publish(STATE, "state");
        EventId news = fanout.publish(NEWS, "also older");
        TestConnection connection = join(NOW);
        EventId next = fanout.publish(NEWS, "next");
        assertEquals(
                List.of("retry: 2000\n", block("state", state, "/state") + start(news), block("next", next, "/news")),
                connection.texts());
    }

    @Test
    void aSubscriberWhoseStartIsInterruptedBeginsAgain() {
        fanout.publish(STATE, "state");
        var connection = new TestConnection();
        connection.full = true;
        Subscriber subscriber = fanout.add(SET, NOW, connection).result();
        connection.acceptAll();
        assertTrue(subscriber.tryEnd(Duration.ofSeconds(3), StreamEndReason.SHUTDOWN));
        assertEquals(List.of("retry: 2000\n", "retry: 3000\nevent: crier.end\ndata: {}\n\n"), connection.texts());
    }

    @Test
    void anyPositionResumesAllChannels() {
        EventId before = fanout.log.newest();
        EventId a = fanout.publish(NEWS, "a");
        EventId b = fanout.publish(STATE, "b");
        fanout.publish(ORDER, "c");
        assertEquals(List.of("a", "b", "c"), resume(before).data());
        assertEquals(List.of("b", "c"), resume(a).data());
        assertEquals(List.of("c"), resume(b).data());
        assertEquals(start(b), resume(b).texts().get(0));
    }

    @Test
    void aSlowSubscriberReceivesEachEventOnceInOrder() {
        TestConnection connection = join(NOW);
        connection.full = true;
        for (int i = 0; i < 50; i++) {
            fanout.publish(i % 2 == 0 ? NEWS : ORDER, "e" + i);
        }
        fanout.publish(STATE, "old");
        fanout.publish(STATE, "new");
        assertEquals(List.of(), connection.data());
        connection.drain();
        fanout.check();
        assertEquals(52 - 1, connection.data().size());
        assertEquals("e0", connection.data().get(0));
        assertEquals("new", connection.data().get(50));
    }

    @Test
    void aLostNotificationOnlyDelaysEvents() {
        TestConnection connection = join(NOW);
        fanout.append(ORDER, "unnoticed");
        fanout.publish(NEWS, "noticed");
        assertEquals(List.of("unnoticed", "noticed"), connection.data());
        fanout.append(ORDER, "late");
        fanout.check();
        assertEquals(List.of("unnoticed", "noticed", "late"), connection.data());
    }

    @Test
    void aGapThatEndsAfterAnEventComesBeforeItWithoutAnId() {
        EventId position = fanout.log.newest();
        EventId order = fanout.publish(ORDER, "order");
        fanout.publish(NEWS, "lost");
        EventId oldest = fanout.publish(NEWS, "oldest");
        for (int i = 1; i < KEPT; i++) {
            fanout.publish(NEWS, "n" + i);
        }
        String bytes = String.join("", resume(position).texts());
        assertTrue(
                bytes.startsWith(start(position)
                        + gap("/news", position.toString(), "\"" + oldest + "\"")
                        + block("order", order, "/orders/%C3%A9%201")
                        + block("oldest", oldest, "/news")),
                bytes);
    }

    @Test
    void theLastGapHasAnIdIfItEndsBeforeTheFirstEvent() {
        var order = new ChannelName("/orders/1");
        EventId position = fanout.log.newest();
        fanout.publish(NEWS, "lost");
        EventId lost = fanout.publish(order, "lost, too");
        EventId first = fanout.publish(NEWS, "a");
        EventId second = fanout.publish(order, "b");
        for (int i = 1; i < KEPT; i++) {
            fanout.publish(NEWS, "n" + i);
            fanout.publish(order, "o" + i);
        }
        String bytes = String.join("", resume(position).texts());
        assertTrue(
                bytes.startsWith(start(position)
                        + gap("/news", position.toString(), "\"" + first + "\"")
                        + gap("/orders/1", position.toString(), "\"" + second + "\"", lost)
                        + block("a", first, "/news")
                        + block("b", second, "/orders/1")),
                bytes);
    }

    /** Channels that have lost events while another one kept more than many reads return. */
    private List<ChannelName> loseEvents(int channels) {
        var lossy = IntStream.range(0, channels)
                .mapToObj(i -> new ChannelName("/orders/" + i))
                .toList();
        lossy.forEach(channel -> fanout.append(channel, "lost"));
        for (int i = 0; i < KEPT; i++) {
            fanout.append(NEWS, "n" + i + "x".repeat(5_000));
        }
        for (ChannelName channel : lossy) {
            for (int i = 0; i <= KEPT; i++) {
                fanout.append(channel, channel.path() + " " + i);
            }
        }
        return lossy;
    }

    private static int gaps(String bytes, ChannelName channel) {
        return bytes.split("crier.gap\ndata: \\{\"channel\":\"" + channel + "\"", -1).length - 1;
    }

    /** A position alone says what a client knows, because subscribers at the same position share their reads. */
    @Test
    void aSubscriberThatResumesInsideALongGapIsToldOfItWhateverAnotherWasToldThere() {
        EventId before = fanout.log.newest();
        List<ChannelName> lossy = loseEvents(3);
        var names = new ArrayList<>(lossy);
        names.add(NEWS);
        var set = new ChannelSet(names, List.of());
        var connection = new TestConnection();
        connection.onWrite = () -> connection.full = connection.written.size() == 2;
        fanout.add(set, new StartAt.After(before, before.toString()), connection);
        String told = String.join("", connection.texts());
        String reached = StreamParser.lastEventId(told).split(" ")[0];
        String rest = String.join(
                "",
                fanout.join(set, new StartAt.After(EventId.parse(reached).orElseThrow(), reached))
                        .texts());
        for (ChannelName channel : lossy) {
            assertEquals(1, gaps(told, channel), channel::toString);
            assertTrue(gaps(rest, channel) > 0, channel::toString);
        }
    }

    @Test
    void gapsAtTheBeginningOfTheLogHaveItInTheLastIdOnly() {
        EventId before = fanout.log.newest();
        EventId news = fanout.publish(NEWS, "a");
        EventId order = fanout.publish(new ChannelName("/orders/1"), "b");
        var unknown = new EventId(1, 0); // an id from before the log began
        List<String> texts = resume(unknown).texts();
        assertEquals(
                start(unknown)
                        + gap("/news", "1-0", "\"" + news + "\"")
                        + gap("/orders/:id", "1-0", null, before)
                        + block("a", news, "/news")
                        + block("b", order, "/orders/1"),
                String.join("", texts));
    }

    @Test
    void theEarliestEventsComeWithoutAGap() {
        fanout.publish(ORDER, "order");
        for (int i = 0; i < KEPT + 5; i++) {
            fanout.publish(NEWS, "n" + i);
        }
        TestConnection connection = join(new StartAt.Earliest());
        assertEquals(KEPT + 1, connection.data().size());
        assertFalse(connection.texts().toString().contains("crier.gap"), connection.texts()::toString);
        fanout.publish(NEWS, "next");
        assertEquals(KEPT + 2, connection.data().size());
    }

    @Test
    void whatASubscriberOfTheEarliestEventsLosesBeforeItReadsThemIsAGap() {
        EventId order = fanout.publish(ORDER, "order");
        for (int i = 0; i < KEPT; i++) {
            fanout.publish(NEWS, "n" + i);
        }
        var connection = new TestConnection();
        connection.full = true;
        fanout.add(SET, new StartAt.Earliest(), connection);
        EventId start = EventId.parse(
                        StreamParser.lastEventId(connection.texts().get(0)))
                .orElseThrow();
        EventId lost = fanout.publish(NEWS, "n100");
        connection.drain();
        String bytes = String.join("", connection.texts());
        assertEquals(KEPT + 1, connection.data().size(), bytes);
        assertTrue(bytes.contains(block("order", order, "/orders/%C3%A9%201")), bytes);
        assertTrue(bytes.contains("event: crier.gap\ndata: {\"channel\":\"/news\",\"asked\":\"" + start + "\""), bytes);
        assertTrue(start.isBefore(order) && start.isBefore(lost), start::toString);
    }

    @Test
    void anUnknownPositionIsAGapInEachChannelThatKeepsEventsAndOnlyTheLastGapHasAnId() {
        EventId beforeAll = fanout.log.newest();
        EventId a = fanout.publish(NEWS, "a");
        TestConnection connection = join(new StartAt.Unknown("x7"));
        assertEquals(
                "retry: 2000\n"
                        + "event: crier.gap\ndata: {\"channel\":\"/news\",\"asked\":\"x7\",\"oldest\":null}\n\n"
                        + gap("/orders/:id", "x7", null, beforeAll)
                        + block("a", a, "/news"),
                String.join("", connection.texts()));
        assertEquals(
                start(beforeAll) + block("a", a, "/news"),
                String.join("", resume(beforeAll).texts()));
    }

    @Test
    void afterAnUnknownPositionLatestEventsFromBeforeTheFirstKeptEventComeToo() {
        EventId state = fanout.publish(STATE, "state");
        for (int i = 0; i <= KEPT; i++) {
            fanout.publish(NEWS, "n" + i);
            fanout.publish(ORDER, "o" + i);
        }
        String bytes = String.join(
                "",
                fanout.join(new ChannelSet(List.of(STATE, NEWS, ORDER), List.of()), new StartAt.Unknown("x7"))
                        .texts());
        assertTrue(bytes.contains(block("state", state, "/state")), bytes);
        assertEquals(2, bytes.split("crier.gap", -1).length - 1, bytes);
    }

    @Test
    void anUnknownPositionOfLatestChannelsStartsTheStream() {
        EventId state = fanout.publish(STATE, "state");
        TestConnection connection = fanout.join(new ChannelSet(List.of(STATE), List.of()), new StartAt.Unknown("x7"));
        assertEquals(List.of(start(EventId.FIRST), block("state", state, "/state")), connection.texts());
    }

    @Test
    void aStreamThatEndsBetweenItsGapsHasNoPosition() {
        fanout.publish(NEWS, "a");
        var connection = new TestConnection();
        connection.onWrite = () -> connection.full = true;
        Subscriber subscriber =
                fanout.add(SET, new StartAt.Unknown("x7"), connection).result();
        connection.acceptAll();
        assertTrue(subscriber.tryEnd(Duration.ofSeconds(3), StreamEndReason.SHUTDOWN));
        assertEquals("", StreamParser.lastEventId(String.join("", connection.texts())));
    }

    /** A request of a few bytes must not make Crier hold many bytes for a client that reads none of them. */
    @Test
    void aLongUnknownPositionIsCutAndItsGapsAreWrittenOnlyAsTheConnectionAcceptsThem() {
        String rest = "/" + "c".repeat(150);
        List<ChannelName> names = IntStream.range(0, 1_000)
                .mapToObj(i -> new ChannelName("/" + i + rest))
                .toList();
        var connection = new TestConnection();
        connection.onWrite = () -> connection.full = true;
        fanout.add(new ChannelSet(names, List.of()), new StartAt.Unknown("x".repeat(16_000)), connection);
        assertEquals(List.of("retry: 2000\n"), connection.texts());
        for (int i = 0; i < 1_000 && connection.full; i++) {
            connection.drain();
        }
        connection.written.forEach(
                piece -> assertTrue(piece.length() < 65_536 + 1_000, () -> piece.length() + " bytes"));
        String bytes = String.join("", connection.texts());
        assertEquals(1_000, bytes.split("\"asked\":\"x{64}\u2026\"", -1).length - 1);
        assertEquals(1_000, bytes.split("crier.gap", -1).length - 1);
        String lastName = new ChannelSet(names, List.of()).names().get(999).path();
        assertTrue(bytes.endsWith("\nid: " + fanout.log.newest() + " " + lastName + "\n\n"));
    }

    @Test
    void subscribersOfEqualSetsShareTheirBytes() {
        TestConnection one = join(NOW);
        TestConnection other = fanout.join(new ChannelSet(List.of(NEWS, STATE, NEWS), List.of(ORDERS)), NOW);
        fanout.publish(NEWS, "a");
        assertSame(one.written.get(1), other.written.get(1));
    }

    @Test
    void differentSetsWithACommonChannelShareItsBytes() {
        TestConnection one = fanout.join(new ChannelSet(List.of(NEWS, new ChannelName("/1")), List.of()), NOW);
        TestConnection other = fanout.join(new ChannelSet(List.of(NEWS, new ChannelName("/2")), List.of()), NOW);
        fanout.publish(NEWS, "a");
        assertSame(one.written.get(1), other.written.get(1));
    }

    @Test
    void setsWithACommonChannelAlsoReceiveTheirOwnEventsInOrder() {
        TestConnection one = fanout.join(new ChannelSet(List.of(NEWS, new ChannelName("/1")), List.of()), NOW);
        TestConnection other = fanout.join(new ChannelSet(List.of(NEWS, new ChannelName("/2")), List.of()), NOW);
        fanout.publish(new ChannelName("/1"), "own");
        fanout.publish(NEWS, "a");
        fanout.append(new ChannelName("/1"), "unnoticed");
        fanout.publish(NEWS, "b");
        fanout.append(new ChannelName("/2"), "late");
        fanout.check();
        fanout.publish(NEWS, "c");
        assertEquals(List.of("own", "a", "unnoticed", "b", "c"), one.data());
        assertEquals(List.of("a", "b", "late", "c"), other.data());
    }

    @Test
    void aSlowSubscriberReceivesWhatOtherSetsHaveReceivedBefore() {
        TestConnection slow = fanout.join(new ChannelSet(List.of(NEWS, new ChannelName("/1")), List.of()), NOW);
        fanout.join(new ChannelSet(List.of(NEWS, new ChannelName("/2")), List.of()), NOW);
        slow.full = true;
        fanout.publish(NEWS, "a");
        fanout.publish(new ChannelName("/1"), "own");
        fanout.publish(new ChannelName("/2"), "of the other");
        fanout.publish(NEWS, "b");
        fanout.check();
        slow.drain();
        fanout.publish(NEWS, "c");
        assertEquals(List.of("a", "own", "b", "c"), slow.data());
    }

    @Test
    void aSubscriberThatJoinsBetweenAnEventAndItsNotificationReceivesItOnce() {
        EventId before = fanout.log.newest();
        fanout.join(new ChannelSet(List.of(NEWS, new ChannelName("/1")), List.of()), NOW);
        fanout.publish(NEWS, "a");
        EventId unnoticed = fanout.append(NEWS, "b");
        var set = new ChannelSet(List.of(NEWS, new ChannelName("/2")), List.of());
        TestConnection resumed = fanout.join(set, new StartAt.After(before, before.toString()));
        TestConnection begun = fanout.join(set, NOW);
        TestConnection started = fanout.join(set, new StartAt.After(unnoticed, unnoticed.toString()));
        fanout.publish(NEWS, "c");
        assertEquals(List.of("a", "b", "c"), resumed.data());
        assertEquals(List.of("c"), begun.data());
        assertEquals(List.of("c"), started.data());
    }

    @Test
    void whatACommonChannelLosesBetweenTwoDeliveriesIsAGapInEachSet() {
        EventId before = fanout.log.newest();
        var ofFamily = new ChannelSet(List.of(NEWS), List.of(ORDERS));
        TestConnection one = fanout.join(new ChannelSet(List.of(NEWS, STATE), List.of()), NOW);
        TestConnection other = fanout.join(ofFamily, NOW);
        EventId lost = fanout.append(NEWS, "lost");
        EventId oldest = fanout.append(NEWS, "oldest");
        for (int i = 2; i <= KEPT; i++) {
            fanout.append(NEWS, "n" + i);
        }
        fanout.subscribers.notified(NEWS);
        fanout.subscribers.deliver();
        String reported = gap("/news", before.toString(), "\"" + oldest + "\"", lost);
        for (TestConnection connection : List.of(one, other)) {
            assertEquals(
                    start(before) + reported + block("oldest", oldest, "/news"),
                    String.join("", connection.texts()).split("data: n2\n")[0]);
            assertEquals(KEPT, connection.data().size());
        }
    }

    @Test
    void setsReceiveTheEventsOfMoreChannelsThanTheLogRemembersTheOrderOf() {
        TestConnection one = fanout.join(new ChannelSet(List.of(NEWS, new ChannelName("/1")), List.of()), NOW);
        TestConnection other = fanout.join(new ChannelSet(List.of(NEWS, new ChannelName("/2")), List.of()), NOW);
        fanout.publish(NEWS, "a");
        fanout.append(new ChannelName("/1"), "old");
        for (int i = 0; i < 20_000; i++) {
            fanout.append(ORDER, "not in the sets");
        }
        fanout.publish(NEWS, "b");
        fanout.publish(new ChannelName("/2"), "new");
        assertEquals(List.of("a", "old", "b"), one.data());
        assertEquals(List.of("a", "b", "new"), other.data());
    }

    @Test
    void aSetWithoutSubscribersAsksForNoDelivery() {
        var connection = new TestConnection();
        Subscriber subscriber = fanout.add(SET, NOW, connection).result();
        assertEquals(1, fanout.subscribers.count());
        subscriber.leave();
        assertEquals(0, fanout.subscribers.count());
        for (ChannelName channel : List.of(NEWS, STATE, ORDER)) {
            assertFalse(fanout.subscribers.notified(channel), channel::toString);
        }
    }

    @Test
    void theEndOfAStreamHasItsPosition() {
        var connection = new TestConnection();
        Subscriber subscriber = fanout.add(SET, NOW, connection).result();
        EventId id = fanout.publish(NEWS, "a");
        subscriber.tryEnd(Duration.ofSeconds(3), StreamEndReason.SHUTDOWN);
        assertEquals(
                "retry: 3000\nevent: crier.end\ndata: {}\nid: " + id + "\n\n",
                connection.texts().get(2));
    }
}
