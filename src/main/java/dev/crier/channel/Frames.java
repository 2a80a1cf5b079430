package dev.crier.channel;

import dev.crier.event.EventId;
import io.vertx.core.buffer.Buffer;

/** The wire bytes of the entries after one place, up to and with the last one's. */
record Frames(EventId after, EventId last, Buffer bytes) {

    static final Frames NONE = new Frames(EventId.FIRST, EventId.FIRST, Buffer.buffer(0));

    boolean isEmpty() {
        return this == NONE;
    }

    boolean reach(EventId after, EventId last) {
        return this.after.equals(after) && this.last.equals(last);
    }
}
