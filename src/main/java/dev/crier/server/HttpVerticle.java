package dev.crier.server;

import dev.crier.auth.TokenAuthorizer;
import dev.crier.config.Conf;
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
import dev.crier.http.PublishStreamHandler;
import dev.crier.http.RequestPreamble;
import dev.crier.http.StopHandler;
import dev.crier.http.SubscribeHandler;
import dev.crier.http.SubscribeSetHandler;
import dev.crier.http.pages.Downloads;
import dev.crier.http.pages.StaticPages;
import dev.crier.http.request.BearerToken;
import dev.crier.limit.Limits;
import dev.crier.log.EventLog;
import dev.crier.log.Notifications;
import dev.crier.metrics.Metrics;
import dev.crier.transport.ConnectionTracker;
import dev.crier.transport.stream.QueuedBytes;
import dev.crier.transport.stream.StreamWriters;
import dev.crier.transport.strict.H2cUpgradeHandler;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.ext.web.Router;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/**
 * Serves the main listener on one event loop. All instances listen on the same port, and each owns the subscribers and
 * connections of its event loop. Creates the parts, connects them, and starts and stops them.
 */
public final class HttpVerticle extends VerticleBase {

    /** Vert.x's value for any free port that is the same for all instances. */
    private static final int ANY_SHARED_PORT = -1;

    /** The time that requests in progress have after the drain. */
    private static final Duration GRACE = Duration.ofSeconds(1);

    private final Conf conf;
    private final Optional<Certificate> certificate;
    private final EventLog log;
    private final Notifications notifications;
    private final Subscribers subscribers;
    private final TokenAuthorizer authorizer;
    private final Limits limits;
    private final QueuedBytes queued;
    private final RandomGenerator random;
    private final Metrics metrics;
    private final Supplier<Duration> drainTime;
    private EventLoopDelay delay;
    private EventLoopTasks tasks;
    private PublishStreamHandler publishStreams;
    private StrictServer server;

    /**
     * @param certificate the certificate for TLS; empty without TLS
     * @param drainTime called when this verticle stops and regularly until it has stopped. Returns how long its streams may
     *     take to end, which may change to zero
     */
    public HttpVerticle(
            Conf conf,
            Optional<Certificate> certificate,
            EventLog log,
            Notifications notifications,
            Subscribers subscribers,
            TokenAuthorizer authorizer,
            Limits limits,
            QueuedBytes queued,
            RandomGenerator random,
            Metrics metrics,
            Supplier<Duration> drainTime) {
        this.conf = conf;
        this.certificate = certificate;
        this.log = log;
        this.notifications = notifications;
        this.subscribers = subscribers;
        this.authorizer = authorizer;
        this.limits = limits;
        this.queued = queued;
        this.random = random;
        this.metrics = metrics;
        this.drainTime = drainTime;
    }

    @Override
    public Future<?> start() {
        context.exceptionHandler(ConnectionErrors::logUnhandled);
        var overload = new OverloadResponse(conf, random, metrics);
        var connections = new ConnectionTracker(
                context,
                limits.connections(),
                (ctx, why) -> overload.refuse(ctx, Problem.UNAVAILABLE, why),
                metrics,
                conf.limits().headTimeout(),
                conf.limits().answerTimeout());
        var writers = new StreamWriters(vertx, queued, conf.subscriber().queueBytes(), connections::goAway);
        delay = new EventLoopDelay(vertx, metrics);
        publishStreams = new PublishStreamHandler(log, conf.publish(), limits, connections);
        tasks = new EventLoopTasks(context, notifications, subscribers, publishStreams, writers, queued, limits);
        server = server(connections, router(overload, connections, writers));
        tasks.start();
        if (conf.management().isOn()) {
            delay.start();
        }
        return listen().onFailure(failure -> stopTasks());
    }

    private StrictServer server(ConnectionTracker connections, Router router) {
        boolean access = conf.console().access();
        return new StrictServer(
                vertx,
                ServerOptions.of(conf, certificate),
                limits.connections(),
                connections,
                new RequestPreamble(
                        conf.limits().urlBytes(),
                        conf.limits().headerBytes(),
                        conf.tls().hsts(),
                        metrics),
                access ? AccessLog.wrap(router, limits) : router,
                access ? rejected -> AccessLog.logUnrouted(rejected, limits) : rejected -> {},
                metrics);
    }

    private Router router(OverloadResponse overload, ConnectionTracker connections, StreamWriters writers) {
        Router router = Router.router(vertx);
        Problem.mount(router, metrics);
        var cors = new CorsPolicy(conf.cors());
        router.route().handler(cors::addHeaders);
        router.route().handler(ExpectContinue::watch);
        router.route().handler(connections::admit);
        router.route().handler(cors::check);
        router.route().handler(channels(overload, connections, writers));
        StaticPages.mount(
                router,
                conf.webroot(),
                new Downloads(context, connections, limits.connections().downloads()));
        return router;
    }

    private ChannelHandler channels(OverloadResponse overload, ConnectionTracker connections, StreamWriters writers) {
        var guard = new AccessGuard(
                authorizer, limits, overload, new BearerToken(conf.read().cookie(), conf.cors()));
        var subscribe = new SubscribeHandler(
                subscribers, writers, conf.subscriber().queueBytes(), limits, overload, connections);
        var subscribeSet = new SubscribeSetHandler(
                conf.channels(),
                conf.limits().channelsPerSubscriber(),
                conf.publish().idleTimeout(),
                limits,
                overload,
                connections,
                guard,
                subscribe);
        var publish = new PublishHandler(log, conf.publish(), limits, connections, publishStreams);
        var stop = new StopHandler(log, limits);
        return new ChannelHandler(conf.channels(), conf.subscribe(), guard, subscribe, subscribeSet, publish, stop);
    }

    private Future<Void> listen() {
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
        return subscribers.count();
    }

    /**
     * Accepts no more connections. Closes idle ones at once, others after their requests, and streams one after another over
     * the drain time. Streams receive events until they end. A publication whose events are stored while they arrive ends at
     * once.
     */
    @Override
    public Future<?> stop() {
        Duration time = drainTime.get();
        publishStreams.stop();
        tasks.endStreams(time, drainTime);
        Future<Void> closed = time.isZero() ? server.close() : server.shutdown(time.plus(GRACE));
        return closed.onComplete(done -> stopTasks());
    }

    private void stopTasks() {
        delay.stop();
        tasks.stop();
    }
}
