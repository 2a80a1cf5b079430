package dev.crier.server;

import dev.crier.config.ManagementConf;
import dev.crier.event.PublishException;
import dev.crier.http.Problem;
import dev.crier.http.RequestPreamble;
import dev.crier.http.pages.ConsolePages;
import dev.crier.limit.ConnectionLimit;
import dev.crier.limit.Limits;
import dev.crier.limit.OpenFiles;
import dev.crier.metrics.Metrics;
import dev.crier.transport.ConnectionTracker;
import dev.crier.transport.SharedBytes;
import dev.crier.transport.StreamConnections;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves health checks, metrics, backups, the OpenAPI document and the console to operators, on a port of its own that need not
 * be public. Opens before everything else and closes after it.
 *
 * <p>The class is long because it opens the listener and has all of its endpoints except those of the console.
 */
public final class ManagementListener {

    /** The event streams of the console. */
    public interface Console {

        /**
         * Adds the routes of the streams, below {@code /console/}, on the event loop that calls this.
         *
         * @param connections the connections of the streams
         */
        void mount(Router router, StreamConnections connections);
    }

    /** How long a connection may wait for a request, and how long a client may take nothing of a response. */
    private static final Duration TIMEOUT = Duration.ofSeconds(30);

    /** So that a slow console is noticed before the kernel has taken megabytes for it. */
    private static final int SEND_BUFFER_BYTES = 64 << 10;

    private static final List<HttpMethod> READ = List.of(HttpMethod.GET, HttpMethod.HEAD);

    private static final Logger LOG = LoggerFactory.getLogger(ManagementListener.class);

    private final Vertx vertx;
    private final Supplier<Optional<String>> notReadyReason;
    private final Metrics metrics;
    private final Optional<Supplier<Future<JsonObject>>> backup;
    private final ManagementAccess access;
    private final Optional<Console> console;
    private final Buffer openApi = readOpenApi();
    private final StrictServer server;

    private ManagementListener(
            Vertx vertx,
            Supplier<Optional<String>> notReadyReason,
            Metrics metrics,
            Optional<Supplier<Future<JsonObject>>> backup,
            ManagementAccess access,
            Optional<Console> console) {
        this.vertx = vertx;
        this.notReadyReason = notReadyReason;
        this.metrics = metrics;
        this.backup = backup;
        this.access = access;
        this.console = console;
        this.server = server();
    }

    /**
     * Opens the listener; succeeds with nothing if none is configured.
     *
     * @param notReadyReason returns why Crier is not ready; empty if it is
     * @param backup writes a backup of the log; empty if the log is not in a file
     * @param limits those of the main listener, which count the invalid tokens of an address
     * @param console empty if it is off
     */
    public static Future<Optional<ManagementListener>> open(
            Vertx vertx,
            ManagementConf conf,
            Supplier<Optional<String>> notReadyReason,
            Metrics metrics,
            Optional<Supplier<Future<JsonObject>>> backup,
            Limits limits,
            Optional<Console> console) {
        if (!conf.isOn()) {
            return Future.succeededFuture(Optional.empty());
        }
        var listener = new ManagementListener(
                vertx, notReadyReason, metrics, backup, new ManagementAccess(conf, limits), console);
        return listener.server
                .listen(conf.host(), conf.port(), false, TIMEOUT)
                .map(listening -> {
                    LOG.info(
                            "Health checks are served at {}health",
                            Listeners.url("http", conf.host(), listener.port()));
                    if (console.isPresent()) {
                        LOG.info("The console is at {}console/", Listeners.url("http", conf.host(), listener.port()));
                    }
                    return Optional.of(listener);
                })
                .recover(failure ->
                        Future.failedFuture(Listeners.explain("management.", conf.host(), conf.port(), failure)));
    }

