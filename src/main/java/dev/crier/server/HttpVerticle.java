package dev.crier.server;

import dev.crier.auth.TokenAuthorizer;
import dev.crier.bus.Notifications;
import dev.crier.config.Conf;
import dev.crier.event.ChannelName;
import dev.crier.fanout.Drain;
import dev.crier.fanout.Subscribers;
import dev.crier.http.AccessGuard;
import dev.crier.http.AccessLog;
import dev.crier.http.ChannelHandler;
import dev.crier.http.ConnectionErrors;
import dev.crier.http.CorsPolicy;
import dev.crier.http.ExpectContinue;
import dev.crier.http.OverloadResponse;
import dev.crier.http.Problem;
import dev.crier.http.PublishHandler;
import dev.crier.http.RequestPreamble;
import dev.crier.http.SubscribeHandler;
import dev.crier.http.pages.Downloads;
import dev.crier.http.pages.StaticPages;
import dev.crier.http.request.BearerToken;
import dev.crier.limit.Limits;
import dev.crier.log.EventLog;
import dev.crier.metrics.Metrics;
import dev.crier.transport.ConnectionGate;
import dev.crier.transport.ConnectionTracker;
import dev.crier.transport.H2cUpgradeHandler;
import dev.crier.transport.QueuedBytes;
import dev.crier.transport.StreamWriters;
import dev.crier.transport.StrictHttpHandler;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.eventbus.MessageConsumer;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.Router;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/**
 * The door: one for each event loop, all on the same port. Each has the subscribers of its own
 * event loop, one consumer for the ring and one timer for the walk among them.
 */
public final class HttpVerticle extends VerticleBase {

    /** What Vert.x takes as "any free port, but the same for all". */
    private static final int ANY_PORT = -1;

    private static final long DRAIN_STEP_MILLIS = 20;

    /** How much longer than the streams the last requests may take. */
    private static final Duration GRACE = Duration.ofSeconds(1);

    private final Conf conf;
    private final Optional<Certificate> certificate;
    private final EventLog log;
    private final Notifications notifications;
    private final Subscribers subscribers;
    private final TokenAuthorizer rights;
    private final Limits limits;
    private final QueuedBytes queued;
    private final Runnable relief = () -> context.runOnContext(turn -> relieve());
    private final RandomGenerator random;
    private final Supplier<Duration> stopping;
    private final Metrics metrics;
    private StreamWriters links;
    private HttpServer server;
    private MessageConsumer<ChannelName> ring;
    private OverloadResponse overload;
    private ConnectionTracker connections;
    private EventLoopDelay delay;
    private long walk;

    /**
     * @param certificate as whom it speaks TLS, if it does
     * @param stopping is told that this door closes, and says over how long its streams are to end, which may change
     */
    public HttpVerticle(
            Conf conf,
            Optional<Certificate> certificate,
            EventLog log,
            Notifications notifications,
            Subscribers subscribers,
            TokenAuthorizer rights,
            Limits limits,
            QueuedBytes queued,
            RandomGenerator random,
            Metrics metrics,
            Supplier<Duration> stopping) {
        this.conf = conf;
        this.certificate = certificate;
        this.log = log;
        this.notifications = notifications;
        this.subscribers = subscribers;
        this.rights = rights;
        this.limits = limits;
        this.queued = queued;
        this.random = random;
        this.stopping = stopping;
        this.metrics = metrics;
    }

