package dev.crier.fanout;

import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;

/** A connection that is full, accepts bytes, or fails exactly when the test says so. */
final class TestConnection implements StreamWriter {

    /** The buffers that were written, each by one call. */
    final List<Buffer> written = new ArrayList<>();

    int flushes;
    boolean full;

    /** Whether every flush empties the connection. */
    boolean acceptsBytes = true;

    /** Thrown by each write, unless null. */
    Error failure;

    /** Thrown when a subscriber is created, unless null. */
    Error joinFailure;

    Runnable onWrite = () -> {};
    boolean ended;

    /** Whether the client should open another connection. */
    boolean goesAway;

    boolean aborted;
    private long waiting;
    private Runnable onDrain;
    private Runnable whenSent = () -> {};

    List<String> texts() {
        return written.stream().map(Buffer::toString).toList();
    }

    /** Returns the data of all events that were written, except Crier's own. */
    List<String> data() {
        return texts().stream()
                .flatMap(String::lines)
                .filter(line -> line.startsWith("data: ") && !line.startsWith("data: {"))
                .map(line -> line.substring("data: ".length()))
                .toList();
    }

    /** Returns the reconnection time of the block that ends the stream. */
    int retryAtEnd() {
        List<String> texts = texts();
        return Integer.parseInt(
                texts.get(texts.size() - 1).replaceFirst("^retry: (\\d+)\nevent: crier.end\ndata: \\{}\n\n$", "$1"));
    }

    void acceptOneByte() {
        waiting--;
    }

    void acceptAll() {
        waiting = 0;
        whenSent.run();
    }

    void drain() {
        full = false;
        onDrain.run();
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
        if (acceptsBytes) {
            acceptAll();
        }
    }

    @Override
    public boolean isFull() {
        return full;
    }

    @Override
    public void onDrain(Runnable drained) {
        if (joinFailure != null) {
            throw joinFailure;
        }
        onDrain = drained;
    }

    @Override
    public long waitingBytes() {
        return waiting;
    }

    @Override
    public void whenSent(Runnable sent) {
        whenSent = sent;
    }

    @Override
    public void end(boolean goesAway) {
        ended = true;
        this.goesAway = goesAway;
    }

    @Override
    public void abort() {
        aborted = true;
    }
}
