package dev.crier.http;

import io.vertx.core.buffer.Buffer;
import io.vertx.ext.web.RoutingContext;
import java.util.Optional;

/** The body of a request that a handler of the application has read before Crier, such as a {@code BodyHandler}. */
final class EarlierBody {

    private EarlierBody() {}

    /**
     * Returns the body; empty if it is still to be read.
     *
     * @throws IllegalStateException if a handler has let the body pass and not kept it
     */
    static Optional<Buffer> of(RoutingContext ctx) {
        if (!ctx.request().isEnded()) {
            return Optional.empty();
        }
        Buffer kept = ctx.body().buffer();
        if (kept == null && ctx.request().bytesRead() > 0) {
            throw new IllegalStateException(
                    "the body of the request passed before Crier could read it (expected: a handler"
                            + " before Crier that pauses the request while it waits, or a BodyHandler)");
        }
        return Optional.of(kept == null ? Buffer.buffer() : kept);
    }
}
