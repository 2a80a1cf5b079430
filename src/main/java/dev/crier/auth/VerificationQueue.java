package dev.crier.auth;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Verifies signatures on worker threads, and limits how many verifications wait. With a public key, a verification takes at
 * least a quarter of a millisecond, and any client can cause one. Thread-safe.
 */
final class VerificationQueue {

    /** The maximum number of verifications that wait or run, about a second of work. Each keeps a request in memory. */
    static final int MAX_VERIFICATIONS = 4096;

    /** At most half of the processors, so that the event loops have the others. */
    private static final int THREADS = Math.max(1, Runtime.getRuntime().availableProcessors() / 2);

    private final AtomicInteger verifications = new AtomicInteger();
    private final WorkerExecutor workers;

    VerificationQueue(Vertx vertx) {
        workers = vertx.createSharedWorkerExecutor(VerificationQueue.class.getName(), THREADS);
    }

    /** Runs a verification. Returns its result in the caller's context, or {@link Decision.Busy} if the queue is full. */
    Future<Decision> run(Callable<Decision> verification) {
        if (verifications.incrementAndGet() > MAX_VERIFICATIONS) {
            verifications.decrementAndGet();
            return Future.succeededFuture(new Decision.Busy());
        }
        return workers.executeBlocking(verification, false).onComplete(verified -> verifications.decrementAndGet());
    }

    Future<?> close() {
        return workers.close();
    }
}
