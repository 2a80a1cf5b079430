package dev.crier.log.redis;

import dev.crier.event.EventId;
import java.util.List;
import java.util.stream.Collectors;

/**
 * All breaks of the log, oldest first. There is at least one, because a log begins with a break.
 *
 * <p>Each break begins an epoch with a number of its own, and the number is a part of every id that is given in the epoch. Each
 * run of Redis begins an epoch. So if two primaries are in use at once, they never give the same id, and an id shows which of
 * them gave it.
 */
record Breaks(List<Break> all) {

    Breaks {
        all = List.copyOf(all);
    }

    /** Returns the position at and before which the log has no entries. */
    EventId begin() {
        Break first = all.get(0);
        return first.after().equals(EventId.FIRST) ? first.through() : EventId.FIRST;
    }

    Break last() {
        return all.get(all.size() - 1);
    }

    /** Returns the position after which entries were lost last. */
    EventId lastLoss() {
        return all.stream()
                .filter(found -> !found.lossless())
                .reduce(all.get(0), (earlier, later) -> later)
                .after();
    }

    /** Returns whether the log may have lost entries since a node knew these breaks. */
    boolean hasLossSince(Breaks known) {
        var epochs = known.all().stream().map(Break::through).collect(Collectors.toSet());
        for (int i = all.size() - 1; i >= 0 && !epochs.contains(all.get(i).through()); i--) {
            if (!all.get(i).lossless()) {
                return true;
            }
        }
        return false;
    }

    /** Returns the positions of the breaks that a node has passed, as the join script takes them. */
    String passed(EventId shown) {
        return all.stream()
                .filter(found -> !shown.isBefore(found.through()))
                .map(found -> found.after() + " " + found.through())
                .collect(Collectors.joining(" "));
    }

    /** Returns the position of the last entry, if the position is one at which an epoch has begun without a loss. */
    EventId lastEntry(EventId position) {
        EventId last = position;
        for (int i = all.size() - 1; i >= 0; i--) {
            if (all.get(i).lossless() && all.get(i).through().equals(last)) {
                last = all.get(i).after();
            }
        }
        return last;
    }

    /** Returns whether the log may have lost the entry with this id. */
    boolean hasLost(EventId id) {
        return all.stream().anyMatch(found -> found.isBetween(id));
    }

    /** Returns the end of the break that contains the position, or else the position itself. */
    EventId end(EventId position) {
        return all.stream()
                .filter(found -> found.contains(position))
                .map(Break::through)
                .findFirst()
                .orElse(position);
    }

    /** Returns the beginning of the first loss between the two positions, or else the second one. */
    EventId next(EventId after, EventId through) {
        return all.stream()
                .filter(found -> !found.lossless())
                .map(Break::after)
                .filter(position -> after.isBefore(position) && position.isBefore(through))
                .findFirst()
                .orElse(through);
    }

    /**
     * Returns where a subscriber goes on after an id: there, unless the id was given by a primary that the log had left. Then the
     * subscriber has received that primary's entries instead of those of the log, and goes on at the end of the break between
     * the two. An id of a primary that the log does not know yet leads to the last break.
     */
    EventId resumption(EventId id) {
        Break before = null;
        for (Break found : all) {
            if (!id.isBefore(found.through())) {
                before = found;
            }
        }
        long number = Break.epochNumber(id);
        if (id.isInstant() || before == null || before.begins(number)) {
            return afterOtherPrimary(id);
        }
        return all.stream()
                .filter(found -> number < Break.epochNumber(found.through()))
                .findFirst()
                .orElse(last())
                .through();
    }

    /** Returns the end of the lossless break between whose positions another primary has given the id, or else the id itself. */
    private EventId afterOtherPrimary(EventId id) {
        return all.stream()
                .filter(found -> found.lossless() && found.contains(id))
                .map(Break::through)
                .findFirst()
                .orElse(id);
    }
}
