package dev.crier.log;

import dev.crier.event.ChannelName;
import dev.crier.event.EventId;
import dev.crier.log.SetRead.Found;
import dev.crier.log.SetRead.Item;
import dev.crier.log.SetRead.Lost;
import dev.crier.log.store.ReadResult;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Merges the reads of several channels. A read that stops early limits the result to the position where it stopped, because
 * the channel may have more entries after that. The caller reads what is left out again.
 */
final class SetMerge {

    private final EventId through;
    private final List<Found> entries = new ArrayList<>();
    private final Map<ChannelName, ReadResult.Gap> gaps = new HashMap<>();
    private EventId limit;

    /** @param through the last position that the reads should reach */
    SetMerge(EventId through) {
        this.through = through;
        limit = through;
    }

    void addEntries(ReadResult.Entries read) {
        read.entries().forEach(entry -> entries.add(new Found(entry)));
    }

    /** Adds a gap. Replaces an earlier gap of the channel, because it is longer. */
    void addGap(ChannelName channel, ReadResult.Gap gap) {
        gaps.put(channel, gap);
    }

    /** Leaves out everything after the position. */
    void limit(EventId position) {
        if (position.isBefore(limit)) {
            limit = position;
        }
    }

    EventId limit() {
        return limit;
    }

    /**
     * Returns the gaps, and then the entries in order, as far as their size permits. If a gap is longer than that, the result
     * reports the part of it up to the end. So a position alone says which gaps a client has received, and subscribers at the
     * same position share their reads. If a gap were reported only where it ends, a subscriber that stays behind while the
     * channel loses more would never receive it.
     *
     * <p>Gaps come before the entries. So a client whose connection breaks after an entry has received all gaps up to there. It
     * may never receive them later: after a restart, or on another node, the log may have the last entries of a gap again, and
     * then reports no gap after the client's position.
     */
    SetRead result(EventId after) {
        entries.removeIf(entry -> limit.isBefore(entry.position()));
        entries.sort(Comparator.comparing(Found::position));
        EventId end = EventId.later(after, limit);
        long bytes = 0;
        for (int i = 0; i < entries.size(); i++) {
            bytes += ReadResult.bytes(entries.get(i).entry());
            if (bytes >= ReadResult.MAX_BYTES && i + 1 < entries.size()) {
                end = entries.get(i).position();
                entries.subList(i + 1, entries.size()).clear();
            }
        }
        var items = new ArrayList<Item>();
        for (Map.Entry<ChannelName, ReadResult.Gap> gap : gaps.entrySet()) {
            EventId lost = gap.getValue().through();
            EventId position = end.isBefore(lost) ? end : lost;
            if (after.isBefore(position)) {
                items.add(new Lost(gap.getKey(), position, gap.getValue().oldest()));
            }
        }
        items.sort(Comparator.comparing(Item::position)
                .thenComparing(item -> ((Lost) item).channel().path()));
        items.addAll(entries);
        return new SetRead(List.copyOf(items), end, end.isBefore(through));
    }
}
