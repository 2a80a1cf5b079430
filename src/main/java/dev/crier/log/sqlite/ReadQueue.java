package dev.crier.log.sqlite;

import dev.crier.log.store.AbandonedException;
import dev.crier.log.store.Requester;
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
 * The queue of reads for the reading thread. Client addresses take turns: each read waits for at most one read of every other
 * address. A read whose client has left is dropped when its turn comes. Thread-safe.
 */
final class ReadQueue {

    private static final String CLOSED = "the log is closed";

    private record Read<T>(Requester requester, Callable<T> work, Promise<T> result) {

        /** Runs the read unless its client has left. Returns whether it ran, even if it failed. */
        boolean run() {
            try {
                if (requester.hasLeft().getAsBoolean()) {
                    result.fail(new AbandonedException());
                    return false;
                }
                result.complete(work.call());
            } catch (Throwable e) { // otherwise no later read would ever run
                result.tryFail(e);
            }
            return true;
        }
    }

    private final Vertx vertx;
    private final Executor thread;
    private final Map<String, Deque<Read<?>>> waiting = new LinkedHashMap<>();

    /** Whether a task of this queue is waiting for the thread or runs on it. */
    private boolean scheduled;

    private boolean closed;

    /** @param thread the reading thread, which runs one task at a time, in order */
    ReadQueue(Vertx vertx, Executor thread) {
        this.vertx = vertx;
        this.thread = thread;
    }

    /** Adds a read. Its future completes on the context of the caller. */
    <T> Future<T> add(Requester requester, Callable<T> work) {
        Context caller = vertx.getOrCreateContext();
        Promise<T> answer = Promise.promise();
        Promise<T> result = Promise.promise();
        result.future().onComplete((read, failure) -> caller.runOnContext(turn -> answer.complete(read, failure)));
        boolean schedule;
        synchronized (this) {
            if (closed) {
                result.fail(CLOSED);
                return answer.future();
            }
            waiting.computeIfAbsent(requester.address(), absent -> new ArrayDeque<>())
                    .add(new Read<>(requester, work, result));
            schedule = !scheduled;
            scheduled = true;
        }
        if (schedule) {
            thread.execute(this::step);
        }
        return answer.future();
    }

    /** Runs one read. Other tasks of the thread, such as moving the write-ahead log, can run before the next. */
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
            scheduled = false;
            return null;
        }
        var turn = addresses.next();
        Deque<Read<?>> reads = turn.getValue();
        Read<?> read = reads.remove();
        addresses.remove();
        if (!reads.isEmpty()) {
            waiting.put(turn.getKey(), reads); // after the other addresses
        }
        return read;
    }

    /** Fails the reads that wait and all later ones. */
    void close() {
        List<Deque<Read<?>>> left;
        synchronized (this) {
            left = new ArrayList<>(waiting.values());
            waiting.clear();
            closed = true;
        }
        left.forEach(reads -> reads.forEach(read -> read.result().fail(CLOSED)));
    }
}
