package dev.crier.failures;

import dev.crier.event.EventId;
import dev.crier.failures.Received.Event;
import dev.crier.failures.Received.Gap;
import dev.crier.failures.Received.Start;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Decides whether Crier kept its guarantees to publishers and subscribers: each acknowledged event once and in order, the same
 * log at every node, ids that rise over all channels, and a gap exactly where events are missing.
 *
 * <p>A run ends when every subscriber has the last acknowledged event of its channel. So everything that should have arrived
 * has arrived, and an event that is missing then is a fault. If Redis may lose events, the same event can have two ids and a
 * gap is allowed, so some checks depend on {@link Loss}.
 */
final class Judge {

    /** Whether Redis may lose what it has acknowledged. */
    enum Loss {
        /** A gap is a fault. */
        NONE,
        ALLOWED,
        /** Every subscriber that subscribed before the failure must get a gap. */
        CERTAIN
    }

    private final Loss loss;
    private final long healed;
    private final List<Published> published;
    private final List<Subscription> subscriptions;
    private final List<SetSubscription> sets;
    private final List<String> faults = new ArrayList<>();

    /** The events of each channel that were acknowledged or received, in id order. */
    private final Map<String, NavigableMap<EventId, String>> log = new HashMap<>();

    private Judge(
            Loss loss,
            long healed,
            List<Published> published,
            List<Subscription> subscriptions,
            List<SetSubscription> sets) {
        this.loss = loss;
        this.healed = healed;
        this.published = published;
        this.sets = sets;
        this.subscriptions = Stream.concat(subscriptions.stream(), sets.stream().flatMap(set -> set.parts().stream()))
                .toList();
    }

    /**
     * Returns the faults, one sentence each.
     *
     * @param healed the {@link System#nanoTime} from which on nothing that is sent may be lost
     * @param subscriptions those of one channel that keeps events
     * @param sets those of several channels
     */
    static List<String> faults(
            Loss loss,
            long healed,
            List<Published> published,
            List<Subscription> subscriptions,
            List<SetSubscription> sets) {
        var judge = new Judge(loss, healed, published, subscriptions, sets);
        judge.collectLog();
        judge.checkIdsRise();
        for (Subscription subscription : judge.subscriptions) {
            judge.checkOrder(subscription);
            judge.checkDoubles(subscription);
            judge.checkMissing(subscription);
        }
        for (SetSubscription set : sets) {
            var latest = Published.data(set.target().latest(), published.stream());
            judge.faults.addAll(SetJudge.faults(loss, set, latest));
        }
        return judge.faults;
    }

    /**
     * Returns the faults of a subscriber to a channel that keeps the latest event. On one connection, it may skip events, but
     * receives no event twice and none after a newer one. A new connection may begin with an older event, because the node may
     * be cut off from the log.
     *
     * @param connections the events that the subscriber received on each connection
     * @param published the events of the channel in order
     */
    static List<String> latestFaults(
            Loss loss, String subscriber, List<List<String>> connections, List<String> published) {
        var faults = new ArrayList<String>();
        String last = "nothing";
        for (List<String> values : connections) {
            int newest = -1;
            for (String value : values) {
                int index = published.indexOf(value);
                if (index < 0) {
                    faults.add(subscriber + " received " + value + ", which is not acknowledged");
                } else if (index <= newest && loss == Loss.NONE) {
                    faults.add(subscriber + " received " + value + " after " + published.get(newest));
                }
                newest = index;
                last = value;
            }
        }
        String newest = published.isEmpty() ? "nothing" : published.get(published.size() - 1);
        if (!last.equals(newest)) {
            faults.add(subscriber + " received " + last + " last, not " + newest);
        }
        return faults;
    }

    /** Finds ids with more than one event, and, unless events may be lost, events with more than one id. */
    private void collectLog() {
        var channels = new HashMap<EventId, String>();
        var ids = new HashMap<String, EventId>();
        for (Published event : published) {
            collect(event.channel(), event.id(), event.data(), "the publisher", channels, ids);
        }
        var latest = sets.stream().map(SetSubscription::latest);
        for (Subscription subscription :
                Stream.concat(subscriptions.stream(), latest).toList()) {
            for (Received block : subscription.blocks()) {
                if (block instanceof Event event) {
                    collect(subscription.channel(), event.id(), event.data(), subscription.subscriber(), channels, ids);
                }
            }
        }
    }

    private void collect(
            String channel,
            EventId id,
            String data,
            String by,
            Map<EventId, String> channels,
            Map<String, EventId> ids) {
        String other = log.computeIfAbsent(channel, name -> new TreeMap<>()).putIfAbsent(id, data);
        if (other != null && !other.equals(data)) {
            faults.add(id + " is " + data + " for " + by + ", and " + other + " for another");
        }
        String otherChannel = channels.putIfAbsent(id, channel);
        if (otherChannel != null && !otherChannel.equals(channel)) {
            faults.add(id + " is in " + channel + " and in " + otherChannel);
        }
        EventId otherId = ids.putIfAbsent(data, id);
        if (loss == Loss.NONE && otherId != null && !otherId.equals(id)) {
            faults.add(data + " is " + id + " for " + by + ", and " + otherId + " for another");
        }
    }

