package dev.crier.failures;

import dev.crier.event.EventId;
import dev.crier.failures.Received.Event;
import dev.crier.failures.Received.Gap;
import dev.crier.failures.Received.Start;
import java.util.List;

/**
 * Everything that a subscriber of a channel received, in order, over all its connections.
 *
 * @param throughout whether it subscribed before the failure, not after it
 */
record Subscription(String subscriber, String channel, boolean throughout, List<Received> blocks) {

    /**
     * Returns whether a gap told the subscriber that it may have missed the event. The gap covers the event. Or the subscriber
     * received another primary's events instead, and a gap follows these.
     */
    boolean wasTold(EventId missed) {
        boolean told = false;
        boolean waits = false;
        EventId position = missed;
        for (Received block : blocks) {
            EventId reached = reached(block);
            if (position.isBefore(missed) && !reached.isBefore(missed)) {
                if (Received.epochNumber(reached) == Received.epochNumber(missed)) {
                    return false;
                }
                waits = true;
            }
            position = reached;
            if (block instanceof Gap gap) {
                told |= waits || gap.covers(missed);
                waits = false;
                position = gap.position();
            }
        }
        return told && !waits;
    }

    private static EventId reached(Received block) {
        if (block instanceof Event event) {
            return event.id();
        }
        return block instanceof Gap gap ? gap.asked() : ((Start) block).position();
    }
}
