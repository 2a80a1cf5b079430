package dev.crier;

import dev.crier.auth.JwtKeys;
import dev.crier.auth.JwtVerifier;
import dev.crier.auth.TokenAuthorizer;
import dev.crier.bus.Bus;
import dev.crier.config.Channels;
import dev.crier.config.Conf;
import dev.crier.event.ChannelName;
import dev.crier.event.ChannelPattern;
import dev.crier.fanout.StreamTimeouts;
import dev.crier.fanout.Subscribers;
import dev.crier.limit.Limits;
import dev.crier.log.EventLog;
import dev.crier.log.store.AgeClock;
import dev.crier.logging.LoggingConfigurator;
import dev.crier.metrics.Metrics;
import dev.crier.metrics.Prometheus;
import dev.crier.server.HttpVerticle;
import dev.crier.server.Listeners;
import dev.crier.source.ClockVerticle;
import dev.crier.source.SubscriberCountVerticle;
import dev.crier.transport.stream.QueuedBytes;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.VertxOptions;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Wires all parts of Crier together from its configuration and owns their life cycle. Opens the management listener, the
 * log, the sources, the keys of JWTs and the main listener, in this order, and closes them in reverse. If a step fails, the
 * steps before are undone.
 *
 * <p>The class is long because the order of all steps can be read here. Each step is a class of its own.
 */
public final class MainVerticle extends VerticleBase {

    private static final Logger LOG = LoggerFactory.getLogger(MainVerticle.class);

    private final int eventLoops;
    private final Supplier<RandomGenerator> randoms;
    private final Lifecycle lifecycle = new Lifecycle();
    private Metrics metrics;
    private Listeners listeners;
    private LogLifecycle log;
    private final AgeClock clock = new AgeClock(InstantSource.system(), System::nanoTime);
    private Duration drain;
    private volatile boolean drainSkipped;

    private final Closers closers = new Closers();

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
        var conf = Conf.read(
                config(),
                Map.of(
                        ClockVerticle.class.getName(),
                        ClockVerticle::check,
                        SubscriberCountVerticle.class.getName(),
                        section -> {}));
        drain = conf.drain();
        metrics = conf.management().isOn() ? prometheus(conf) : Metrics.NONE;
        metrics.observeDroppedLines(LoggingConfigurator::dropped);
        closers.add(metrics::close);
        listeners = new Listeners(vertx, metrics);
        closers.addAsync(listeners::closeManagement);
        log = new LogLifecycle(vertx, conf, clock, metrics);
        closers.addAsync(log::close);
        return listeners
                .openManagement(conf.management(), this::notReadyReason, log.backup())
                .compose(listening -> log.open())
                .compose(opened -> startSources(conf))
                .compose(started -> openKeys(conf))
                .compose(jwts -> openListeners(conf, jwts))
                .<Void>compose(
                        listening -> {
                            lifecycle.started();
                            notReadyReason()
                                    .ifPresentOrElse(
                                            why -> LOG.warn(
                                                    "Crier listens but is not ready, because {}: {}",
                                                    why,
                                                    listeners.url()),
                                            () -> LOG.info("Crier is ready: {}", listeners.url()));
                            return Future.succeededFuture();
                        },
                        failure -> closers.close().transform(closed -> Future.failedFuture(failure)));
    }

    /**
     * Closes what is still open, the management listener last. Vert.x has undeployed the verticles of the main listener and
     * the sources before it calls this.
     */
    @Override
    public Future<?> stop() {
        return closers.close().onSuccess(closed -> LOG.info("Crier has stopped"));
    }

    private Metrics prometheus(Conf conf) {
        Channels channels = conf.channels();
        List<String> declared =
                channels.declared().keySet().stream().map(ChannelPattern::path).toList();
        return new Prometheus(
                declared,
                name -> channels.declaration(new ChannelName(name)).map(ChannelPattern::path),
                conf.subscribe().path().map(ChannelName::path),
                clock);
    }

    /** Skips the drain, even if already draining. Thread-safe. */
    void skipDrain() {
        drainSkipped = true;
    }

    /** Returns the time over which a listener ends its streams. Each listener calls it when it begins to stop. */
    private Duration drainTime() {
        Duration time = drainSkipped ? Duration.ZERO : drain;
        if (lifecycle.beginStop()) {
            LOG.info("Crier is stopping: it ends {} streams within {}", subscribers(), time);
        }
        return time;
    }

    private Optional<String> notReadyReason() {
        return lifecycle
                .notReadyReason()
                .or(() -> log.log().stores() ? log.log().full() : Optional.of("the log cannot store"));
    }

    private Future<?> startSources(Conf conf) {
        new Bus(vertx).answerSubscribers(this::subscribers);
        var sources = new Sources(vertx, conf.log().isShared());
        closers.addAsync(sources::stop);
        return sources.start(conf.channels());
    }

    /** Returns the port, once deployed. */
    public int port() {
        return listeners.port();
    }

    /** Returns the port of the management listener, once deployed. */
    public int managementPort() {
        return listeners.managementPort();
    }

    /** Returns the number of subscribers on all event loops. */
    public int subscribers() {
        return listeners.subscribers();
    }

    /** Returns the event log, once deployed. */
    public EventLog log() {
        return log.log();
    }

    private Future<Optional<JwtVerifier>> openKeys(Conf conf) {
        if (!conf.jwt().isOn()) {
            return Future.succeededFuture(Optional.empty());
        }
        var keys = new JwtKeys(conf.jwt(), MainVerticle::nowMillis);
        var jwts = new JwtVerifier(keys, conf.jwt().leeway(), InstantSource.system());
        return vertx.deployVerticle(keys).map(opened -> Optional.of(jwts));
    }

    private Future<?> openListeners(Conf conf, Optional<JwtVerifier> jwts) {
        var timeouts = new StreamTimeouts(
                conf.heartbeat(),
                conf.subscriber().stallTimeout(),
                conf.retry(),
                conf.subscriber().maxLifetime());
        Conf withToken = GeneratedToken.addTo(conf);
        var limits =
                new Limits(conf.limits(), conf.trustedProxies(), conf.tls().isOn() || conf.h2c(), System::nanoTime);
        var queued = new QueuedBytes(conf.limits().queueBytes());
        metrics.observeQueuedBytes(queued::sum);
        closers.add(listeners::close);
        return listeners.open(
                conf,
                eventLoops,
                certificate -> new HttpVerticle(
                        withToken,
                        certificate,
                        log.log(),
                        log.notifications(),
                        new Subscribers(
                                log.log(), timeouts, MainVerticle::nowMillis, randoms.get(), metrics, queued::isFull),
                        new TokenAuthorizer(withToken, jwts),
                        limits,
                        queued,
                        randoms.get(),
                        metrics,
                        this::drainTime));
    }

    /** A clock that never goes back, unlike the wall clock. */
    private static long nowMillis() {
        return System.nanoTime() / 1_000_000;
    }
}
