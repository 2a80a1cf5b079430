package dev.crier.server;

import dev.crier.config.Conf;
import dev.crier.http.AccessLog;
import dev.crier.http.ConnectionErrors;
import dev.crier.http.OverloadResponse;
import dev.crier.http.Problem;
import dev.crier.http.RequestPreamble;
import dev.crier.routes.ChannelRoutes;
import dev.crier.routes.SharedParts;
import dev.crier.transport.ConnectionTracker;
import dev.crier.transport.PublicationTracer;
import dev.crier.transport.strict.H2cUpgradeHandler;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.ext.web.Router;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Serves the main listener on one event loop. All instances listen on the same port, and each owns the subscribers and
 * connections of its event loop. Creates the parts, connects them, and starts and stops them.
 */
public final class HttpVerticle extends VerticleBase {

    /** The routes of one event loop. */
    public interface Routes {

        /** @param connections admits each request, before all other routes but those that only add headers */
        Router router(ConnectionTracker connections, ChannelRoutes channels);
    }

    /** Vert.x's value for any free port that is the same for all instances. */
    private static final int ANY_SHARED_PORT = -1;

    /** The time that requests in progress have after the drain. */
    private static final Duration GRACE = Duration.ofSeconds(1);

    private final Optional<Certificate> certificate;
    private final SharedParts shared;
    private final Routes routes;
    private final Supplier<Duration> drainTime;
    private ChannelRoutes channels;
    private StrictServer server;

    /**
     * @param certificate the certificate for TLS; empty without TLS
     * @param drainTime called when this verticle stops and regularly until it has stopped. Returns how long its streams may
     *     take to end, which may change to zero
     */
    public HttpVerticle(
            Optional<Certificate> certificate, SharedParts shared, Routes routes, Supplier<Duration> drainTime) {
        this.certificate = certificate;
        this.shared = shared;
        this.routes = routes;
        this.drainTime = drainTime;
    }

    @Override
    public Future<?> start() {
        context.exceptionHandler(ConnectionErrors::logUnhandled);
        Conf conf = shared.conf();
        var random = shared.randoms().get();
        var overload = new OverloadResponse(conf, random, shared.metrics());
        var connections = new ConnectionTracker(
                context,
                shared.limits().connections(),
                (ctx, why) -> overload.refuse(ctx, Problem.UNAVAILABLE, why),
                shared.metrics(),
                conf.limits().headTimeout(),
                conf.limits().answerTimeout());
        channels = new ChannelRoutes(context, shared, (tokens, refusals) -> tokens, random, overload, connections);
        server = server(connections, routes.router(connections, channels));
        channels.start();
        return listen().onFailure(failure -> channels.stop());
    }

    private StrictServer server(ConnectionTracker connections, Router router) {
        Conf conf = shared.conf();
        boolean access = conf.console().access();
        return new StrictServer(
                vertx,
                ServerOptions.of(conf, certificate),
                shared.limits().connections(),
                connections,
                new RequestPreamble(
                        conf.limits().urlBytes(),
                        conf.limits().headerBytes(),
                        conf.tls().hsts(),
                        shared.metrics()),
                PublicationTracer.linking(vertx, access ? AccessLog.wrap(router, shared.limits()) : router),
                access ? rejected -> AccessLog.logUnrouted(rejected, shared.limits()) : rejected -> {},
                shared.metrics());
    }

    private Future<Void> listen() {
        Conf conf = shared.conf();
        boolean tls = conf.tls().isOn();
        boolean h2c = conf.h2c() && !tls;
        return server.listen(
                        conf.host(),
                        conf.port() == 0 ? ANY_SHARED_PORT : conf.port(),
                        tls || h2c,
                        conf.limits().headTimeout())
                .compose(listening ->
                        h2c ? H2cUpgradeHandler.install(vertx, conf.host(), port()) : Future.succeededFuture());
    }

    /** Uses a renewed certificate for new connections on this port. If that fails, the current one stays in use. */
    Future<?> renew(Certificate renewed) {
        return server.server().updateSSLOptions(ServerOptions.tls(renewed));
    }

    int port() {
        return server.port();
    }

    int subscribers() {
        return channels.subscribers();
    }

    /**
     * Accepts no more connections. Closes idle ones at once, others after their requests, and streams one after another over
     * the drain time. Streams receive events until they end. A publication whose events are stored while they arrive ends at
     * once.
     */
    @Override
    public Future<?> stop() {
        Duration time = drainTime.get();
        channels.endStreams(time, drainTime);
        Future<Void> closed = time.isZero() ? server.close() : server.shutdown(time.plus(GRACE));
        return closed.onComplete(done -> channels.stop());
    }
}
