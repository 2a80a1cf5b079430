package dev.crier.channel;

import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.streams.WriteStream;
import java.util.ArrayList;
import java.util.List;

/** A connection whose queue is full exactly when the test says so. */
final class Connection implements WriteStream<Buffer> {

    final List<Buffer> written = new ArrayList<>();
    boolean full;
    boolean closed;
    boolean taking = true;
    private final List<Promise<Void>> untaken = new ArrayList<>();
    Runnable onWrite = () -> {};
    private Handler<Void> drain;

    List<String> texts() {
        return written.stream().map(Buffer::toString).toList();
    }

    void take() {
        untaken.forEach(Promise::complete);
        untaken.clear();
    }

    void drained() {
        full = false;
        drain.handle(null);
    }

    @Override
    public Future<Void> write(Buffer bytes) {
        written.add(bytes);
        onWrite.run();
        Promise<Void> taken = Promise.promise();
        untaken.add(taken);
        if (taking) {
            take();
        }
        return taken.future();
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
