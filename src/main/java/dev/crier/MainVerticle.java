package dev.crier;

import dev.crier.config.Conf;
import dev.crier.http.CorsPolicy;
import dev.crier.http.ExpectContinue;
import dev.crier.http.Problem;
import dev.crier.http.pages.Downloads;
import dev.crier.http.pages.StaticPages;
import dev.crier.log.EventLog;
import dev.crier.logging.LoggingConfigurator;
import dev.crier.routes.ChannelRoutes;
import dev.crier.server.HttpVerticle;
import dev.crier.server.Listeners;
import dev.crier.transport.ConnectionTracker;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.VertxOptions;
import io.vertx.ext.web.Router;
import java.time.Duration;
import java.util.Random;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The server: an application of {@link Crier}, with a listener and pages of its own. Opens Crier, then the main listener, and
 * closes them in reverse.
 */
public final class MainVerticle extends VerticleBase {

    private static final Logger LOG = LoggerFactory.getLogger(MainVerticle.class);

    private final int eventLoops;
    private final Supplier<RandomGenerator> randoms;
    private Conf conf;
    private Crier crier;
    private Listeners listeners;
    private volatile boolean drainSkipped;

    /** Creates a verticle for a Vert.x with the default number of event loops. */
    public MainVerticle() {
        this(VertxOptions.DEFAULT_EVENT_LOOP_POOL_SIZE);
    }

    public MainVerticle(int eventLoops) {
        this(eventLoops, Random::new);
    }

    /** @param randoms creates the random generator of each event loop */
    public MainVerticle(int eventLoops, Supplier<RandomGenerator> randoms) {
        this.eventLoops = eventLoops;
        this.randoms = randoms;
    }

    @Override
    public Future<?> start() {
        conf = GeneratedToken.addTo(Conf.read(config(), Crier.SOURCES));
        crier = new Crier(vertx, conf, randoms);
        crier.shared().metrics().observeDroppedLines(LoggingConfigurator::dropped);
        listeners = new Listeners(vertx);
        crier.listener(listeners::certificateEnd, listeners::openUrl);
        return crier.open()
                .compose(opened -> listeners.open(
                        conf,
                        eventLoops,
                        certificate -> new HttpVerticle(certificate, crier.shared(), this::routes, this::drainTime)))
                .onSuccess(listening -> started())
                .recover(failure -> stopAll().transform(stopped -> Future.failedFuture(failure)));
    }

    /** Returns the routes of one event loop, in the order in which a request meets them. */
    private Router routes(ConnectionTracker connections, ChannelRoutes channels) {
        Router router = Router.router(vertx);
        Problem.mount(router, crier.shared().metrics());
        var cors = new CorsPolicy(conf.cors());
        router.route().handler(cors::addHeaders);
        router.route().handler(ExpectContinue::watch);
        router.route().handler(connections::admit);
        router.route().handler(cors::check);
        channels.mount(router);
        StaticPages.mount(
                router,
                conf.webroot(),
                new Downloads(
                        vertx.getOrCreateContext(),
                        connections,
                        crier.shared().limits().connections().downloads()));
        return router;
    }

    private void started() {
        crier.lifecycle().started();
        crier.notReadyReason()
                .ifPresentOrElse(
                        why -> LOG.warn("Crier listens but is not ready, because {}: {}", why, listeners.url()),
                        () -> LOG.info("Crier is ready: {}", listeners.url()));
    }

    /**
     * Closes what is still open. Vert.x has undeployed the verticles of the main listener and the sources before it calls this.
     */
    @Override
    public Future<?> stop() {
        return stopAll().onSuccess(closed -> LOG.info("Crier has stopped"));
    }

    private Future<Void> stopAll() {
        listeners.close();
        return crier.shut();
    }

    /** Skips the drain, even if already draining. Thread-safe. */
    void skipDrain() {
        drainSkipped = true;
    }

    /** Returns the time over which a listener ends its streams. Each listener calls it when it begins to stop. */
    private Duration drainTime() {
        Duration time = drainSkipped ? Duration.ZERO : conf.drain();
        if (crier.lifecycle().beginStop()) {
            LOG.info("Crier is stopping: it ends {} streams within {}", subscribers(), time);
        }
        return time;
    }

    /** Returns the port, once deployed. */
    public int port() {
        return listeners.port();
    }

    /** Returns the port of the management listener, once deployed. */
    public int managementPort() {
        return crier.managementPort();
    }

    /** Returns the number of subscribers on all event loops. */
    public int subscribers() {
        return listeners.subscribers();
    }

    /** Returns the event log, once deployed. */
    public EventLog log() {
        return crier.log();
    }
}
