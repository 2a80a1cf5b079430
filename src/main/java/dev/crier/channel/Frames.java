package dev.crier.channel;

import dev.crier.event.EventId;
import io.vertx.core.buffer.Buffer;

/** The wire bytes of the entries from one to another. */
record Frames(EventId first, EventId last, Buffer bytes) {

    static final Frames NONE = new Frames(EventId.FIRST, EventId.FIRST, Buffer.buffer(0));

    boolean isEmpty() {
        return this == NONE;
    }

    boolean reach(EventId first, EventId last) {
        return this.first.equals(first) && this.last.equals(last);
    }
}
