package dev.crier.failures;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.event.EventId;
import dev.crier.failures.Judge.Loss;
import dev.crier.failures.Received.Event;
import dev.crier.failures.Received.Gap;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The judge reports each kind of fault, and no fault in a correct run. */
class JudgeTest extends JudgeFixture {

    @Test
    void eachEventOnceAndInOrderIsNoFault() {
        publish("/a", 1, 3, 4);
        publish("/b", 2);
        subscribe("/a", start(0), event(1), event(3), event(4));
        subscribe("/a", start(0), event(1), start(1), event(3), event(4));
        subscribe("/a", start(3), event(4));
        subscribe("/b", start(0), event(2), start(2));
        assertEquals(List.of(), faults(Loss.NONE));
    }

    @Test
    void aLostEventIsAFault() {
        publish("/a", 1, 2, 3);
        subscribe("/a", start(0), event(1), event(3));
        assertFault(Loss.NONE, "s0 missed 1002-0=n2 without a gap");
        assertFault(Loss.ALLOWED, "s0 missed 1002-0=n2 without a gap");
    }

    @Test
    void aLostLastEventIsAFault() {
        publish("/a", 1, 2);
        subscribe("/a", start(0), event(1));
        assertFault(Loss.NONE, "s0 missed 1002-0=n2 without a gap");
    }

    @Test
    void anEventThatOnlyAnotherSubscriberReceivedIsAFault() {
        publish("/a", 1, 3);
        subscribe("/a", start(0), event(1), event(2), event(3));
        subscribe("/a", start(0), event(1), event(3));
        assertFault(Loss.NONE, "s1 missed 1002-0=n2 without a gap");
    }

    @Test
    void anUnacknowledgedEventAfterTheLastPositionIsNoFault() {
        publish("/a", 1);
        subscribe("/a", start(0), event(1), event(2));
        subscribe("/a", start(0), event(1));
        assertEquals(List.of(), faults(Loss.NONE));
    }

    @Test
    void anEventThatIsReceivedTwiceIsAFault() {
        publish("/a", 1, 2);
        subscribe("/a", start(0), event(1), event(2), new Event(id(3), "n2"));
        var faults = faults(Loss.NONE);
        assertEquals(
                List.of("n2 is 1003-0 for s0, and 1002-0 for another", "s0 received twice: Event[id=1003-0, data=n2]"),
                faults);
        assertFault(Loss.ALLOWED, "s0 received twice: Event[id=1003-0, data=n2]");
    }

    @Test
    void anEventThatIsRepeatedWithItsIdIsAFault() {
        publish("/a", 1, 2);
        subscribe("/a", start(0), event(1), start(1), event(1), event(2));
        assertEquals(
                List.of(
                        "s0 received Event[id=1001-0, data=n1] after 1001-0",
                        "s0 received twice: Event[id=1001-0, data=n1]"),
                faults(Loss.NONE));
    }

    @Test
    void anUnacknowledgedEventMayComeAgainAfterAGap() {
        publish(new Published("/a", "n1", id(3), 1, 100));
        subscribe("/a", start(0), event(1), gap(1, 2), new Event(id(3), "n1"));
        assertEquals(List.of(), faults(Loss.ALLOWED));
    }

    @Test
    void anAcknowledgedEventMayNotComeAgainAfterAGap() {
        publish("/a", 1);
        subscribe("/a", start(0), event(1), gap(1, 2), new Event(id(3), "n1"));
        assertFault(Loss.ALLOWED, "s0 received twice: Event[id=1003-0, data=n1]");
    }

    @Test
    void aWrongOrderIsAFault() {
        publish("/a", 1, 2);
        subscribe("/a", start(0), event(2), event(1));
        assertFault(Loss.NONE, "s0 received Event[id=1001-0, data=n1] after 1002-0");
    }

    @Test
    void aGapIsAFaultUnlessEventsMayBeLost() {
        publish("/a", 1, 2, 3);
        subscribe("/a", start(0), event(1), gap(1, 2), event(3));
        assertFault(Loss.NONE, "s0 got a gap");
        assertEquals(List.of(), faults(Loss.ALLOWED));
        assertEquals(List.of(), faults(Loss.CERTAIN));
    }

    @Test
    void aMissingGapIsAFaultIfEventsAreCertainlyLost() {
        publish("/a", 1, 2);
        subscribe("/a", start(0), event(1), event(2));
        assertEquals(List.of(), faults(Loss.ALLOWED));
        assertFault(Loss.CERTAIN, "s0 got no gap");
    }

    @Test
    void aSubscriberThatCameAfterTheFailureNeedsNoGap() {
        publish("/a", 1, 2);
        subscribeLate("/a", start(1), event(2));
        assertEquals(List.of(), faults(Loss.CERTAIN));
    }

    @Test
    void aGapCoversOnlyItsRange() {
        publish("/a", 1, 2, 3, 4, 5);
        subscribe("/a", start(0), event(1), gap(1, 2), event(4), event(5));
        assertFault(Loss.ALLOWED, "s0 missed 1003-0=n3 without a gap");
    }

