package dev.crier;

import io.vertx.core.Future;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Supplier;

/** The steps that close what was opened. They run once, the last one first. */
final class Closers {

    private final Deque<Supplier<Future<?>>> steps = new ArrayDeque<>();

    /** Adds a step that is complete when it returns. */
    void add(Runnable step) {
        addAsync(() -> {
            step.run();
            return Future.succeededFuture();
        });
    }

    /** Adds a step that is complete when its future is. */
    void addAsync(Supplier<Future<?>> step) {
        steps.push(step);
    }

    /** Runs all steps, even if one fails. */
    Future<Void> close() {
        Future<Void> closed = Future.succeededFuture();
        while (!steps.isEmpty()) {
            Supplier<Future<?>> step = steps.pop();
            closed = closed.eventually(() -> step.get().mapEmpty());
        }
        return closed;
    }
}
