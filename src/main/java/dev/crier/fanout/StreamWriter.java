package dev.crier.fanout;

import io.vertx.core.buffer.Buffer;

/** Writes one subscriber's stream to its connection. Only the connection's event loop uses this interface. */
public interface StreamWriter {

    /** Adds bytes to the stream. Other subscribers may share the buffer, so it must never change. */
    void write(Buffer bytes);

    /** Sends everything that was written. */
    void flush();

    /** Returns whether the caller must stop writing until the connection drains. */
    boolean isFull();

    /** Sets the action that runs when the connection was full and can be written again. */
    void onDrain(Runnable drained);

    /** Returns the number of bytes that the connection has not accepted yet. It falls with every byte that it accepts. */
    long waitingBytes();

    /** Runs the action when the connection has accepted everything that was written, unless it is closed before. */
    void whenSent(Runnable sent);

    /**
     * Ends the stream after what was written, and closes a connection that has no other stream. If the client does not accept
     * the rest within a few seconds, the writer aborts the stream by itself.
     *
     * @param goesAway whether the client should open another connection for its next requests, if this one has other streams
     */
    void end(boolean goesAway);

    /** Ends the stream at once, without the bytes that wait. */
    void abort();
}
