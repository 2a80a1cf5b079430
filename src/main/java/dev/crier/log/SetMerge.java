package dev.crier.log;

import dev.crier.event.ChannelName;
import dev.crier.event.EventId;
import dev.crier.log.SetRead.Found;
import dev.crier.log.SetRead.Item;
import dev.crier.log.SetRead.Lost;
import dev.crier.log.store.ReadResult;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Merges the reads of several channels. A read that stops early limits the result to the position where it stopped, because
 * the channel may have more entries after that. The caller reads what is left out again.
 */
final class SetMerge {

    /** About how many bytes a gap adds to a stream. */
    private static final int GAP_BYTES = 400;

    private final EventId through;
    private final List<Item> items = new ArrayList<>();
    private EventId limit;

    /** @param through the position up to which the channels are read */
    SetMerge(EventId through) {
        this.through = through;
        limit = through;
    }

    /** Adds what a channel that keeps events has. */
    void add(ReadResult.Entries read) {
        addLatest(read);
        limit(read.through());
    }

    /** Adds what a channel that keeps the latest event has. */
    void addLatest(ReadResult.Entries read) {
        read.entries().forEach(entry -> items.add(new Found(entry)));
    }

    void add(ChannelName channel, ReadResult.Gap gap) {
        items.add(new Lost(channel, gap.through(), gap.oldest()));
    }

    /** Leaves out everything after the position. */
    void limit(EventId position) {
        if (position.isBefore(limit)) {
            limit = position;
        }
    }

    /** Returns the items in order, as far as their size permits. Gaps of several channels may have the same position. */
    SetRead result(EventId after) {
        items.removeIf(item -> limit.isBefore(item.position()));
        items.sort(Comparator.comparing(Item::position));
        long bytes = 0;
        EventId last = after;
        for (int i = 0; i < items.size(); i++) {
            Item item = items.get(i);
            if (bytes >= ReadResult.MAX_BYTES && last.isBefore(item.position())) {
                return new SetRead(List.copyOf(items.subList(0, i)), last, true);
            }
            last = item.position();
            bytes += item instanceof Found found ? ReadResult.bytes(found.entry()) : GAP_BYTES;
        }
        return new SetRead(List.copyOf(items), EventId.later(after, limit), limit.isBefore(through));
    }
}
