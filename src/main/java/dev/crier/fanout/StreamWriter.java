package dev.crier.fanout;

import io.vertx.core.buffer.Buffer;

/** The way to one reader, as far as a subscriber needs to know it. Its event loop alone may call it. */
public interface StreamWriter {

    /** Adds to what goes out next. The bytes may be shared with other readers, and must not change any more. */
    void write(Buffer bytes);

    /** Sends all that was written, at once. */
    void flush();

    /** Whether no more is to be written at present. */
    boolean isFull();

    /** What to do when it was full and is no longer. */
    void onDrain(Runnable drained);

    /** How many bytes wait in it: any that the other side takes makes a difference. 0 if none do. */
    long waiting();

    /**
     * Ends the stream behind what was written, and the connection with it, if that has no other. A reader that does not
     * take it is cut soon; nobody else looks after it any more.
     */
    void end();

    /** Ends it at once, whatever waits in it. */
    void cut();
}