    /**
     * Checks that an event that was sent after the acknowledgement of another one has a higher id, in any channel. Two
     * primaries may be in use at once, so events of different epochs are not compared if events may be lost.
     */
    private void checkIdsRise() {
        var bySent = new ArrayList<>(published);
        bySent.sort(Comparator.comparingLong(Published::sent));
        var byAcknowledged = new ArrayList<>(published);
        byAcknowledged.sort(Comparator.comparingLong(Published::acknowledged));
        var highestOfEpoch = new HashMap<Long, Published>();
        int next = 0;
        for (Published event : bySent) {
            for (; byAcknowledged.get(next).acknowledged() < event.sent(); next++) {
                Published earlier = byAcknowledged.get(next);
                highestOfEpoch.merge(
                        epoch(earlier), earlier, (one, other) -> one.id().isBefore(other.id()) ? other : one);
            }
            Published highest = highestOfEpoch.get(epoch(event));
            if (highest != null && !highest.id().isBefore(event.id())) {
                faults.add(event + " was sent after " + highest + " and has no higher id");
            }
        }
    }

    private long epoch(Published event) {
        return loss == Loss.ALLOWED ? Received.epochNumber(event.id()) : 0;
    }

    private void checkOrder(Subscription subscription) {
        String who = subscription.subscriber();
        EventId position = null;
        Gap gap = null;
        for (Received block : subscription.blocks()) {
            if (block instanceof Start start) {
                if (position != null && !position.equals(start.position())) {
                    faults.add(who + " resumed after " + position + ", and its stream began at " + start.position());
                }
                position = start.position();
            } else if (block instanceof Event event) {
                if (position == null || !position.isBefore(event.id())) {
                    faults.add(who + " received " + event + " after " + position);
                }
                if (gap != null
                        && gap.oldest().isPresent()
                        && !gap.oldest().get().equals(event.id())) {
                    faults.add(who + " received " + event + " after " + gap);
                }
                position = event.id();
                gap = null;
            } else if (block instanceof Gap found) {
                if (loss == Loss.NONE) {
                    faults.add(who + " got a gap: " + found);
                }
                if (position == null
                        || found.asked().isBefore(position)
                        || found.position().isBefore(found.asked()) && !found.leavesAnEpoch()) {
                    faults.add(who + " got " + found + " after " + position);
                }
                position = found.position();
                gap = found;
            }
        }
        if (loss == Loss.CERTAIN
                && subscription.throughout()
                && subscription.blocks().stream().noneMatch(Gap.class::isInstance)) {
            faults.add(who + " got no gap");
        }
    }

    /**
     * Checks that no event comes twice. The exception is an event that was lost before it was acknowledged: its publisher
     * repeats it, and the subscriber gets a gap in between.
     */
    private void checkDoubles(Subscription subscription) {
        var acknowledged = new HashMap<String, EventId>();
        published.forEach(event -> acknowledged.put(event.data(), event.id()));
        var before = new HashSet<String>();
        var sinceGap = new HashSet<String>();
        for (Received block : subscription.blocks()) {
            if (block instanceof Gap && loss != Loss.NONE) {
                before.addAll(sinceGap);
                sinceGap.clear();
            } else if (block instanceof Event event) {
                boolean repeated = before.contains(event.data())
                        && !event.id().equals(acknowledged.getOrDefault(event.data(), event.id()));
                if (repeated || !sinceGap.add(event.data())) {
                    faults.add(subscription.subscriber() + " received twice: " + event);
                }
            }
        }
    }

    /**
     * Checks that the subscriber received every event after its first position that was acknowledged, and every event before
     * its last position that any subscriber received. A gap may cover lost events, but none that was sent after the failure.
     */
    private void checkMissing(Subscription subscription) {
        if (!(subscription.blocks().stream().findFirst().orElse(null) instanceof Start start)) {
            faults.add(subscription.subscriber() + " has no start: " + subscription.blocks());
            return;
        }
        Set<EventId> received = new HashSet<>();
        EventId last = start.position();
        for (Received block : subscription.blocks()) {
            if (block instanceof Event event) {
                received.add(event.id());
                last = event.id();
            } else if (block instanceof Gap gap) {
                last = gap.position();
            }
        }
        var acknowledged = new HashMap<EventId, Published>();
        published.forEach(event -> acknowledged.put(event.id(), event));
        for (var event : log.getOrDefault(subscription.channel(), new TreeMap<>())
                .tailMap(start.position(), false)
                .entrySet()) {
            EventId id = event.getKey();
            Published acknowledgement = acknowledged.get(id);
            boolean expected = acknowledgement != null || !last.isBefore(id);
            if (!expected || received.contains(id)) {
                continue;
            }
            if (!subscription.wasTold(id)) {
                faults.add(subscription.subscriber() + " missed " + event + " without a gap");
            } else if (acknowledgement != null && acknowledgement.sent() >= healed) {
                faults.add(subscription.subscriber() + " missed " + event + ", which was sent after the failure");
            }
        }
    }
}
