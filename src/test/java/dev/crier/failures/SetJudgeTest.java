package dev.crier.failures;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.failures.Judge.Loss;
import dev.crier.failures.Received.Event;
import dev.crier.failures.Received.Gap;
import dev.crier.failures.Received.Named;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The judge reports each kind of fault in a stream of several channels, and no fault in a correct one. */
class SetJudgeTest extends JudgeFixture {

    private static final String A = "/a/1";
    private static final String B = "/b/1";
    private static final String LATEST = "/latest/1";
    private static final Target.Several NAMES = new Target.Several(List.of(A, B), LATEST, false);
    private static final Target.Several FAMILIES = new Target.Several(List.of(A, B), LATEST, true);

    private static Named a(int number) {
        return new Named(A, event(number));
    }

    private static Named b(int number) {
        return new Named(B, event(number));
    }

    private static Named latest(int number) {
        return new Named(LATEST, event(number));
    }

    private static Named gap(String channel, int asked, int position) {
        return new Named(channel, gap(asked, position));
    }

    @Test
    void eachEventOfAllChannelsOnceAndInOneOrderIsNoFault() {
        publish(A, 1, 4);
        publish(B, 2, 6);
        publish(LATEST, 3, 5);
        for (Target.Several target : List.of(NAMES, FAMILIES)) {
            subscribe(target, start(0), a(1), b(2), latest(3), a(4), latest(5), b(6));
            subscribe(target, start(0), a(1), start(1), b(2), start(2), a(4), latest(5), start(5), b(6));
            subscribe(target, latest(3), start(3), a(4), latest(5), b(6));
            subscribe(target, latest(5), start(6));
        }
        assertEquals(List.of(), faults(Loss.NONE));
    }

    @Test
    void aRequestNamesTheChannelsOrTheirFamilies() {
        assertEquals("/events?channel=/a/1&channel=/b/1&channel=/latest/1", NAMES.request());
        assertEquals("/events?channel=/a/:run&channel=/b/:run&channel=/latest/:run", FAMILIES.request());
    }

    @Test
    void anEventOfAnyChannelThatIsLostIsAFault() {
        publish(A, 1, 3);
        publish(B, 2, 4);
        subscribe(NAMES, start(0), a(1), a(3), b(4));
        assertFault(Loss.NONE, "s0 for /b/1 missed 1002-0=n2 without a gap");
        assertFault(Loss.ALLOWED, "s0 for /b/1 missed 1002-0=n2 without a gap");
    }

    @Test
    void anEventThatIsLostBetweenTwoConnectionsIsAFault() {
        publish(A, 1, 3);
        publish(B, 2);
        subscribe(NAMES, start(0), a(1), start(1), a(3), start(3));
        assertFault(Loss.NONE, "s0 for /b/1 missed 1002-0=n2 without a gap");
    }

    @Test
    void anEventOfOneChannelThatPassesAnUnreadOneOfAnotherIsAFault() {
        publish(A, 2);
        publish(B, 1);
        subscribe(NAMES, start(0), a(2), b(1));
        assertFault(Loss.NONE, "s0 received Named[channel=/b/1, block=Event[id=1001-0, data=n1]] after 1002-0");
    }

    @Test
    void anEventThatComesAgainOnAnotherConnectionIsAFault() {
        publish(A, 1);
        publish(B, 2);
        subscribe(NAMES, start(0), a(1), b(2), start(2), b(2));
        assertEquals(
                List.of(
                        "s0 for /b/1 received Event[id=1002-0, data=n2] after 1002-0",
                        "s0 for /b/1 received twice: Event[id=1002-0, data=n2]",
                        "s0 received Named[channel=/b/1, block=Event[id=1002-0, data=n2]] after 1002-0"),
                faults(Loss.NONE));
    }

    @Test
    void aStreamThatDoesNotBeginAtThePositionOfAllChannelsIsAFault() {
        publish(A, 1);
        publish(B, 2);
        subscribe(NAMES, start(0), a(1), start(0), b(2));
        assertFault(Loss.NONE, "s0 resumed after 1001-0, and its stream began at 1000-0");
    }

    @Test
    void aStartThatPassesAnEventIsAFault() {
        publish(A, 1);
        publish(B, 2);
        subscribe(NAMES, start(0), a(1), start(2), b(2));
        assertEquals(
                List.of(
                        "s0 resumed after 1001-0, and its stream began at 1002-0",
                        "s0 received Named[channel=/b/1, block=Event[id=1002-0, data=n2]] after 1002-0"),
                faults(Loss.NONE));
    }

    @Test
    void aGapThatNamesTheChannelCoversItsEvents() {
        publish(A, 1, 3, 7);
        publish(B, 2, 4, 6);
        subscribe(NAMES, start(0), a(1), b(2), b(4), gap(A, 2, 5), b(6), a(7));
        subscribe(FAMILIES, start(0), a(1), b(2), b(4), gap("/a/:run", 2, 5), gap(A, 2, 5), b(6), a(7));
        assertEquals(List.of(), faults(Loss.ALLOWED));
        assertEquals(
                2,
                faults(Loss.NONE).stream()
                        .filter(fault -> fault.contains(" for /a/1 got a gap"))
                        .count());
    }

    @Test
    void gapsWithTheSameEndHaveItInTheLastId() {
        publish(A, 1, 3, 7);
        publish(B, 2, 4, 6);
        subscribe(NAMES, start(0), a(1), b(2), gap(A, 2, 2), gap(B, 2, 5), b(6), a(7));
        subscribe(NAMES, start(0), a(1), b(2), gap(A, 2, 2), start(2), gap(A, 2, 2), gap(B, 2, 5), b(6), a(7));
        assertEquals(List.of(), faults(Loss.ALLOWED));
    }

