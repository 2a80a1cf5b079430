package dev.crier.log;

import dev.crier.event.EventId;
import dev.crier.event.Publication;
import io.vertx.core.Future;
import java.util.List;
import java.util.function.Supplier;

/** Traces publications. Thread-safe. */
public interface Tracing {

    Tracing NONE = (publication, append) -> append.get();

    /** Appends the publication within a trace, and returns the result. Called on the context of the publisher. */
    Future<List<EventId>> trace(Publication publication, Supplier<Future<List<EventId>>> append);
}
