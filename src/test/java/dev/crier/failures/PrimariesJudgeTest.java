package dev.crier.failures;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.event.EventId;
import dev.crier.failures.Judge.Loss;
import dev.crier.failures.Received.Event;
import dev.crier.failures.Received.Gap;
import dev.crier.failures.Received.Named;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The judge knows what a subscriber receives if two primaries are in use at once. */
class PrimariesJudgeTest extends JudgeFixture {

    /** An id of a second primary, which was in use at the same time. */
    private static EventId other(int number) {
        return new EventId(1_000 + number, 1_000_000);
    }

    /** Acknowledges events of both primaries, and the break with number 6 at which the first one is left. */
    private void publishToBoth() {
        publish("/a", 1, 3, 5);
        for (int number : List.of(2, 4, 7)) {
            publish(new Published("/a", "n" + number, other(number), 10L * number, 10L * number + 5));
        }
    }

    private static Event otherEvent(int number) {
        return new Event(other(number), "n" + number);
    }

    @Test
    void aSubscriberOfTheLeftPrimaryIsToldByTheGapAfterIt() {
        publishToBoth();
        subscribe("/a", start(1), event(3), event(5), new Gap(id(5), other(6), Optional.of(other(7))), otherEvent(7));
        assertEquals(List.of(), faults(Loss.ALLOWED));
    }

    @Test
    void aSubscriberThatMovesToTheOtherPrimaryGoesBackToTheBreak() {
        publishToBoth();
        subscribe(
                "/a",
                start(1),
                event(3),
                event(5),
                new Gap(id(5), other(1), Optional.of(other(2))),
                otherEvent(2),
                otherEvent(4),
                otherEvent(7));
        assertEquals(List.of(), faults(Loss.ALLOWED));
    }

    @Test
    void aSubscriberThatMovesToTheOtherPrimaryWithoutAGapIsAFault() {
        publishToBoth();
        subscribe("/a", start(1), event(3), otherEvent(4), otherEvent(7));
        assertEquals(
                List.of("s0 missed 1002-1000000=n2 without a gap", "s0 missed 1005-0=n5 without a gap"),
                faults(Loss.ALLOWED));
    }

    @Test
    void aLostEventOfTheSamePrimaryIsAFaultAlthoughAGapFollows() {
        publishToBoth();
        subscribe("/a", start(1), event(5), new Gap(id(5), other(6), Optional.of(other(7))), otherEvent(7));
        assertFault(Loss.ALLOWED, "s0 missed 1003-0=n3 without a gap");
    }

    private static final Target.Several BOTH = new Target.Several(List.of("/a", "/b"), "/latest/1", false);

    private static Named a(Received block) {
        return new Named("/a", block);
    }

    private static Named b(Received block) {
        return new Named("/b", block);
    }

    @Test
    void aSubscriberOfSeveralChannelsThatMovesGoesBackToTheBreak() {
        publishToBoth();
        subscribe(
                BOTH,
                start(1),
                a(event(3)),
                a(event(5)),
                a(new Gap(id(5), other(1), Optional.empty())),
                b(new Gap(id(5), other(1), Optional.empty())),
                a(otherEvent(2)),
                a(otherEvent(4)),
                a(otherEvent(7)));
        assertEquals(List.of(), faults(Loss.ALLOWED));
    }

    @Test
    void aSubscriberOfSeveralChannelsThatMovesWithoutAGapOfTheChannelIsAFault() {
        publishToBoth();
        subscribe(
                BOTH,
                start(1),
                a(event(3)),
                b(new Gap(id(3), other(1), Optional.empty())),
                a(otherEvent(2)),
                a(otherEvent(4)),
                a(otherEvent(7)));
        var faults = faults(Loss.ALLOWED);
        assertTrue(faults.contains("s0 for /a missed 1005-0=n5 without a gap"), faults::toString);
    }
}
