package dev.crier.http;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.LongConsumer;

/** The checks of all request bodies that are arriving on one event loop, one for each. */
public final class BodyChecks {

    private final Set<LongConsumer> checks = new HashSet<>();

    /** Adds a check that is called regularly while a body arrives, with the current time in nanoseconds. */
    void add(LongConsumer check) {
        checks.add(check);
    }

    void remove(LongConsumer check) {
        checks.remove(check);
    }

    /** Called regularly, with the time of a clock that never goes back. */
    public void run(long nowNanos) {
        if (!checks.isEmpty()) {
            List.copyOf(checks).forEach(check -> check.accept(nowNanos));
        }
    }
}
