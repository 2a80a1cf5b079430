package dev.crier;

import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;

/** Whether Crier is starting, running or stopping. Thread-safe. */
final class Lifecycle {

    private enum Stage {
        STARTING,
        RUNNING,
        STOPPING
    }

    private final AtomicReference<Stage> stage = new AtomicReference<>(Stage.STARTING);

    /** Ends the start, unless Crier is already stopping. */
    void started() {
        stage.compareAndSet(Stage.STARTING, Stage.RUNNING);
    }

    /** Begins to stop. Returns false if Crier was already stopping. */
    boolean beginStop() {
        return stage.getAndSet(Stage.STOPPING) != Stage.STOPPING;
    }

    boolean isStopping() {
        return stage.get() == Stage.STOPPING;
    }

    /** Returns why Crier is not ready, or nothing if it is. */
    Optional<String> notReadyReason() {
        return switch (stage.get()) {
            case STARTING -> Optional.of("Crier is starting");
            case RUNNING -> Optional.empty();
            case STOPPING -> Optional.of("Crier is stopping");
        };
    }
}
