package dev.crier.channel;

import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.streams.WriteStream;
import java.util.ArrayList;
import java.util.List;

/** A connection whose queue is full exactly when the test says so. */
final class Connection implements WriteStream<Buffer>, Link {

    final List<Buffer> written = new ArrayList<>();
    boolean full;
    boolean closed;
    boolean taking = true;
    private long waiting;
    Runnable onWrite = () -> {};
    private Handler<Void> drain;

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
    public void cut() {
        closed = true;
    }

    void drained() {
        full = false;
        drain.handle(null);
    }

    @Override
    public Future<Void> write(Buffer bytes) {
        written.add(bytes);
        onWrite.run();
        waiting += bytes.length();
        if (taking) {
            take();
        }
        return Future.succeededFuture();
    }

    @Override
    public boolean writeQueueFull() {
        return full;
    }

    @Override
    public WriteStream<Buffer> drainHandler(Handler<Void> handler) {
        drain = handler;
        return this;
    }

    @Override
    public WriteStream<Buffer> setWriteQueueMaxSize(int size) {
        throw new UnsupportedOperationException();
    }

    @Override
    public WriteStream<Buffer> exceptionHandler(Handler<Throwable> handler) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Future<Void> end() {
        throw new UnsupportedOperationException();
    }
}
