package dev.crier.fanout;

import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;

/** A connection whose queue is full exactly when the test says so. */
final class Connection implements StreamWriter {

    final List<Buffer> written = new ArrayList<>();
    boolean full;
    int flushes;
    boolean closed;
    boolean ended;
    boolean taking = true;
    Error failure;
    private long waiting;
    Runnable onWrite = () -> {};
    private Runnable drain;

    List<String> texts() {
        return written.stream().map(Buffer::toString).toList();
    }

    void takeOne() {
        waiting--;
    }

    void take() {
        waiting = 0;
    }

    @Override
    public long waiting() {
        return waiting;
    }

    @Override
    public void end() {
        ended = true;
    }

    @Override
    public void cut() {
        closed = true;
    }

    void drained() {
        full = false;
        drain.run();
    }

    @Override
    public void write(Buffer bytes) {
        if (failure != null) {
            throw failure;
        }
        written.add(bytes);
        onWrite.run();
        waiting += bytes.length();
    }

    @Override
    public void flush() {
        flushes++;
        if (taking) {
            take();
        }
    }

    @Override
    public boolean isFull() {
        return full;
    }

    @Override
    public void onDrain(Runnable drained) {
        drain = drained;
    }
}
