package dev.crier.log;

import dev.crier.event.Entry;
import dev.crier.event.EventId;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;

/**
 * Decides which entries leave memory, because the store has them too: all entries up to the floor, a position that rises in
 * steps of about a megabyte. Each step records the channels that it concerns, because searching 50,000 channels takes 10 ms.
 * Only the log's context uses this class.
 */
final class EvictionSteps {

    private static final long STEP_BYTES = 1L << 20;

    /**
     * The entries from the previous step to a position.
     *
     * @param position the position of the last of them
     * @param storedMillis when that entry was stored
     * @param bytesAdded how many bytes had been added with it
     * @param channels the channels that got evictable entries in this step
     */
    record Step(EventId position, long storedMillis, long bytesAdded, List<ChannelEntries> channels) {}

    private final long maxBytes;
    private final long stepBytes;

    /** The oldest step first. It ends at the floor. */
    private final Deque<Step> steps = new ArrayDeque<>();

    /** The channels of the next step, which has this number. */
    private List<ChannelEntries> channels = new ArrayList<>();

    private int number;
    private long bytesAdded;

    /** @param maxBytes about how many bytes of entries stay in memory */
    EvictionSteps(long maxBytes, EventId floor) {
        this.maxBytes = maxBytes;
        this.stepBytes = Math.min(STEP_BYTES, maxBytes);
        steps.add(new Step(floor, floor.millis(), 0, List.of()));
    }

    /** Counts an entry, which is evictable only if its channel keeps events. */
    void add(Entry entry, ChannelEntries channel, long bytes, boolean evictable) {
        bytesAdded += bytes;
        if (evictable && channel.joinStep(number)) {
            channels.add(channel);
        }
        if (bytesAdded - steps.getLast().bytesAdded() >= stepBytes) {
            steps.add(new Step(entry.id(), entry.storedMillis(), bytesAdded, channels));
            channels = new ArrayList<>();
            number++;
        }
    }

    /** Starts again at a higher floor, after everything evictable up to it has been removed from memory. */
    void restart(EventId floor) {
        steps.clear();
        steps.add(new Step(floor, floor.millis(), bytesAdded, List.of()));
        channels = new ArrayList<>();
        number++;
    }

    /** Evicts step by step until memory suffices. */
    void evict(Consumer<Step> evict) {
        while (steps.size() > 1 && bytesAdded - steps.getFirst().bytesAdded() > maxBytes) {
            steps.removeFirst();
            evict.accept(steps.getFirst());
        }
    }
}
