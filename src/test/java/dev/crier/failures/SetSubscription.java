package dev.crier.failures;

import dev.crier.event.EventId;
import dev.crier.failures.Received.Event;
import dev.crier.failures.Received.Gap;
import dev.crier.failures.Received.Named;
import dev.crier.failures.Received.Start;
import java.util.ArrayList;
import java.util.List;

/**
 * Everything that a subscriber of several channels received, in order, over all its connections.
 *
 * @param throughout whether it subscribed before the failure, not after it
 */
record SetSubscription(String subscriber, Target.Several target, boolean throughout, List<Received> blocks) {

    /** Returns the parts of the stream that concern a channel of the run that keeps events, one for each. */
    List<Subscription> parts() {
        return target.channels().stream().map(this::part).toList();
    }

    /** Returns the part of the stream that concerns the latest channel of the run. */
    Subscription latest() {
        return part(target.latest());
    }

    /** Returns the events of the latest channel of the run. */
    List<String> latestValues() {
        return latest().blocks().stream()
                .filter(Event.class::isInstance)
                .map(block -> ((Event) block).data())
                .toList();
    }

    private Subscription part(String channel) {
        var part = new ArrayList<Received>();
        for (int i = 0; i < blocks.size(); i++) {
            if (blocks.get(i) instanceof Start start && part.isEmpty()) {
                part.add(start);
            } else if (blocks.get(i) instanceof Named named && concerns(named.channel(), channel)) {
                add(
                        part,
                        named.block() instanceof Gap gap ? new Gap(gap.asked(), end(i), gap.oldest()) : named.block());
            }
        }
        return new Subscription(subscriber + " for " + channel, channel, throughout, part);
    }

    /** Returns the position after the gap at the index. Of several gaps with the same end, only the last has that position. */
    private EventId end(int index) {
        var gap = (Gap) ((Named) blocks.get(index)).block();
        return index + 1 < blocks.size()
                        && blocks.get(index + 1) instanceof Named named
                        && named.block() instanceof Gap next
                        && next.asked().equals(gap.asked())
                ? end(index + 1)
                : gap.position();
    }

    private boolean concerns(String name, String channel) {
        return name.equals(channel) || target.families() && name.equals(Target.Several.family(channel));
    }

    /** Adds a block. The same gap may come for the channel and for its family. */
    private static void add(List<Received> part, Received block) {
        int last = part.size() - 1;
        if (last >= 0 && block instanceof Gap gap && part.get(last) instanceof Gap other && gap.isSameRange(other)) {
            part.set(last, gap.oldest().isPresent() ? gap : other);
        } else {
            part.add(block);
        }
    }
}
