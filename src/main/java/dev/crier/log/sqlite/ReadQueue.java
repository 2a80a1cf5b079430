package dev.crier.log.sqlite;

import dev.crier.log.AbandonedException;
import dev.crier.log.Requester;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.Executor;

/**
 * The reads that wait for the one thread that reads. Client addresses take turns, so the reads of one address delay
 * those of another by one read at most. A read whose client has left is dropped when its turn comes. Thread-safe.
 */
final class ReadQueue {

    private static final String CLOSED = "the log is closed";

    private record Read<T>(Requester requester, Callable<T> work, Promise<T> done) {

        /** Returns whether it has read, or has tried to. */
        boolean run() {
            try {
                if (requester.hasLeft().getAsBoolean()) {
                    done.fail(new AbandonedException());
                    return false;
                }
                done.complete(work.call());
            } catch (Throwable e) { // else the queue would stand still
                done.tryFail(e);
            }
            return true;
        }
    }

    private final Vertx vertx;
    private final Executor thread;
    private final Map<String, Deque<Read<?>>> waiting = new LinkedHashMap<>();
    private boolean running;
    private boolean closed;

    /** @param thread runs one task at a time, in order */
    ReadQueue(Vertx vertx, Executor thread) {
        this.vertx = vertx;
        this.thread = thread;
    }

    /** Adds a read; its future completes on the context of the caller. */
    <T> Future<T> add(Requester requester, Callable<T> work) {
        Context caller = vertx.getOrCreateContext();
        Promise<T> done = Promise.promise();
        Promise<T> read = Promise.promise();
        read.future().onComplete((result, failure) -> caller.runOnContext(turn -> done.complete(result, failure)));
        boolean start;
        synchronized (this) {
            if (closed) {
                read.fail(CLOSED);
                return done.future();
            }
            waiting.computeIfAbsent(requester.address(), absent -> new ArrayDeque<>())
                    .add(new Read<>(requester, work, read));
            start = !running;
            running = true;
        }
        if (start) {
            thread.execute(this::step);
        }
        return done.future();
    }

    /** Runs one read, and leaves the thread to what else waits for it before the next. */
    private void step() {
        Read<?> read = next();
        while (read != null && !read.run()) {
            read = next();
        }
        if (read != null) {
            thread.execute(this::step);
        }
    }

    /** Takes the oldest read of the address whose turn it is. */
    private synchronized Read<?> next() {
        var addresses = waiting.entrySet().iterator();
        if (!addresses.hasNext()) {
            running = false;
            return null;
        }
        var turn = addresses.next();
        Deque<Read<?>> reads = turn.getValue();
        Read<?> read = reads.remove();
        addresses.remove();
        if (!reads.isEmpty()) {
            waiting.put(turn.getKey(), reads); // behind the others
        }
        return read;
    }

    /** Fails all that waits, and all that still comes. */
    void close() {
        List<Deque<Read<?>>> left;
        synchronized (this) {
            left = new ArrayList<>(waiting.values());
            waiting.clear();
            closed = true;
        }
        left.forEach(reads -> reads.forEach(read -> read.done().fail(CLOSED)));
    }
}