    @Test
    void aHoleBeforeAGapIsAFault() {
        publish("/a", 1, 2, 3, 4);
        subscribe("/a", start(0), event(1), gap(2, 3), event(4));
        assertFault(Loss.ALLOWED, "s0 missed 1002-0=n2 without a gap");
    }

    @Test
    void aGapThatGoesBackIsAFault() {
        publish("/a", 1, 2, 3);
        subscribe("/a", start(0), event(1), event(2), gap(1, 2), event(3));
        assertFault(Loss.ALLOWED, "s0 got Gap[asked=1001-0, position=1002-0, oldest=Optional.empty] after 1002-0");
    }

    @Test
    void aGapOverAnEventThatWasSentAfterTheFailureIsAFault() {
        publish("/a", 1, 2, 3);
        subscribe("/a", start(0), event(1), gap(1, 2), event(3));
        assertEquals(List.of(), faults(Loss.ALLOWED, 21));
        assertEquals(List.of("s0 missed 1002-0=n2, which was sent after the failure"), faults(Loss.ALLOWED, 20));
    }

    @Test
    void anEventAfterAGapThatIsNotTheOldestOfTheGapIsAFault() {
        publish("/a", 1, 4);
        subscribe("/a", start(0), event(1), new Gap(id(1), id(2), Optional.of(id(3))), event(4));
        assertFault(Loss.ALLOWED, "s0 received Event[id=1004-0, data=n4] after Gap");
    }

    @Test
    void aStreamThatDoesNotBeginAtTheLastPositionIsAFault() {
        publish("/a", 1);
        subscribe("/a", start(0), event(1), start(2));
        assertFault(Loss.NONE, "s0 resumed after 1001-0, and its stream began at 1002-0");
    }

    @Test
    void aSubscriberWithoutAStartIsAFault() {
        publish("/a", 1);
        subscribe("/a");
        assertFault(Loss.NONE, "s0 has no start: []");
    }

    @Test
    void idsThatDoNotRiseOverAllChannelsAreAFault() {
        publish("/a", 1);
        publish(new Published("/b", "late", new EventId(500, 0), 20, 25));
        assertFault(Loss.NONE, "and has no higher id");
        assertFault(Loss.ALLOWED, "and has no higher id");
    }

    @Test
    void idsOfEventsThatWereSentAtTheSameTimeMayHaveAnyOrder() {
        publish(new Published("/a", "x", id(2), 10, 30));
        publish(new Published("/b", "y", id(1), 20, 25));
        assertEquals(List.of(), faults(Loss.NONE));
    }

    @Test
    void anIdWithTwoEventsIsAFault() {
        subscribe("/a", start(0), event(1));
        subscribe("/a", start(0), new Event(id(1), "other"));
        assertFault(Loss.ALLOWED, "1001-0 is other for s1, and n1 for another");
    }

    @Test
    void anIdInTwoChannelsIsAFault() {
        subscribe("/a", start(0), event(1));
        subscribe("/b", start(0), event(1));
        assertFault(Loss.ALLOWED, "1001-0 is in /b and in /a");
    }

    @Test
    void anotherIdForThePublisherThanForASubscriberIsAFault() {
        publish(new Published("/a", "n1", id(2), 1, 2));
        subscribe("/a", start(0), event(1), new Event(id(2), "n2"));
        assertTrue(faults(Loss.NONE).contains("n1 is 1001-0 for s0, and 1002-0 for another"));
        assertTrue(faults(Loss.ALLOWED).contains("1002-0 is n2 for s0, and n1 for another"));
    }

    /** @param connections the events of each connection, separated by spaces */
    private static List<String> latestFaults(Loss loss, String... connections) {
        var values = Stream.of(connections)
                .map(connection -> connection.isEmpty() ? List.<String>of() : List.of(connection.split(" ")))
                .toList();
        return Judge.latestFaults(loss, "s", values, List.of("n1", "n2", "n3"));
    }

    @Test
    void aSubscriberOfTheLatestEventMaySkipAndReceiveItAgainOnAnotherConnection() {
        assertEquals(List.of(), latestFaults(Loss.NONE, "n1", "n1 n3", "n3"));
        assertEquals(List.of(), latestFaults(Loss.NONE, "n2", "n1 n3", ""));
    }

    @Test
    void anOlderLatestEventIsAFaultUnlessEventsMayBeLost() {
        assertEquals(List.of("s received n1 after n2"), latestFaults(Loss.NONE, "n2 n1 n3"));
        assertEquals(List.of(), latestFaults(Loss.ALLOWED, "n2 n1 n3"));
    }

    @Test
    void aLatestEventThatComesTwiceIsAFault() {
        assertEquals(List.of("s received n3 after n3"), latestFaults(Loss.NONE, "n3 n3"));
    }

    @Test
    void aLatestEventThatIsNotTheLastIsAFault() {
        assertEquals(List.of("s received n2 last, not n3"), latestFaults(Loss.ALLOWED, "n1 n2"));
        assertEquals(List.of("s received nothing last, not n3"), latestFaults(Loss.ALLOWED, ""));
    }

    @Test
    void aLatestEventThatWasNeverAcknowledgedIsAFault() {
        assertEquals(List.of("s received n4, which is not acknowledged"), latestFaults(Loss.NONE, "n4", "n3"));
    }
}
