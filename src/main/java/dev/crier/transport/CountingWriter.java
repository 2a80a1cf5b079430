package dev.crier.transport;

import dev.crier.fanout.StreamWriter;
import io.vertx.core.buffer.Buffer;

/** A link of which it is known how many bytes of the stream were written to it. */
public final class CountingWriter implements StreamWriter {

    private final StreamWriter link;
    private long bytes;

    public CountingWriter(StreamWriter link) {
        this.link = link;
    }

    public long bytes() {
        return bytes;
    }

    @Override
    public void write(Buffer part) {
        bytes += part.length();
        link.write(part);
    }

    @Override
    public void flush() {
        link.flush();
    }

    @Override
    public boolean isFull() {
        return link.isFull();
    }

    @Override
    public void onDrain(Runnable drained) {
        link.onDrain(drained);
    }

    @Override
    public long waiting() {
        return link.waiting();
    }

    @Override
    public void end() {
        link.end();
    }

    @Override
    public void cut() {
        link.cut();
    }
}
