package dev.crier.http;

import dev.crier.limit.Limits;
import dev.crier.transport.ConnectionTracker;
import dev.crier.transport.HeadBytes;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.function.LongConsumer;

/**
 * Reads the body of a request, or fails the request. Limits its size and the time that it may take, and counts its bytes towards the limit of all
 * bodies until the request is answered.
 */
final class RequestBody {

    private final RoutingContext ctx;
    private final int maxBytes;
    private final String maxKey;
    private final BodyProgress progress;
    private final ConnectionTracker connections;
    private final Limits limits;
    private final LongConsumer progressCheck = this::checkProgress;

    /** The bytes that have arrived; null when the body is complete or has failed. */
    private Buffer received = Buffer.buffer();

    /** The bytes that count towards the limit of all bodies. */
    private int reservedBytes;

    /**
     * @param maxKey the key of the configuration that determines the limit
     * @param period in each such period, at least a kilobyte must arrive
     */
    RequestBody(
            RoutingContext ctx,
            int maxBytes,
            String maxKey,
            Duration period,
            ConnectionTracker connections,
            Limits limits) {
        this.ctx = ctx;
        this.maxBytes = maxBytes;
        this.maxKey = maxKey;
        this.progress = new BodyProgress(period);
        this.connections = connections;
        this.limits = limits;
    }

    /**
     * Asks for the body and reads it. Fails the request if the body is not plain, too large, too slow or broken. Bytes that
     * arrive after a failure are dropped.
     *
     * @param complete called with the whole body. Fails the request if it throws, because the router no longer catches it
     */
    void read(Consumer<byte[]> complete) {
        HttpServerRequest request = ctx.request();
        if (!isPlain(ctx)) {
            return;
        }
        if (HeadBytes.announcedLength(request) > maxBytes) {
            tooLarge();
            return;
        }
        ExpectContinue.askForBody(ctx);
        connections.addBodyCheck(progressCheck);
        ctx.addEndHandler(answered -> release());
        request.handler(this::append);
        request.endHandler(end -> {
            if (received != null) {
                byte[] body = received.getBytes();
                finish(() -> complete(body, complete));
            }
        });
        request.exceptionHandler(broken -> finish(() -> broken(ctx)));
    }

    /** Returns whether the body has no content encoding. Fails the request if it has one. */
    static boolean isPlain(RoutingContext ctx) {
        String encoding = String.join(", ", ctx.request().headers().getAll(HttpHeaders.CONTENT_ENCODING));
        if (encoding.isEmpty() || encoding.equalsIgnoreCase("identity")) {
            return true;
        }
        ctx.response().putHeader(HttpHeaders.ACCEPT_ENCODING, "identity");
        Problem.UNSUPPORTED_MEDIA_TYPE.fail(ctx, "Content-Encoding: " + encoding + " (expected: none)");
        return false;
    }

    private void complete(byte[] body, Consumer<byte[]> complete) {
        // the handlers refer to the body, and a stream keeps its request in memory
        ctx.request().handler(null).endHandler(null).exceptionHandler(null);
        try {
            complete.accept(body);
        } catch (RuntimeException e) {
            ctx.fail(e);
        }
    }

    private void append(Buffer part) {
        if (received == null) {
            return;
        }
        if (received.length() + part.length() > maxBytes) {
            finish(this::tooLarge);
        } else if (!limits.bodies().tryAdd(part.length())) {
            finish(() ->
                    Problem.UNAVAILABLE.failWithRetry(ctx, "The bodies of all open requests take too much memory."));
        } else {
            reservedBytes += part.length();
            progress.arrived(part.length());
            received.appendBuffer(part);
        }
    }

    /** Called regularly while the body arrives. */
    private void checkProgress(long nowNanos) {
        if (progress.isTooSlow(nowNanos)) {
            finish(() -> tooSlow(ctx));
        }
    }

    private void finish(Runnable callback) {
        if (received != null) {
            received = null;
            connections.removeBodyCheck(progressCheck);
            callback.run();
        }
    }

    private void tooLarge() {
        Problem.CONTENT_TOO_LARGE.fail(
                ctx, "The body is too large (expected: at most " + maxBytes + " bytes, " + maxKey + ").");
    }

    /** Fails a request whose body does not arrive. */
    static void tooSlow(RoutingContext ctx) {
        ConnectionClose.afterResponse(ctx);
        Problem.REQUEST_TIMEOUT.fail(ctx);
    }

    /** Rejects a body that is malformed or has not arrived to its end, over HTTP/1.x. HTTP/2 has already reset the stream. */
    static void broken(RoutingContext ctx) {
        if (ctx.request().version() != HttpVersion.HTTP_2
                && !ctx.response().closed()
                && !ctx.response().ended()) {
            ctx.response().putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
            Problem.BAD_REQUEST.fail(ctx, "The body is malformed (expected: a body by RFC 9112, 6).");
        }
    }

    /**
     * Releases what the body takes. Called when the request is answered or its connection fails; the handlers of the body may
     * still be called after that. A stream calls it before, because it lasts longer than its body is needed.
     */
    void release() {
        connections.removeBodyCheck(progressCheck);
        limits.bodies().remove(reservedBytes);
        reservedBytes = 0;
    }
}
