package dev.crier.server;

import dev.crier.http.ConnectionErrors;
import dev.crier.http.RequestPreamble;
import dev.crier.limit.ConnectionLimit;
import dev.crier.metrics.Metrics;
import dev.crier.transport.ConnectionGate;
import dev.crier.transport.ConnectionTracker;
import dev.crier.transport.strict.StrictHttpHandler;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * The HTTP server of both listeners. Counts connections from the moment when they are accepted, tracks them, and rejects
 * malformed requests.
 */
final class StrictServer {

    private final Vertx vertx;
    private final ConnectionLimit limit;
    private final ConnectionTracker connections;
    private final Metrics metrics;
    private final HttpServer server;

    /**
     * @param connections tracks the connections of the calling event loop
     * @param rejected receives each malformed or too large request after its response
     */
    StrictServer(
            Vertx vertx,
            HttpServerOptions options,
            ConnectionLimit limit,
            ConnectionTracker connections,
            RequestPreamble preamble,
            Handler<HttpServerRequest> routes,
            Consumer<HttpServerRequest> rejected,
            Metrics metrics) {
        this.vertx = vertx;
        this.limit = limit;
        this.connections = connections;
        this.metrics = metrics;
        server = vertx.createHttpServer(options)
                .connectionHandler(this::opened)
                .requestHandler(preamble.before(routes, rejected))
                .invalidRequestHandler(StrictHttpHandler.orEnd(request -> {
                    preamble.addHeaders(request);
                    ConnectionErrors.answerInvalid(request, metrics);
                    rejected.accept(request);
                }))
                .exceptionHandler(ConnectionErrors::logFailure);
    }

    private void opened(HttpConnection connection) {
        StrictHttpHandler.addTo(connection);
        connections.add(connection);
    }

    /**
     * Listens on the port and begins to check the timeouts of connections. Undoes both if a step fails.
     *
     * @param handshakes whether connections begin with a handshake of TLS or HTTP/2
     * @param handshakeTimeout how long that may take
     */
    Future<Void> listen(String host, int port, boolean handshakes, Duration handshakeTimeout) {
        connections.start();
        return server.listen(port, host)
                .compose(listening -> ConnectionGate.install(
                        vertx, host, server.actualPort(), limit, metrics, handshakes, handshakeTimeout))
                .recover(failure -> close().transform(closed -> Future.failedFuture(failure)));
    }

    int port() {
        return server.actualPort();
    }

    HttpServer server() {
        return server;
    }

    /** Closes all connections at once. */
    Future<Void> close() {
        return server.close().eventually(this::closed);
    }

    /** Closes each connection after its requests, and the rest after the timeout. */
    Future<Void> shutdown(Duration timeout) {
        return server.shutdown(timeout.toMillis(), TimeUnit.MILLISECONDS).eventually(this::closed);
    }

    private Future<Void> closed() {
        connections.stop();
        return Future.succeededFuture();
    }
}
