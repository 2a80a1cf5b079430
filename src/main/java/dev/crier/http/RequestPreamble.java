package dev.crier.http;

import dev.crier.metrics.Metrics;
import dev.crier.transport.strict.RequestSyntax;
import dev.crier.transport.strict.StrictHttpHandler;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Runs before the routes. Sets the headers that every response has, and rejects HTTP/2 requests whose head is malformed or
 * too large, without touching the other streams of the connection. {@link StrictHttpHandler} and Netty reject such HTTP/1.x requests.
 */
public final class RequestPreamble {

    /** The colon and the space of a header line, in bytes. */
    private static final int SEPARATOR_BYTES = 2;

    private final DateHeader date = new DateHeader(System::currentTimeMillis);
    private final int urlBytes;
    private final int headerBytes;
    private final Metrics metrics;
    private final String transportSecurity;

    /** @param hsts how long browsers must use HTTPS for this host; zero to send no such header */
    public RequestPreamble(int urlBytes, int headerBytes, Duration hsts, Metrics metrics) {
        this.urlBytes = urlBytes;
        this.headerBytes = headerBytes;
        this.metrics = metrics;
        this.transportSecurity = hsts.isZero() ? "" : "max-age=" + hsts.toSeconds();
    }

    /** @param rejected receives each request that is rejected here */
    public Handler<HttpServerRequest> before(Handler<HttpServerRequest> routes, Consumer<HttpServerRequest> rejected) {
        return request -> {
            addHeaders(request);
            Optional<Problem> fault = request.version() == HttpVersion.HTTP_2 ? fault(request) : Optional.empty();
            if (fault.isEmpty()) {
                routes.handle(request);
            } else {
                fault.get().answer(request, metrics, Optional.empty());
                rejected.accept(request);
            }
        };
    }

    /** Sets the headers that every response has. */
    public void addHeaders(HttpServerRequest request) {
        request.response().putHeader(HttpHeaders.DATE, date.now());
        if (!transportSecurity.isEmpty()) {
            request.response().putHeader("Strict-Transport-Security", transportSecurity);
        }
    }

    private Optional<Problem> fault(HttpServerRequest request) {
        if (request.uri().length() > urlBytes) {
            return Optional.of(Problem.URI_TOO_LONG);
        }
        if (bytes(request) > headerBytes) {
            return Optional.of(Problem.HEADER_TOO_LARGE);
        }
        return isMalformed(request) ? Optional.of(Problem.BAD_REQUEST) : Optional.empty();
    }

    /** Returns how many bytes the header lines would take in HTTP/1.1. */
    private static long bytes(HttpServerRequest request) {
        long bytes = 0;
        for (Map.Entry<String, String> header : request.headers()) {
            bytes += header.getKey().length()
                    + SEPARATOR_BYTES
                    + header.getValue().length();
        }
        return bytes;
    }

    private static boolean isMalformed(HttpServerRequest request) {
        return request.headers().getAll(HttpHeaders.HOST).size() > 1
                || !RequestSyntax.isPath(request.uri(), request.method() == HttpMethod.OPTIONS);
    }
}