    @Override
    public Future<?> start() {
        context.exceptionHandler(ConnectionErrors::logUnhandled);
        ring = notifications.consume(this::rung);
        delay = new EventLoopDelay(vertx, metrics);
        if (conf.management().isOn()) {
            delay.start();
        }
        walk = vertx.setPeriodic(subscribers.checkMillis(), id -> beat());
        overload = new OverloadResponse(conf.limits(), conf.channels(), random, metrics);
        connections = new ConnectionTracker(
                context,
                limits.connections(),
                (ctx, why) -> overload.refuse(ctx, Problem.UNAVAILABLE, why),
                metrics,
                conf.limits().headTimeout(),
                conf.limits().answerTimeout());
        connections.watch();
        links = new StreamWriters(vertx, queued, conf.subscriber().queueBytes(), connections::dismiss);
        queued.register(relief);
        boolean access = conf.console().access();
        var every = new RequestPreamble(
                conf.limits().urlBytes(),
                conf.limits().headerBytes(),
                conf.tls().hsts(),
                metrics);
        server = vertx.createHttpServer(ServerOptions.of(conf, certificate))
                .connectionHandler(this::opened)
                .requestHandler(every.before(
                        access ? AccessLog.wrap(router(), limits) : router(), request -> noteRefused(request, access)))
                .invalidRequestHandler(StrictHttpHandler.orEnd(request -> {
                    every.addHeaders(request);
                    ConnectionErrors.answerInvalid(request, metrics);
                    noteRefused(request, access);
                }))
                .exceptionHandler(ConnectionErrors::logFailure);
        return server.listen(conf.port() == 0 ? ANY_PORT : conf.port(), conf.host())
                .compose(listening -> ConnectionGate.before(
                        vertx,
                        conf.host(),
                        port(),
                        limits.connections(),
                        metrics,
                        conf.tls().isOn() || conf.http().h2c(),
                        conf.limits().headTimeout()))
                .onSuccess(listening -> watchUpgrades());
    }

    private void opened(HttpConnection connection) {
        StrictHttpHandler.watch(connection);
        connections.opened(connection);
    }

    private void watchUpgrades() {
        if (conf.http().h2c() && !conf.tls().isOn()) {
            H2cUpgradeHandler.watch(vertx, conf.host(), port());
        }
    }

    private void noteRefused(HttpServerRequest request, boolean access) {
        if (access) {
            AccessLog.logUnrouted(request, limits);
        }
    }

    /** Who connects from now on, on this port, is shown this certificate; on failure, the one before. */
    public Future<?> renew(Certificate renewed) {
        return server.updateSSLOptions(ServerOptions.tls(renewed));
    }

    /**
     * No one comes in any more, and who is in leaves: idle connections at once, requests when they are answered, and
     * streams one after the other. Until then they are given what is published.
     */
    @Override
    public Future<?> stop() {
        Duration window = stopping.get();
        if (window.isZero()) {
            subscribers.abortAll();
            return server.close().eventually(this::leave);
        }
        Drain drain = subscribers.drain(window);
        long draining = vertx.setPeriodic(DRAIN_STEP_MILLIS, id -> {
            if (stopping.get().isZero()) {
                subscribers.abortAll();
            } else {
                drain.endDueStreams();
            }
        });
        return server.shutdown(window.plus(GRACE).toMillis(), TimeUnit.MILLISECONDS)
                .onComplete(closed -> vertx.cancelTimer(draining))
                .eventually(this::leave);
    }

    private Future<?> leave() {
        vertx.cancelTimer(walk);
        connections.unwatch();
        queued.unregister(relief);
        delay.stop();
        return ring.unregister().onComplete(gone -> links.release());
    }

    /** All that is rung in one turn of the event loop is answered at its end, at once. */
    private void rung(ChannelName channel) {
        if (subscribers.notified(channel)) {
            context.runOnContext(turn -> subscribers.deliver());
        }
    }

    private void beat() {
        if (queued.isFull()) {
            relieve();
        }
        subscribers.check();
        limits.forget();
    }

    /** Closes slow subscribers while too many bytes wait in all connections, then reads for the others again. */
    private void relieve() {
        if (queued.isFull()) {
            links.release();
            subscribers.evictSlowest(queued::isTooMuch);
            queued.recheck();
        } else {
            subscribers.resumeReading();
        }
    }

    public int port() {
        return server.actualPort();
    }

    public int subscribers() {
        return subscribers.count();
    }

    private Router router() {
        Router router = Router.router(vertx);
        Problem.mount(router, metrics);
        var origins = new CorsPolicy(conf.cors());
        router.route().handler(origins::addHeaders);
        router.route().handler(ExpectContinue::watch);
        router.route().handler(connections::admit);
        router.route().handler(origins::check);
        router.route()
                .handler(new ChannelHandler(
                        conf.channels(),
                        new AccessGuard(
                                rights,
                                limits,
                                overload,
                                new BearerToken(conf.read().cookie(), conf.cors())),
                        new SubscribeHandler(
                                subscribers, links, conf.subscriber().queueBytes(), limits, overload, connections),
                        new PublishHandler(log, conf.publish(), limits, connections)));
        StaticPages.mount(router, conf.webroot(), new Downloads(context, connections, limits.connections()));
        return router;
    }
}
