package dev.crier.http;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.util.function.Consumer;

/**
 * The body of a request. It has a largest size, has to come in time, and counts for what all bodies hold together until its
 * request is answered.
 */
final class Body {

    /** What has to come in each period, unless the body ends. */
    private static final int MIN_PROGRESS_BYTES = 1 << 10;

    private final RoutingContext ctx;
    private final int maxBytes;
    private final long periodNanos;
    private final Connections connections;
    private final Limits limits;
    private final Runnable late;

    /** Null when the body is complete, or not wanted any more. */
    private Buffer held = Buffer.buffer();

    private long periodBegin = System.nanoTime();
    private int periodBytes;

    /** What has been taken of what all bodies may hold. */
    private int counted;

    /**
     * @param period in each such period at least a kilobyte has to come
     * @param late called once when less has come
     */
    Body(RoutingContext ctx, int maxBytes, Duration period, Connections connections, Limits limits, Runnable late) {
        this.ctx = ctx;
        this.maxBytes = maxBytes;
        this.periodNanos = period.toNanos();
        this.connections = connections;
        this.limits = limits;
        this.late = late;
    }

    /** Whether the request says itself that its body is larger than the limit. */
    boolean isAnnouncedTooLarge() {
        return announced(ctx.request()) > maxBytes;
    }

    /**
     * Reads the body. Exactly one of these and {@code late} is called, at most once; what comes afterwards is dropped.
     *
     * @param noRoom called when all bodies together hold too much
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

    /** Called now and then while the body comes. */
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

    /** The request is answered, or its connection fails: then the body's own handlers are still called. */
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
            return 0; // then what comes is counted
        }
    }
}
