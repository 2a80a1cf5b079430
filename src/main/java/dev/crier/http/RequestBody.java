package dev.crier.http;

import dev.crier.limit.Limits;
import dev.crier.transport.ConnectionTracker;
import dev.crier.transport.TrackedConnection;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.function.LongConsumer;

/**
 * The body of a request. Limits its size and the time that it may take, and counts its bytes towards the limit of all bodies
 * until the request is answered.
 */
public final class RequestBody {

    /** Bytes that must arrive in each period, unless the body ends. */
    private static final int MIN_PROGRESS_BYTES = 1 << 10;

    private final RoutingContext ctx;
    private final int maxBytes;
    private final long periodNanos;
    private final ConnectionTracker connections;
    private final Limits limits;
    private final Runnable late;
    private final LongConsumer check = this::check;

    /** Null when the body is complete or no longer needed. */
    private Buffer held = Buffer.buffer();

    private long periodBegin = System.nanoTime();
    private int periodBytes;

    /** Bytes counted towards the limit of all bodies. */
    private int counted;

    /**
     * @param period in each such period, at least a kilobyte must arrive
     * @param late called once when less has arrived
     */
    RequestBody(
            RoutingContext ctx,
            int maxBytes,
            Duration period,
            ConnectionTracker connections,
            Limits limits,
            Runnable late) {
        this.ctx = ctx;
        this.maxBytes = maxBytes;
        this.periodNanos = period.toNanos();
        this.connections = connections;
        this.limits = limits;
        this.late = late;
    }

    /** Whether the Content-Length is larger than the limit. */
    boolean isAnnouncedTooLarge() {
        return TrackedConnection.announcedLength(ctx.request()) > maxBytes;
    }

    /**
     * Reads the body. At most one of these callbacks and {@code late} is called, once; later bytes are dropped.
     *
     * @param noRoom called when all bodies together are too large
     * @param broken called when the connection or the stream ends before the body does
     */
    void read(Consumer<Buffer> whole, Runnable tooLarge, Runnable noRoom, Runnable broken) {
        HttpServerRequest request = ctx.request();
        connections.receive(check);
        ctx.addEndHandler(answered -> release());
        request.handler(part -> {
            if (held == null) {
                return;
            }
            if (held.length() + part.length() > maxBytes) {
                end(tooLarge);
            } else if (!limits.hold(part.length())) {
                end(noRoom);
            } else {
                counted += part.length();
                periodBytes += part.length();
                held.appendBuffer(part);
            }
        });
        request.endHandler(end -> {
            Buffer body = held;
            end(() -> whole.accept(body));
        });
        request.exceptionHandler(failure -> end(broken));
    }

    /** Checks the progress. Called regularly while the body arrives. */
    private void check(long now) {
        if (now - periodBegin < periodNanos) {
            return;
        }
        if (periodBytes < MIN_PROGRESS_BYTES) {
            end(late);
        }
        periodBegin = now;
        periodBytes = 0;
    }

    private void end(Runnable how) {
        if (held != null) {
            held = null;
            connections.received(check);
            how.run();
        }
    }

    /** Called when the request is answered or its connection fails. The body's own handlers may still be called after that. */
    private void release() {
        connections.received(check);
        limits.release(counted);
        counted = 0;
    }
}