    private StrictServer server() {
        var limit = new ConnectionLimit(OpenFiles.forManagement());
        var connections = new ConnectionTracker(
                vertx.getOrCreateContext(), limit, Problem.UNAVAILABLE::failWithRetry, Metrics.NONE, TIMEOUT, TIMEOUT);
        return new StrictServer(
                vertx,
                new HttpServerOptions()
                        .setHttp2ClearTextEnabled(false)
                        .setSendBufferSize(SEND_BUFFER_BYTES)
                        .setTcpUserTimeout((int) TIMEOUT.toMillis()),
                limit,
                connections,
                new RequestPreamble(
                        HttpServerOptions.DEFAULT_MAX_INITIAL_LINE_LENGTH,
                        HttpServerOptions.DEFAULT_MAX_HEADER_SIZE,
                        Duration.ZERO,
                        Metrics.NONE),
                router(connections),
                rejected -> {},
                Metrics.NONE);
    }

    private Router router(ConnectionTracker connections) {
        Router router = Router.router(vertx);
        Problem.mount(router, Metrics.NONE);
        router.route().handler(connections::admit);
        serve(router, "/health/live", READ, ctx -> sendHealth(ctx, Optional.empty()));
        serve(router, "/health/ready", READ, ctx -> sendHealth(ctx, notReadyReason.get()));
        router.route().handler(access::checkHost);
        if (console.isPresent()) {
            new ConsolePages().mount(router);
            router.route("/console/*").handler(access::checkOrigin);
            router.post("/console/login").handler(access::login);
        }
        router.route().handler(access::checkToken);
        serve(router, "/metrics", READ, this::sendMetrics);
        serve(router, "/openapi.yaml", READ, this::sendOpenApi);
        backup.ifPresent(write -> serve(router, "/backup", List.of(HttpMethod.POST), ctx -> writeBackup(ctx, write)));
        console.ifPresent(streams -> streams.mount(router, new ConsoleStreams(connections, router)));
        return router;
    }

    /** Adds a path. Requests with other methods get 405 with {@code Allow} (RFC 9110, 15.5.6), which Vert.x would omit. */
    private static void serve(Router router, String path, List<HttpMethod> methods, Handler<RoutingContext> handler) {
        String allowed = methods.stream().map(HttpMethod::name).collect(Collectors.joining(", "));
        router.route(path).handler(ctx -> {
            if (methods.contains(ctx.request().method())) {
                handler.handle(ctx);
            } else {
                ctx.response().putHeader(HttpHeaders.ALLOW, allowed);
                Problem.METHOD_NOT_ALLOWED.fail(ctx);
            }
        });
    }

    /** Reads the description of the HTTP interface, which is part of the jar. */
    private static Buffer readOpenApi() {
        try (var in = ManagementListener.class.getResourceAsStream("/dev/crier/openapi.yaml")) {
            return SharedBytes.of(in.readAllBytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public int port() {
        return server.port();
    }

    public Future<Void> close() {
        return server.close();
    }

    private static void sendHealth(RoutingContext ctx, Optional<String> problem) {
        var health = new JsonObject().put("status", problem.isEmpty() ? "UP" : "DOWN");
        problem.ifPresent(reason -> health.put("reason", reason));
        ctx.response()
                .setStatusCode(problem.isEmpty() ? 200 : 503)
                .putHeader(HttpHeaders.CACHE_CONTROL, "no-store")
                .putHeader(HttpHeaders.CONTENT_TYPE, "application/json")
                .end(health.toBuffer());
    }

    /** Formats the metrics on a worker thread, because the event loop may also serve subscribers or the log. */
    private void sendMetrics(RoutingContext ctx) {
        String accept = Objects.requireNonNullElse(ctx.request().getHeader(HttpHeaders.ACCEPT), "");
        vertx.executeBlocking(() -> metrics.scrape(accept), false)
                .onSuccess(exposition -> ctx.response()
                        .putHeader(HttpHeaders.CONTENT_TYPE, exposition.contentType())
                        .end(Buffer.buffer(exposition.body())))
                .onFailure(ctx::fail);
    }

    private void sendOpenApi(RoutingContext ctx) {
        ctx.response()
                .putHeader(HttpHeaders.CONTENT_TYPE, "application/yaml") // RFC 9512
                .end(openApi);
    }

    /**
     * Writes a backup. The attack: a web page that is opened on this machine sends POST requests here to fill the disk. The
     * rule: requests with an origin are rejected, because browsers send it with every such request.
     */
    private static void writeBackup(RoutingContext ctx, Supplier<Future<JsonObject>> write) {
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
