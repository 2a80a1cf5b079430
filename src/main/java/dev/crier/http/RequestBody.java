package dev.crier.http;

import dev.crier.limit.ByteLimit;
import dev.crier.transport.HeadBytes;
import dev.crier.transport.strict.StrictHttpHandler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClosedException;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.StreamResetException;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.LongConsumer;

/**
 * Reads the body of a request, or fails the request. Limits its size and the time that it may take, and counts its bytes
 * towards the limit of all bodies of its kind until the request is answered.
 */
final class RequestBody {

    /**
     * The rules for one kind of bodies.
     *
     * @param maxKey the key of the configuration that determines the maximum size
     * @param minBytes bytes that must arrive in each period, unless the body ends
     * @param memory the limit of all open bodies of this kind
     */
    record Rules(int maxBytes, String maxKey, Duration period, int minBytes, ByteLimit memory) {

        /** Returns rules for bodies that may take any time, if at least a kilobyte arrives in each period. */
        static Rules withProgress(int maxBytes, String maxKey, Duration period, ByteLimit memory) {
            return new Rules(maxBytes, maxKey, period, BodyProgress.MIN_BYTES, memory);
        }

        /** Returns rules for bodies that must arrive whole within the period. */
        static Rules within(Duration period, int maxBytes, String maxKey, ByteLimit memory) {
            return new Rules(maxBytes, maxKey, period, Integer.MAX_VALUE, memory);
        }
    }

    private final RoutingContext ctx;
    private final Rules rules;
    private final BodyProgress progress;
    private final BodyChecks bodies;
    private final Consumer<String> refuse;
    private final LongConsumer progressCheck = this::checkProgress;

    /** The bytes that have arrived; null when the body is complete or has failed. */
    private Buffer received = Buffer.buffer();

    /** The bytes that count towards the limit of all bodies. */
    private int reservedBytes;

    /** @param refuse answers the request, with the reason, if all bodies together take too much memory */
    RequestBody(RoutingContext ctx, Rules rules, BodyChecks bodies, Consumer<String> refuse) {
        this.ctx = ctx;
        this.rules = rules;
        this.progress = new BodyProgress(rules.period(), rules.minBytes());
        this.bodies = bodies;
        this.refuse = refuse;
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
        if (HeadBytes.announcedLength(request) > rules.maxBytes()) {
            tooLarge();
            return;
        }
        ExpectContinue.askForBody(ctx);
        bodies.add(progressCheck);
        ctx.addEndHandler(answered -> release());
        Optional<Buffer> earlier = EarlierBody.of(ctx);
        if (earlier.isPresent()) {
            append(earlier.get());
            finish(() -> complete(earlier.get().getBytes(), complete));
            return;
        }
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
        if (received.length() + part.length() > rules.maxBytes()) {
            finish(this::tooLarge);
        } else if (!rules.memory().tryAdd(part.length())) {
            finish(() -> refuse.accept("The bodies of all open requests take too much memory."));
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
            bodies.remove(progressCheck);
            callback.run();
        }
    }

    private void tooLarge() {
        Problem.CONTENT_TOO_LARGE.fail(
                ctx,
                "The body is too large (expected: at most " + rules.maxBytes() + " bytes, " + rules.maxKey() + ").");
    }

    /** Fails a request whose body does not arrive. */
    static void tooSlow(RoutingContext ctx) {
        ConnectionClose.afterResponse(ctx);
        Problem.REQUEST_TIMEOUT.fail(ctx);
    }

    /** Returns whether a body failed because its client has left. Otherwise, the body is malformed. */
    static boolean hasLeft(Throwable failure) {
        return failure instanceof HttpClosedException
                || failure instanceof StreamResetException
                || failure instanceof IOException
                || StrictHttpHandler.isIncomplete(failure);
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
        bodies.remove(progressCheck);
        rules.memory().remove(reservedBytes);
        reservedBytes = 0;
    }
}
