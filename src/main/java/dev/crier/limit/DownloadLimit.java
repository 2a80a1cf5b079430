package dev.crier.limit;

import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;

/** Limits the files that downloads have open, and counts the downloads that wait for one. Thread-safe. */
public final class DownloadLimit {

    private final Semaphore free;
    private final AtomicInteger waiting = new AtomicInteger();

    DownloadLimit(int max) {
        free = new Semaphore(max);
    }

    /** Counts one more open file if the limit allows it. {@link #closed} must be called when the file is closed. */
    public boolean tryOpen() {
        return free.tryAcquire();
    }

    public void closed() {
        free.release();
    }

    public void startWaiting() {
        waiting.incrementAndGet();
    }

    public void stopWaiting() {
        waiting.decrementAndGet();
    }

    /** Returns how many slow downloads must be ended to make room for waiting ones; 0 while a file is free. */
    public int filesWanted() {
        return free.availablePermits() > 0 ? 0 : waiting.get();
    }
}
