package dev.crier.transport.stream;

import dev.crier.fanout.StreamWriter;
import io.vertx.core.buffer.Buffer;

/** Counts the bytes of a stream that are written to another writer. */
public final class CountingWriter implements StreamWriter {

    private final StreamWriter writer;
    private long bytes;

    public CountingWriter(StreamWriter writer) {
        this.writer = writer;
    }

    /** Returns how many bytes have been written, without the framing of HTTP. */
    public long bytes() {
        return bytes;
    }

    @Override
    public void write(Buffer part) {
        bytes += part.length();
        writer.write(part);
    }

    @Override
    public void flush() {
        writer.flush();
    }

    @Override
    public boolean isFull() {
        return writer.isFull();
    }

    @Override
    public void onDrain(Runnable drained) {
        writer.onDrain(drained);
    }

    @Override
    public long waitingBytes() {
        return writer.waitingBytes();
    }

    @Override
    public void whenSent(Runnable sent) {
        writer.whenSent(sent);
    }

    @Override
    public void end(boolean goesAway) {
        writer.end(goesAway);
    }

    @Override
    public void abort() {
        writer.abort();
    }
}
