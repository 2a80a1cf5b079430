package dev.crier.http;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.util.function.Consumer;

/**
 * The body of a request. Limits its size and the time that it may take, and counts its bytes towards the limit of all bodies
 * until the request is answered.
 */
final class Body {

    /** Bytes that must arrive in each period, unless the body ends. */
    private static final int MIN_PROGRESS_BYTES = 1 << 10;

    private final RoutingContext ctx;
    private final int maxBytes;
    private final long periodNanos;
    private final Connections connections;
    private final Limits limits;
    private final Runnable late;

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
    Body(RoutingContext ctx, int maxBytes, Duration period, Connections connections, Limits limits, Runnable late) {
        this.ctx = ctx;
        this.maxBytes = maxBytes;
        this.periodNanos = period.toNanos();
        this.connections = connections;
        this.limits = limits;
        this.late = late;
    }

    /** Whether the Content-Length is larger than the limit. */
    boolean isAnnouncedTooLarge() {
        return announced(ctx.request()) > maxBytes;
    }

    /**
     * Reads the body. At most one of these callbacks and {@code late} is called, once; later bytes are dropped.
     *
     * @param noRoom called when all bodies together are too large
     * @param broken called when the connection or the stream ends before the body does
     */
    void read(Consumer<Buffer> whole, Runnable tooLarge, Runnable noRoom, Runnable broken) {
        HttpServerRequest request = ctx.request();
        connections.receive(this);
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
    void watch(long now) {
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
            connections.received(this);
            how.run();
        }
    }

    /** Called when the request is answered or its connection fails. The body's own handlers may still be called after that. */
    private void release() {
        connections.received(this);
        limits.release(counted);
        counted = 0;
    }

    /** Whether the head announces a body of unknown length. */
    static boolean isChunked(HttpServerRequest request) {
        return request.headers().contains(HttpHeaders.TRANSFER_ENCODING);
    }

    /** The length that the head announces; 0 if it announces none. */
    static long announced(HttpServerRequest request) {
        String length = request.getHeader(HttpHeaders.CONTENT_LENGTH);
        try {
            return length == null ? 0 : Long.parseLong(length);
        } catch (NumberFormatException e) {
            return 0; // the bytes are counted as they arrive
        }
    }
}
