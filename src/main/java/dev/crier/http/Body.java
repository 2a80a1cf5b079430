package dev.crier.http;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import java.util.function.Consumer;

/** The body of a request, of which no more is held than is allowed. */
final class Body {

    private final HttpServerRequest request;
    private final int limit;
    private Buffer held = Buffer.buffer();

    Body(HttpServerRequest request, int limit) {
        this.request = request;
        this.limit = limit;
    }

    /** Whether the request says itself that its body is larger than the limit. */
    boolean isAnnouncedTooLarge() {
        return announced() > limit;
    }

    /** Exactly one of them is called, at most once; what comes after the limit is let go. */
    void read(Consumer<Buffer> whole, Runnable tooLarge, Runnable broken) {
        request.handler(part -> {
            if (held != null && held.length() + part.length() > limit) {
                held = null;
                tooLarge.run();
            } else if (held != null) {
                held.appendBuffer(part);
            }
        });
        request.endHandler(end -> {
            if (held != null) {
                Buffer body = held;
                held = null;
                whole.accept(body);
            }
        });
        request.exceptionHandler(failure -> {
            if (held != null) {
                held = null;
                broken.run();
            }
        });
    }

    private long announced() {
        String length = request.getHeader(HttpHeaders.CONTENT_LENGTH);
        try {
            return length == null ? 0 : Long.parseLong(length);
        } catch (NumberFormatException e) {
            return 0; // then what comes is counted
        }
    }
}
