package dev.crier.http;

import dev.crier.metrics.Metrics;
import dev.crier.transport.NettyConnection;
import dev.crier.transport.strict.DecodeFailure;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import java.nio.channels.ClosedChannelException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Handles the errors that no route sees: requests that are not HTTP, and failures of a connection. A log line names only the
 * type of such an error, because the message may quote a header that has a token.
 */
public final class ConnectionErrors {

    private static final Logger LOG = LoggerFactory.getLogger(ConnectionErrors.class);

    private ConnectionErrors() {}

    /** Answers a request that could not be read as HTTP/1.x, and closes its connection. */
    public static void answerInvalid(HttpServerRequest request, Metrics metrics) {
        DecodeFailure failure = DecodeFailure.of(request).orElseThrow();
        LOG.debug("An invalid request from {}: {}", request.remoteAddress(), failure.typeName());
        Problem problem = switch (failure.kind()) {
            case REQUEST_LINE_TOO_LONG -> Problem.URI_TOO_LONG;
            case HEADERS_TOO_LARGE -> Problem.HEADER_TOO_LARGE;
            case MALFORMED -> Problem.BAD_REQUEST;
        };
        request.response().putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
        problem.answer(request, metrics, failure.sentence());
        if (NettyConnection.isBacklogged(request.connection())) {
            NettyConnection.abort(request.connection());
        } else {
            request.connection().close();
        }
    }

    /** Logs the failure of a connection. Vert.x would log the message and the stack trace. */
    public static void logFailure(Throwable failure) {
        if (failure instanceof Error) {
            LOG.error("A connection failed", failure);
        } else {
            LOG.debug("A connection failed: {}", failure.getClass().getSimpleName());
        }
    }

    /** Logs a failure that nothing else handled. If a client leaves during a download, logs at debug. */
    public static void logUnhandled(Throwable failure) {
        if (failure instanceof ClosedChannelException) {
            LOG.debug("A file was closed while it was read");
        } else {
            LOG.error("Unhandled failure", failure);
        }
    }
}
