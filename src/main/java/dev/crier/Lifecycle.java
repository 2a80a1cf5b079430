package dev.crier;

import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;

/** Where Crier is in its life; any thread may ask. */
final class Lifecycle {

    private enum Stage {
        STARTING,
        RUNNING,
        STOPPING
    }

    private final AtomicReference<Stage> stage = new AtomicReference<>(Stage.STARTING);

    void started() {
        stage.compareAndSet(Stage.STARTING, Stage.RUNNING);
    }

    /** Whether it is told so for the first time. */
    boolean stops() {
        return stage.getAndSet(Stage.STOPPING) != Stage.STOPPING;
    }

    /** Why nobody is to be sent to it at present, if that is so. */
    Optional<String> unready() {
        return switch (stage.get()) {
            case STARTING -> Optional.of("it is starting");
            case RUNNING -> Optional.empty();
            case STOPPING -> Optional.of("it is stopping");
        };
    }
}
