package dev.crier.channel;

import dev.crier.event.EventId;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.streams.WriteStream;

/**
 * One reader: a cursor on the log and a way to write. It belongs to the event loop of its
 * connection.
 *
 * <p>It reads only while its connection takes what is written. So what a slow reader has not read
 * stays in the log, and costs no memory of its own.
 */
public final class Subscriber {

    private final LocalChannel channel;
    private final WriteStream<Buffer> out;
    private EventId cursor;
    private boolean quiet;

    /** Where the channel keeps this subscriber, so that it is found again at once. */
    int index;

    Subscriber(LocalChannel channel, EventId cursor, WriteStream<Buffer> out) {
        this.channel = channel;
        this.cursor = cursor;
        this.out = out;
        out.drainHandler(drained -> pump());
    }

    /** Writes what is after the cursor, as far as the connection takes it. */
    void pump() {
        while (!out.writeQueueFull()) {
            Frames frames = channel.after(cursor);
            if (frames.isEmpty()) {
                return;
            }
            cursor = frames.last();
            write(frames.bytes());
        }
    }

    /**
     * Called twice in a heartbeat. Nothing written since the last call means that the stream has been
     * idle for between one half and a whole of it: then it gets a comment.
     */
    void beat(Buffer comment) {
        pump();
        if (!quiet) {
            quiet = true;
        } else if (!out.writeQueueFull()) {
            write(comment);
        }
    }

    /** The reader is gone. Calling it again does nothing. */
    public void leave() {
        channel.remove(this);
    }

    private void write(Buffer bytes) {
        quiet = false;
        out.write(bytes);
    }
}
