package dev.crier.server;

import dev.crier.config.ManagementConf;
import dev.crier.event.PublishException;
import dev.crier.http.ConnectionErrors;
import dev.crier.http.Problem;
import dev.crier.http.RequestPreamble;
import dev.crier.limit.ConnectionLimit;
import dev.crier.limit.OpenFiles;
import dev.crier.metrics.Metrics;
import dev.crier.transport.ConnectionGate;
import dev.crier.transport.ConnectionTracker;
import dev.crier.transport.StrictHttpHandler;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Where those who run Crier, and what they run it with, ask how it is: a door of its own, so that the world does not see
 * it, open before all else and closed after it.
 */
public final class ManagementListener {

    /** How long a connection may wait for a request, and how long a client may take nothing of a response. */
    private static final Duration TIMEOUT = Duration.ofSeconds(30);

    private final Supplier<Optional<String>> unready;
    private final Metrics metrics;
    private final Optional<Supplier<Future<JsonObject>>> backup;

    /**
     * @param unready why Crier is not ready, if it is not
     * @param backup writes a backup of the log, if the log is in a file
     */
    public ManagementListener(
            Supplier<Optional<String>> unready, Metrics metrics, Optional<Supplier<Future<JsonObject>>> backup) {
        this.unready = unready;
        this.metrics = metrics;
        this.backup = backup;
    }

    /** Listens until the verticle goes in whose context this is called. */
    public Future<HttpServer> listen(Vertx vertx, ManagementConf conf) {
        Router router = Router.router(vertx);
        Problem.mount(router, Metrics.NONE);
        var limit = new ConnectionLimit(OpenFiles.forManagement());
        var connections = new ConnectionTracker(
                vertx.getOrCreateContext(), limit, Problem.UNAVAILABLE::failWithRetry, Metrics.NONE, TIMEOUT, TIMEOUT);
        connections.watch();
        router.route().handler(connections::admit);
        router.get("/health/live").handler(ctx -> answer(ctx, Optional.empty()));
        router.get("/health/ready").handler(ctx -> answer(ctx, unready.get()));
        router.get("/metrics").handler(this::expose);
        backup.ifPresent(write -> router.post("/backup").handler(ctx -> backUp(ctx, write)));
        var every = new RequestPreamble(
                HttpServerOptions.DEFAULT_MAX_INITIAL_LINE_LENGTH,
                HttpServerOptions.DEFAULT_MAX_HEADER_SIZE,
                Duration.ZERO,
                Metrics.NONE);
        return vertx.createHttpServer(
                        new HttpServerOptions().setHttp2ClearTextEnabled(false).setTcpUserTimeout((int)
                                TIMEOUT.toMillis()))
                .requestHandler(every.before(router, refused -> {}))
                .connectionHandler(connection -> {
                    StrictHttpHandler.watch(connection);
                    connections.opened(connection);
                })
                .invalidRequestHandler(StrictHttpHandler.orEnd(request -> {
                    every.addHeaders(request);
                    ConnectionErrors.answerInvalid(request, Metrics.NONE);
                }))
                .exceptionHandler(ConnectionErrors::logFailure)
                .listen(conf.port(), conf.host())
                .compose(server -> ConnectionGate.before(
                                vertx, conf.host(), server.actualPort(), limit, Metrics.NONE, false, TIMEOUT)
                        .map(server));
    }

    private static void answer(RoutingContext ctx, Optional<String> wrong) {
        var health = new JsonObject().put("status", wrong.isEmpty() ? "UP" : "DOWN");
        wrong.ifPresent(reason -> health.put("reason", reason));
        ctx.response()
                .setStatusCode(wrong.isEmpty() ? 200 : 503)
                .putHeader(HttpHeaders.CACHE_CONTROL, "no-store")
                .putHeader(HttpHeaders.CONTENT_TYPE, "application/json")
                .end(health.toBuffer());
    }

    /** Not on the event loop, which may be that of readers, or the log's. */
    private void expose(RoutingContext ctx) {
        String accept = Objects.requireNonNullElse(ctx.request().getHeader(HttpHeaders.ACCEPT), "");
        ctx.vertx()
                .executeBlocking(() -> metrics.scrape(accept), false)
                .onSuccess(exposition -> ctx.response()
                        .putHeader(HttpHeaders.CONTENT_TYPE, exposition.contentType())
                        .end(Buffer.buffer(exposition.body())))
                .onFailure(ctx::fail);
    }

    /**
     * Writes a backup, unless a web page asks for it. A browser on this machine sends the requests of any page here, and
     * with each such POST the page's origin.
     */
    private static void backUp(RoutingContext ctx, Supplier<Future<JsonObject>> write) {
        if (ctx.request().headers().contains(HttpHeaders.ORIGIN)) {
            Problem.FORBIDDEN.fail(ctx, "Web pages may not ask for a backup (expected: no Origin header).");
            return;
        }
        write.get()
                .onSuccess(written -> ctx.response()
                        .setStatusCode(201)
                        .putHeader(HttpHeaders.CONTENT_TYPE, "application/json")
                        .end(written.toBuffer()))
                .onFailure(failure -> {
                    if (failure instanceof PublishException) {
                        Problem.UNAVAILABLE.failWithRetry(ctx, "No backup: " + failure.getMessage() + ".");
                    } else {
                        ctx.fail(failure);
                    }
                });
    }
}
