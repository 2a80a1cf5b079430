package dev.crier.log;

import dev.crier.event.ChannelName;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/** Drops expired entries. A step covers some channels, a sweep covers all. Only the log's context uses this class. */
final class ExpirySweep {

    /** How many channels one step covers. Covering 100,000 channels at once would stop the event loop for 100 ms. */
    static final int STEP_CHANNELS = 5_000;

    private final Map<ChannelName, ChannelEntries> channels;
    private final int maxEmpty;
    private Iterator<ChannelEntries> rest = Collections.emptyIterator();

    /** The channels that were empty when this sweep came to them. */
    private final List<ChannelEntries> empty = new ArrayList<>();

    /**
     * Starts with the channels that are empty already.
     *
     * @param channels all channels, which may change between two steps
     * @param maxEmpty how many emptied channels are remembered one by one
     */
    ExpirySweep(Map<ChannelName, ChannelEntries> channels, int maxEmpty) {
        this.channels = channels;
        this.maxEmpty = maxEmpty;
        channels.values().stream().filter(ChannelEntries::isEmpty).forEach(empty::add);
    }

    /** Takes one step, and returns the channels of the step that are empty now. */
    List<ChannelEntries> step(long nowMillis) {
        if (!rest.hasNext()) {
            empty.clear();
            rest = channels.values().iterator();
        }
        int before = empty.size();
        for (int i = 0; i < STEP_CHANNELS && rest.hasNext(); i++) {
            ChannelEntries entries = rest.next();
            entries.expire(nowMillis);
            if (entries.isEmpty()) {
                empty.add(entries);
            }
        }
        return empty.subList(before, empty.size());
    }

    /** At the end of a sweep, returns the emptied channels that are too many: those that lost their last entry longest ago. */
    List<ChannelEntries> excess() {
        if (rest.hasNext() || empty.size() <= maxEmpty) {
            return List.of();
        }
        List<ChannelEntries> oldestFirst = empty.stream()
                .filter(entries -> entries.isEmpty() && channels.get(entries.name()) == entries)
                .sorted(Comparator.comparing(ChannelEntries::dropped))
                .toList();
        return oldestFirst.size() <= maxEmpty ? List.of() : oldestFirst.subList(0, oldestFirst.size() - maxEmpty / 2);
    }
}
