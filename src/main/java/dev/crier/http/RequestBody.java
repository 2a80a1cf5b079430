package dev.crier.http;

import dev.crier.limit.Limits;
import dev.crier.transport.ConnectionTracker;
import dev.crier.transport.HeadBytes;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.function.LongConsumer;

/**
 * Reads the body of a request. Limits its size and the time that it may take, and counts its bytes towards the limit of all
 * bodies until the request is answered.
 */
final class RequestBody {

    /** Bytes that must arrive in each period, unless the body ends. */
    private static final int MIN_PROGRESS_BYTES = 1 << 10;

    private final RoutingContext ctx;
    private final int maxBytes;
    private final long periodNanos;
    private final ConnectionTracker connections;
    private final Limits limits;
    private final LongConsumer progressCheck = this::checkProgress;
    private Consumer<Failure> failed;

    /** The bytes that have arrived; null when the body is complete or has failed. */
    private Buffer received = Buffer.buffer();

    private long periodStart = System.nanoTime();
    private int periodBytes;

    /** The bytes that count towards the limit of all bodies. */
    private int reservedBytes;

    /** The reasons why a body was not read to its end. */
    enum Failure {
        TOO_LARGE,
        /** All bodies together are too large. */
        NO_MEMORY,
        /** Too few bytes arrived in a period. */
        TOO_SLOW,
        /** The connection or the stream ended before the body, or the body is malformed. */
        BROKEN
    }

    /** @param period in each such period, at least a kilobyte must arrive */
    RequestBody(RoutingContext ctx, int maxBytes, Duration period, ConnectionTracker connections, Limits limits) {
        this.ctx = ctx;
        this.maxBytes = maxBytes;
        this.periodNanos = period.toNanos();
        this.connections = connections;
        this.limits = limits;
    }

    /** Returns whether the Content-Length is larger than the limit. */
    boolean isAnnouncedTooLarge() {
        return HeadBytes.announcedLength(ctx.request()) > maxBytes;
    }

    /** Reads the body. At most one of the callbacks is called, once. Bytes that arrive after a failure are dropped. */
    void read(Consumer<Buffer> complete, Consumer<Failure> failed) {
        this.failed = failed;
        HttpServerRequest request = ctx.request();
        connections.addBodyCheck(progressCheck);
        ctx.addEndHandler(answered -> release());
        request.handler(this::append);
        request.endHandler(end -> {
            Buffer body = received;
            finish(() -> complete.accept(body));
        });
        request.exceptionHandler(broken -> fail(Failure.BROKEN));
    }

    private void append(Buffer part) {
        if (received == null) {
            return;
        }
        if (received.length() + part.length() > maxBytes) {
            fail(Failure.TOO_LARGE);
        } else if (!limits.bodies().tryAdd(part.length())) {
            fail(Failure.NO_MEMORY);
        } else {
            reservedBytes += part.length();
            periodBytes += part.length();
            received.appendBuffer(part);
        }
    }

    /** Called regularly while the body arrives. */
    private void checkProgress(long nowNanos) {
        if (nowNanos - periodStart < periodNanos) {
            return;
        }
        if (periodBytes < MIN_PROGRESS_BYTES) {
            fail(Failure.TOO_SLOW);
        }
        periodStart = nowNanos;
        periodBytes = 0;
    }

    private void fail(Failure failure) {
        finish(() -> failed.accept(failure));
    }

    private void finish(Runnable callback) {
        if (received != null) {
            received = null;
            connections.removeBodyCheck(progressCheck);
            callback.run();
        }
    }

    /** Called when the request is answered or its connection fails. The handlers of the body may still be called after that. */
    private void release() {
        connections.removeBodyCheck(progressCheck);
        limits.bodies().remove(reservedBytes);
        reservedBytes = 0;
    }
}
