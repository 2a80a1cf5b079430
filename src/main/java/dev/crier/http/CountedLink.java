package dev.crier.http;

import dev.crier.channel.Link;
import io.vertx.core.buffer.Buffer;

/** A link of which it is known how many bytes of the stream were written to it. */
final class CountedLink implements Link {

    private final Link link;
    private long bytes;

    CountedLink(Link link) {
        this.link = link;
    }

    long bytes() {
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
