package dev.crier.fanout;

import dev.crier.event.Entry;
import dev.crier.event.EventId;
import dev.crier.fanout.StreamReader.EncodedRead;
import dev.crier.log.SetRead;
import dev.crier.log.SetRead.Found;
import dev.crier.log.SetRead.Item;
import dev.crier.log.SetRead.Lost;
import dev.crier.sse.EventStream;
import io.vertx.core.buffer.Buffer;
import java.util.List;
import java.util.Optional;

/**
 * Encodes the reads of channel sets. All sets of an event loop share it: thousands of sets may have one channel in common, and
 * its event is then encoded once.
 */
final class SetEncoder {

    private static final Buffer EMPTY = Buffer.buffer(0);

    /** The items that {@link #lastBytes} encodes. */
    private List<Item> lastItems = List.of();

    private Buffer lastBytes = EMPTY;

    /** @param after the position of the read, which a gap names as the position that was asked for */
    EncodedRead encode(SetRead read, EventId after) {
        List<Item> items = read.items();
        int events = 0;
        long oldestMillis = 0;
        for (Item item : items) {
            if (item instanceof Found found) {
                oldestMillis = events == 0 ? found.entry().storedMillis() : oldestMillis;
                events++;
            }
        }
        int gaps = items.size() - events;
        return new EncodedRead(read.through(), bytes(items, gaps, after), read.more(), events, gaps, oldestMillis);
    }

    private Buffer bytes(List<Item> items, int gaps, EventId after) {
        if (items.isEmpty()) {
            return EMPTY;
        }
        if (gaps > 0) {
            return encode(items, gaps, after);
        }
        if (!isSame(items, lastItems)) {
            lastBytes = encode(items, 0, after);
            lastItems = items;
        }
        return lastBytes;
    }

    private static boolean isSame(List<Item> one, List<Item> other) {
        if (one.size() != other.size()) {
            return false;
        }
        for (int i = 0; i < one.size(); i++) {
            if (entry(one.get(i)) != entry(other.get(i))) {
                return false;
            }
        }
        return true;
    }

    private static Entry entry(Item item) {
        return ((Found) item).entry();
    }

    /**
     * Encodes the items. A client whose connection breaks between the gaps needs all of them, and comes back at the position of
     * the read. So only the last gap has an id, and only if it ends before the first event.
     */
    private static Buffer encode(List<Item> items, int gaps, EventId after) {
        Buffer stream = Buffer.buffer();
        for (int i = 0; i < items.size(); i++) {
            if (items.get(i) instanceof Lost lost) {
                boolean isLast = i + 1 == items.size()
                        || i + 1 == gaps
                                && lost.position().isBefore(items.get(gaps).position());
                Optional<EventId> id = isLast ? Optional.of(lost.position()) : Optional.empty();
                EventStream.appendGap(stream, lost.channel(), id, after.toString(), lost.oldest());
            } else if (items.get(i) instanceof Found found) {
                EventStream.appendWithChannel(stream, found.entry());
            }
        }
        return stream;
    }

    /** Releases encoded bytes, which otherwise stay in memory until the next event. */
    void release() {
        lastItems = List.of();
        lastBytes = EMPTY;
    }
}