    @Test
    void aGapWhoseEndPassesTheGapOfAnotherChannelIsAFault() {
        publish(A, 1, 3, 7);
        publish(B, 2, 4, 6);
        subscribe(NAMES, start(0), a(1), b(2), gap(A, 2, 5), start(5), b(6), a(7));
        assertFault(Loss.ALLOWED, "s0 for /b/1 missed 1004-0=n4 without a gap");
    }

    @Test
    void aGapThatNamesAnotherChannelDoesNotCoverTheEvent() {
        publish(A, 1, 3, 7);
        publish(B, 2);
        subscribe(NAMES, start(0), a(1), b(2), gap(B, 2, 5), a(7));
        subscribe(FAMILIES, start(0), a(1), b(2), gap("/b/:run", 2, 5), a(7));
        assertEquals(
                List.of("s0 for /a/1 missed 1003-0=n3 without a gap", "s1 for /a/1 missed 1003-0=n3 without a gap"),
                faults(Loss.ALLOWED));
    }

    @Test
    void aGapOverAnEventThatCameIsAFault() {
        publish(A, 1, 3, 7);
        subscribe(NAMES, start(0), a(1), a(3), gap(A, 1, 5), a(7));
        assertFault(Loss.ALLOWED, "s0 for /a/1 got Gap[asked=1001-0, position=1005-0, oldest=Optional.empty] after");
    }

    @Test
    void aGapBeforeThePositionOfTheStreamIsAFault() {
        publish(A, 1, 3);
        publish(B, 4);
        subscribe(NAMES, start(0), a(1), b(4), gap(A, 1, 3));
        assertFault(Loss.ALLOWED, "s0 got Named[channel=/a/1, block=Gap[asked=1001-0, position=1003-0");
    }

    @Test
    void aChannelWithoutAGapIsAFaultIfEventsOfAllAreCertainlyLost() {
        publish(A, 1);
        publish(B, 2);
        subscribe(NAMES, start(0), a(1), b(2), gap(A, 2, 3));
        assertFault(Loss.CERTAIN, "s0 for /b/1 got no gap");
    }

    @Test
    void anEventAfterAGapThatIsNotTheOldestOfItsChannelIsAFault() {
        publish(A, 1, 6);
        publish(B, 5);
        subscribe(NAMES, start(0), a(1), new Named(A, new Gap(id(1), id(2), Optional.of(id(4)))), b(5), a(6));
        assertFault(Loss.ALLOWED, "s0 for /a/1 received Event[id=1006-0, data=n6] after Gap");
    }

    @Test
    void aGapInALatestChannelIsAFault() {
        publish(LATEST, 2);
        subscribe(NAMES, start(0), gap(LATEST, 0, 1), latest(2));
        assertFault(Loss.ALLOWED, "although the channel keeps the latest event");
    }

    @Test
    void anOlderLatestEventAfterANewerOneIsAFaultEvenOnAnotherConnection() {
        publish(LATEST, 1, 2, 3);
        subscribe(NAMES, start(0), latest(2), start(2), new Named(LATEST, new Event(id(4), "n1")), latest(3));
        var faults = faults(Loss.NONE);
        assertTrue(faults.contains("s0 for /latest/1 received n1 after n2"), faults::toString);
    }

    @Test
    void aLatestEventThatIsNotTheLastIsAFault() {
        publish(LATEST, 1, 2);
        subscribe(NAMES, start(0), latest(1));
        assertFault(Loss.ALLOWED, "s0 for /latest/1 received n1 last, not n2");
    }

    @Test
    void aLatestEventWithAnotherIdThanForThePublisherIsAFault() {
        publish(LATEST, 1);
        subscribe(NAMES, start(0), new Named(LATEST, new Event(id(2), "n1")));
        assertFault(Loss.NONE, "n1 is 1002-0 for s0 for /latest/1, and 1001-0 for another");
    }

    @Test
    void anEventThatIsNotTheLatestBeforeTheStartIsAFault() {
        publish(A, 1);
        subscribe(NAMES, a(1), start(1));
        assertEquals(
                List.of(
                        "s0 for /a/1 received Event[id=1001-0, data=n1] after null",
                        "s0 for /a/1 has no start: [Event[id=1001-0, data=n1]]",
                        "s0 received Named[channel=/a/1, block=Event[id=1001-0, data=n1]] before the start"),
                faults(Loss.NONE));
    }

    @Test
    void anEventOfAnotherChannelIsAFaultUnlessTheStreamHasItsFamily() {
        publish(A, 1);
        publish("/a/2", 2);
        publish("/c/1", 3);
        subscribe(FAMILIES, start(0), a(1), new Named("/a/2", event(2)));
        assertEquals(List.of(), faults(Loss.NONE));
        subscribe(NAMES, start(0), a(1), new Named("/a/2", event(2)));
        assertFault(Loss.NONE, "s1 received Named[channel=/a/2, block=Event[id=1002-0, data=n2]], and does not follow");
        subscribe(FAMILIES, start(0), a(1), new Named("/c/1", event(3)));
        assertEquals(2, faults(Loss.NONE).size());
    }

    @Test
    void anEventWithoutAChannelIsAFault() {
        publish(A, 1);
        subscribe(NAMES, start(0), event(1));
        assertEquals(
                List.of(
                        "s0 for /a/1 missed 1001-0=n1 without a gap",
                        "s0 received Event[id=1001-0, data=n1] without a channel"),
                faults(Loss.NONE));
    }
}
