package dev.crier.failures;

import dev.crier.event.EventId;
import dev.crier.failures.Judge.Loss;
import dev.crier.failures.Received.Event;
import dev.crier.failures.Received.Gap;
import dev.crier.failures.Received.Named;
import dev.crier.failures.Received.Start;
import java.util.ArrayList;
import java.util.List;

/**
 * Decides whether the stream of several channels kept its guarantees over all of them: one order, and one position by which
 * the subscriber resumes all channels. {@link Judge} checks the part of each channel like a stream of this channel alone.
 */
final class SetJudge {

    private final Loss loss;
    private final SetSubscription subscription;
    private final List<String> faults = new ArrayList<>();

    private SetJudge(Loss loss, SetSubscription subscription) {
        this.loss = loss;
        this.subscription = subscription;
    }

    /**
     * Returns the faults, one sentence each.
     *
     * @param latest the events of the latest channel in order
     */
    static List<String> faults(Loss loss, SetSubscription subscription, List<String> latest) {
        var judge = new SetJudge(loss, subscription);
        judge.checkOrder();
        judge.checkLatest(latest);
        return judge.faults;
    }

    /**
     * Checks that each block comes after the one before. Several channels may have lost events up to the same position. A
     * subscriber that moves to another primary may go back to the break between the two.
     */
    private void checkOrder() {
        String who = subscription.subscriber();
        EventId position = EventId.FIRST;
        boolean started = false;
        for (Received block : subscription.blocks()) {
            if (block instanceof Start start) {
                if (started
                        ? !start.position().equals(position)
                        : start.position().isBefore(position)) {
                    faults.add(who + " resumed after " + position + ", and its stream began at " + start.position());
                }
                position = start.position();
                started = true;
            } else if (block instanceof Named named && !subscription.target().has(named.channel())) {
                faults.add(who + " received " + named + ", and does not follow this channel");
            } else if (block instanceof Named named && named.block() instanceof Event event) {
                if (!position.isBefore(event.id())) {
                    faults.add(who + " received " + named + " after " + position);
                }
                if (!started && !subscription.target().isLatest(named.channel())) {
                    faults.add(who + " received " + named + " before the start");
                }
                position = event.id();
            } else if (block instanceof Named named && named.block() instanceof Gap gap) {
                if (gap.position().isBefore(position) && !gap.leavesAnEpoch()) {
                    faults.add(who + " got " + named + " after " + position);
                }
                if (subscription.target().isLatest(named.channel())) {
                    faults.add(who + " got " + named + " although the channel keeps the latest event");
                }
                position = gap.position();
                started = true;
            } else {
                faults.add(who + " received " + block + " without a channel");
            }
        }
    }

    /** The subscriber resumes by one id, so all its connections together are like one of a latest channel alone. */
    private void checkLatest(List<String> published) {
        faults.addAll(Judge.latestFaults(
                loss, subscription.latest().subscriber(), List.of(subscription.latestValues()), published));
    }
}
