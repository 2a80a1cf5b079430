package dev.crier.channel;

import dev.crier.event.ChannelName;
import dev.crier.event.Entry;
import dev.crier.event.EventId;
import dev.crier.log.EventLog;
import dev.crier.sse.EventStream;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * One channel on one event loop: its subscribers, and the bytes that those at the same place share.
 */
final class LocalChannel {

    private final ChannelName name;
    private final EventLog log;
    private final List<Subscriber> subscribers = new ArrayList<>();
    private final AtomicInteger count;
    private Frames shared = Frames.NONE;

    LocalChannel(ChannelName name, EventLog log, AtomicInteger count) {
        this.name = name;
        this.log = log;
        this.count = count;
    }

    /** What comes after the cursor, encoded once for all who ask from the same place. */
    Frames after(EventId cursor) {
        List<Entry> entries = log.read(name, cursor);
        if (entries.isEmpty()) {
            return Frames.NONE;
        }
        EventId first = entries.get(0).id();
        EventId last = entries.get(entries.size() - 1).id();
        if (!shared.reach(first, last)) {
            shared = new Frames(first, last, encode(entries));
        }
        return shared;
    }

    private static Buffer encode(List<Entry> entries) {
        Buffer bytes = Buffer.buffer();
        entries.forEach(entry -> EventStream.append(bytes, entry.event()));
        return bytes;
    }

    void add(Subscriber subscriber) {
        subscriber.index = subscribers.size();
        subscribers.add(subscriber);
        count.incrementAndGet();
    }

    /**
     * The last one takes the place of the one that leaves, so that leaving costs the same for all.
     */
    void remove(Subscriber subscriber) {
        int index = subscriber.index;
        if (index < 0) {
            return;
        }
        Subscriber last = subscribers.remove(subscribers.size() - 1);
        if (last != subscriber) {
            subscribers.set(index, last);
            last.index = index;
        }
        subscriber.index = -1;
        count.decrementAndGet();
    }

    /** From the end: a write may find a connection closed, and its subscriber leaves in mid-walk. */
    void forEach(Consumer<Subscriber> action) {
        for (int i = subscribers.size() - 1; i >= 0; i--) {
            if (i < subscribers.size()) {
                action.accept(subscribers.get(i));
            }
        }
    }
}
