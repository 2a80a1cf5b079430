package dev.crier.log.redis;

import dev.crier.log.store.AbandonedException;
import dev.crier.log.store.Requester;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.function.Supplier;

/**
 * Limits the number of reads that Redis runs at a time. Otherwise thousands of subscribers that reconnect together would fill
 * the connection's queue. A read whose client has left is dropped when its turn comes. Only the store's context uses this
 * class.
 */
final class ReadGate {

    private static final int MAX_READS = 64;

    private record Read<T>(Requester requester, Supplier<Future<T>> work, Promise<T> result) {

        Future<T> run() {
            return requester.hasLeft().getAsBoolean() ? Future.failedFuture(new AbandonedException()) : work.get();
        }
    }

    private final Queue<Read<?>> waiting = new ArrayDeque<>();
    private int running;
    private boolean starting;

    <T> Future<T> read(Requester requester, Supplier<Future<T>> work) {
        Promise<T> result = Promise.promise();
        waiting.add(new Read<>(requester, work, result));
        next();
        return result.future();
    }

    /** Starts reads that wait. A loop, because recursion would fill the stack if thousands of clients have left. */
    private void next() {
        if (starting) {
            return;
        }
        starting = true;
        try {
            while (running < MAX_READS && !waiting.isEmpty()) {
                run(waiting.remove());
            }
        } finally {
            starting = false;
        }
    }

    private <T> void run(Read<T> read) {
        running++;
        Future.<Void>succeededFuture()
                .compose(start -> read.run()) // an exception becomes a failure
                .onComplete(done -> {
                    running--;
                    read.result().handle(done);
                    next();
                });
    }
}
